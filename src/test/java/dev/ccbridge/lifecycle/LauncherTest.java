package dev.ccbridge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class LauncherTest {
  @TempDir Path home;
  private final Map<String, String> environment = new HashMap<>();

  private List<String> command(String... arguments) {
    return new Launcher("/tmp/lifecycle/launcher", home).command(List.of(arguments), environment);
  }

  @Test
  void theAppIsAtHomeInItsDirectoryAndHasATmpBesideIt() {
    var command = command("app", "run me", "");

    assertThat(environment).isEqualTo(Map.of("HOME", home + "/app", "TMPDIR", home + "/tmp"));
    assertThat(command).startsWith("bash", "-c").endsWith(home + "/app", "run me");
  }

  @Test
  void dependenciesOfTheDropletAreNamed() throws IOException {
    Files.createDirectories(home.resolve("deps"));

    command("app", "run me", "");

    assertThat(environment).containsEntry("DEPS_DIR", home + "/deps");
  }

  @Test
  void vcapApplicationIsRewritten() {
    environment.put("VCAP_APPLICATION", "{}");
    environment.put("PORT", "8080");

    command("app", "run me", "");

    assertThat(environment)
        .containsEntry(
            "VCAP_APPLICATION", "{\"host\":\"0.0.0.0\",\"instance_id\":\"\",\"port\":8080}");
  }

  @Test
  void withoutThreeArgumentsOrACommandTheUsageIsShown() {
    for (var arguments :
        List.of(new String[] {}, new String[] {"app", "x"}, new String[] {"app", "", ""})) {
      assertThatThrownBy(() -> command(arguments))
          .isInstanceOfSatisfying(
              LifecycleException.class, e -> assertThat(e.exitCode()).isEqualTo(1))
          .hasMessage("Usage: /tmp/lifecycle/launcher <app directory> <start command> <metadata>");
    }
  }

  @Test
  void whereTheProgramCannotBeReplacedTheChildsStatusIsPassedOn() {
    environment.put("STATUS", "7");

    assertThat(Launcher.runAsChild(List.of("/bin/sh", "-c", "exit $STATUS"), environment))
        .isEqualTo(7);
  }
}
