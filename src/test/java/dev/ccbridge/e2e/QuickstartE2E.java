package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The main job, as a newcomer does it. */
@Timeout(300)
class QuickstartE2E {
  private static final Duration LIMIT = Duration.ofSeconds(150);

  @TempDir Path data;

  @Test
  void stagesTheSampleAndChecksThatTwoInstancesAnswer() throws Exception {
    try (var quickstart =
        Program.ccBridge(Map.of(), "quickstart", "--once", "--data", data.toString())) {
      assertThat(quickstart.awaitEnd(LIMIT)).as(quickstart.output()).isZero();
      assertThat(quickstart.output())
          .contains("run builder", "upload droplet", "instance 0", "instance 1")
          .matches("(?s).*\nquickstart: ok \\d+\\.\\d s");
    }
    assertThat(data.resolve("quickstart")).doesNotExist();
  }

  @Test
  void stagesADirectoryOfTheUsers(@TempDir Path source) throws Exception {
    Files.writeString(source.resolve("index.html"), "<h1>mine</h1>");
    try (var quickstart =
        Program.ccBridge(
            Map.of(), "quickstart", source.toString(), "--once", "--data", data.toString())) {
      assertThat(quickstart.awaitEnd(LIMIT)).as(quickstart.output()).isZero();
    }
  }

  @Test
  void saysWhatFailedAndEndsWithOne(@TempDir Path source) throws Exception {
    Files.writeString(source.resolve("notes.txt"), "nothing that a buildpack knows");
    try (var quickstart =
        Program.ccBridge(
            Map.of(), "quickstart", source.toString(), "--once", "--data", data.toString())) {
      assertThat(quickstart.awaitEnd(LIMIT)).as(quickstart.output()).isEqualTo(1);
      assertThat(quickstart.output()).contains("quickstart: FAILED", "NoAppDetectedError");
    }
  }

  @Test
  void refusesAWrongDirectoryAndAnUnknownOptionWithTheirNames() throws Exception {
    try (var noDirectory =
        Program.ccBridge(Map.of(), "quickstart", "/no/such/dir", "--data", data.toString())) {
      assertThat(noDirectory.awaitEnd(LIMIT)).isEqualTo(1);
      assertThat(noDirectory.output()).contains("DIR is /no/such/dir");
    }
    try (var unknown = Program.ccBridge(Map.of(), "quickstart", "--onse")) {
      assertThat(unknown.awaitEnd(LIMIT)).isEqualTo(2);
      assertThat(unknown.output()).contains("--onse");
    }
    try (var setting = Program.ccBridge(Map.of("CC_BRIDGE_LOG_LEVEL", "loud"), "operator")) {
      assertThat(setting.awaitEnd(LIMIT)).isEqualTo(2);
      assertThat(setting.output()).contains("CC_BRIDGE_LOG_LEVEL", "loud");
    }
  }

  @Test
  void ctrlCLeavesNothingBehind() throws Exception {
    try (var quickstart = Program.ccBridge(Map.of(), "quickstart", "--data", data.toString())) {
      quickstart.awaitLine("Ctrl-C ends everything", LIMIT);
      quickstart.interrupt();
      quickstart.awaitEnd(LIMIT);
    }
    assertThat(data.resolve("quickstart")).doesNotExist();
    assertThat(Processes.mentioning(data)).isEmpty();
  }
}
