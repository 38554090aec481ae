package dev.ccbridge.executor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordingTest {
  @ParameterizedTest
  @CsvSource({
    "PT0S, 0s",
    "PT0.000000001S, 1ns",
    "PT0.0000015S, 1.5µs",
    "PT0.5S, 500ms",
    "PT0.0015S, 1.5ms",
    "PT1S, 1s",
    "PT1.25S, 1.25s",
    "PT1M30S, 1m30s",
    "PT15M, 15m0s",
    "PT1H, 1h0m0s",
    "PT25H1M0.001S, 25h1m0.001s"
  })
  void durationsAreInGoNotation(Duration duration, String text) {
    assertThat(Wording.duration(duration.toNanos())).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 1B",
    "1023, 1023B",
    "1024, 1K",
    "1536, 1.5K",
    "209715200, 200M",
    "5368709120, 5G",
    "1125899906842624, 1024T"
  })
  void sizesHaveOneDecimalAtMost(long bytes, String text) {
    assertThat(Wording.size(bytes)).isEqualTo(text);
  }

  @Test
  void aggregatesListEachFailureOnItsLine() {
    assertThat(Wording.aggregate(List.of("Exited with status 4")))
        .isEqualTo("1 error(s) occurred:\n\n* Exited with status 4");
    assertThat(Wording.aggregate(List.of("Exited with status 4", "cancelled")))
        .isEqualTo("2 error(s) occurred:\n\n* Exited with status 4\n* cancelled");
  }
}
