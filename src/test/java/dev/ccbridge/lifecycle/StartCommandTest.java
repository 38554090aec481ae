package dev.ccbridge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StartCommandTest {
  @TempDir Path home;

  private String choose(String given, String metadata) {
    return StartCommand.choose(given, metadata, home.resolve("staging_info.yml"));
  }

  private void stagingInfo(String yaml) throws IOException {
    Files.writeString(home.resolve("staging_info.yml"), yaml);
  }

  @Test
  void theGivenCommandWinsAndNothingElseIsRead() throws IOException {
    stagingInfo("{");

    assertThat(choose("given", "not json")).isEqualTo("given");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"start_command\":\"a && b\"} | a && b",
        "{\"START_COMMAND\":\"a\",\"x\":1} | a",
        "{\"start_command\":null} | ''",
        "{} | ''",
        "null | ''"
      })
  void theMetadataIsNextAndTheLastWordWhenThere(String metadata, String command)
      throws IOException {
    stagingInfo("start_command: from droplet");

    assertThat(choose("", metadata)).isEqualTo(command);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "[]", "\"x\"", "{\"start_command\":1}", "{} {}"})
  void badMetadataEndsTheLauncherWithOne(String metadata) {
    assertThatThrownBy(() -> choose("", metadata))
        .isInstanceOfSatisfying(
            LifecycleException.class, e -> assertThat(e.exitCode()).isEqualTo(1))
        .hasMessageStartingWith("Invalid metadata - ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "start_command: rake serve | rake serve",
        "{\"detected_buildpack\":\"\",\"start_command\":\"a \\u0026\\u0026 b\"} | a && b",
        "start_command: yes | yes",
        "start_command: 012 | 012",
        "start_command: | ''",
        "detected_buildpack: Ruby | ''",
        "'' | ''"
      })
  void withoutMetadataTheDropletIsAsked(String yaml, String command) throws IOException {
    stagingInfo(yaml);

    assertThat(choose("", "")).isEqualTo(command);
  }

  @Test
  void aDropletWithoutStagingInfoHasNoCommand() {
    assertThat(choose("", "")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a: b: c", "- list", "text", "start_command: [1]", "\"open"})
  void badStagingInfoEndsTheLauncherWithOne(String yaml) throws IOException {
    stagingInfo(yaml);

    assertThatThrownBy(() -> choose("", ""))
        .isInstanceOfSatisfying(
            LifecycleException.class, e -> assertThat(e.exitCode()).isEqualTo(1))
        .hasMessageStartingWith("Invalid staging info - invalid YAML");
  }
}
