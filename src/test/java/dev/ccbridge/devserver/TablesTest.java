package dev.ccbridge.devserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TablesTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0s",
    "119, 119s",
    "120, 2m",
    "150, 2m30s",
    "599, 9m59s",
    "600, 10m",
    "10799, 179m",
    "10800, 3h",
    "11000, 3h3m",
    "28800, 8h",
    "172799, 47h",
    "172800, 2d",
    "180000, 2d2h",
    "691200, 8d",
    "63072000, 2y",
    "-5, <invalid>",
    "-1, 0s"
  })
  void writesAgesAsKubectlDoes(long seconds, String text) {
    assertThat(Tables.humanDuration(Duration.ofSeconds(seconds))).isEqualTo(text);
  }
}
