package dev.ccbridge.operator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DebugServerTest {
  @ParameterizedTest
  @CsvSource({
    "debug,debug", "DEBUG,debug", "d,debug", "0,debug",
    "info,info", "INFO,info", "i,info", "1,info",
    "error,error", "ERROR,error", "e,error", "2,error",
    "fatal,fatal", "FATAL,fatal", "f,fatal", "3,fatal",
  })
  void theOriginalsWordsMeanLevels(String body, String level) {
    assertThat(DebugServer.level(body)).hasValue(level);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "warn", "Debug", " info", "info\n", "4", "trace"})
  void everythingElseMeansNothing(String body) {
    assertThat(DebugServer.level(body)).isEmpty();
  }
}
