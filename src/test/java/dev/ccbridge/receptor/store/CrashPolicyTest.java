package dev.ccbridge.receptor.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CrashPolicyTest {
  @ParameterizedTest
  @CsvSource({
    "1, 0",
    "2, 0",
    "3, 30",
    "4, 60",
    "5, 120",
    "6, 240",
    "7, 480",
    "8, 960",
    "9, 960",
    "199, 960"
  })
  void waitsLongerFromCrashToCrash(int crashCount, long seconds) {
    assertThat(CrashPolicy.restartDelay(crashCount)).hasValue(Duration.ofSeconds(seconds));
  }

  @Test
  void givesUpAfterTwoHundredCrashes() {
    assertThat(CrashPolicy.restartDelay(200)).isEmpty();
    assertThat(CrashPolicy.restartDelay(1000)).isEmpty();
  }
}
