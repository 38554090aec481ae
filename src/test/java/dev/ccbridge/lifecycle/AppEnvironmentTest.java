package dev.ccbridge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AppEnvironmentTest {
  @Test
  void whatTheWrapperHidIsBackAndWhatItSetIsGone() {
    var environment =
        new HashMap<>(
            Map.of(
                "CCBRIDGE_APP_JAVA_TOOL_OPTIONS", "-Dx=y",
                "LC_ALL", "C.UTF-8",
                "PORT", "1"));

    AppEnvironment.restore(environment);

    assertThat(environment).isEqualTo(Map.of("JAVA_TOOL_OPTIONS", "-Dx=y", "PORT", "1"));
  }
}
