package dev.ccbridge.nsync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.receptor.model.LogLine;
import java.util.List;
import org.junit.jupiter.api.Test;

class CrashWordsTest {
  private static final String CRASHED =
      "2 error(s) occurred:\n\n* 1 error(s) occurred:\n\n* Exited with status 7\n* cancelled";

  @Test
  void ofAnAggregateOnlyTheCausesAreTold() {
    assertThat(CrashWords.reason(CRASHED, List.of())).isEqualTo("Exited with status 7");
    assertThat(CrashWords.reason("2 error(s) occurred:\n\n* a\n* b", List.of())).isEqualTo("a, b");
  }

  @Test
  void anAggregateWithoutACauseIsToldAsItIs() {
    var reason = "1 error(s) occurred:\n\n* cancelled";
    assertThat(CrashWords.reason(reason, List.of())).isEqualTo(reason);
  }

  @Test
  void anythingElseIsToldAsItIs() {
    assertThat(CrashWords.reason("Downloading failed", List.of())).isEqualTo("Downloading failed");
    assertThat(CrashWords.reason("", List.of())).isEqualTo("the process ended by itself");
  }

  @Test
  void anAppThatNeverListensIsToldToListen() {
    var lines = List.of(line("CELL", "Timed out after 1m0s: health check never passed."));
    assertThat(CrashWords.reason("2 error(s) occurred:\n\n* Exited with status 1", lines))
        .isEqualTo(
            "the health check never passed within 1m0s (spec.healthCheck): the app has to listen"
                + " on the port that PORT names");
    assertThat(CrashWords.output(lines, 10)).isEmpty();
  }

  @Test
  void theOutputIsTheAppsOwn() {
    var lines =
        List.of(
            line("APP", "one"),
            line("APP", "two"),
            line("HEALTH", "healthcheck failed"),
            line("APP", "cannot bind"),
            line("APP", "Exit status 7"));
    assertThat(CrashWords.output(lines, 2)).contains("two\ncannot bind");
  }

  private static LogLine line(String source, String text) {
    return new LogLine(1, source, 0, false, text);
  }
}
