package dev.ccbridge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DockerLauncherTest {
  private final Map<String, String> environment = new HashMap<>();

  private DockerLauncher.Start start(String... arguments) {
    return new DockerLauncher("/tmp/lifecycle/launcher").start(List.of(arguments), environment);
  }

  @Test
  void aStartCommandIsAShellsAffair() {
    var start = start("app", "a && b", "{\"entrypoint\":[\"/x\"],\"workdir\":\"/w\"}");

    assertThat(start.words()).containsExactly("/bin/sh", "-c", "a && b");
    assertThat(start.directory()).isEqualTo(Path.of("/w"));
  }

  @Test
  void withoutOneTheImagesWordsAreThoseOfTheProcess() {
    var start = start("app", "", "{\"cmd\":[\"serve me\"],\"entrypoint\":[\"/x\",\"-v\"]}");

    assertThat(start.words()).containsExactly("/x", "-v", "serve me");
    assertThat(start.directory()).isEqualTo(Path.of("/"));
  }

  @Test
  void theEnvironmentIsDiegos() {
    environment.put("VCAP_APPLICATION", "{\"name\":\"a\"}");
    environment.put("PORT", "8080");

    start("app", "x", "{}");

    assertThat(environment)
        .containsEntry("HOME", "app")
        .containsEntry("TMPDIR", "app/tmp")
        .containsEntry(
            "VCAP_APPLICATION",
            "{\"host\":\"0.0.0.0\",\"instance_id\":\"\",\"name\":\"a\",\"port\":8080}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{}; No start command found or specified",
        "{\"cmd\":[]}; No start command found or specified",
        "x; Invalid metadata - ",
        "[]; Invalid metadata - want a JSON object",
        "''; Invalid metadata - ",
        "{\"cmd\":\"x\"}; Invalid metadata - cmd",
        "{\"cmd\":[1]}; Invalid metadata - cmd",
      })
  void metadataThatSaysNothingExitsWith1(String metadata, String message) {
    assertThatExceptionOfType(LifecycleException.class)
        .isThrownBy(() -> start("app", "", metadata))
        .withMessageStartingWith(message)
        .matches(e -> e.exitCode() == 1);
  }

  @Test
  void withTooFewArgumentsTheUsageIsShown() {
    assertThatExceptionOfType(LifecycleException.class)
        .isThrownBy(() -> start("app", "x"))
        .withMessage("Usage: /tmp/lifecycle/launcher <app directory> <start command> <metadata>");
  }

  @Test
  void theProgramIsSoughtInThePathAndTheWorkingDirectory(@TempDir Path work) throws Exception {
    var bin = Files.createDirectories(work.resolve("bin"));
    Files.writeString(bin.resolve("serve"), "");
    Files.setPosixFilePermissions(
        bin.resolve("serve"), PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(Files.createDirectory(work.resolve("data")).resolve("serve"), "");

    assertThat(locate(work, "serve", work + "/data:" + bin)).isEqualTo(bin + "/serve");
    assertThat(locate(work, "bin/serve", "")).isEqualTo(bin + "/serve");
    assertThat(locate(work, "/x/y", "")).isEqualTo("/x/y");
    assertThatExceptionOfType(LifecycleException.class)
        .isThrownBy(() -> locate(work, "nothing", bin.toString()))
        .withMessage("exec: \"nothing\": executable file not found in $PATH");
  }

  private static String locate(Path directory, String name, String path) {
    return DockerLauncher.locate(new DockerLauncher.Start(directory, List.of(name)), path);
  }
}
