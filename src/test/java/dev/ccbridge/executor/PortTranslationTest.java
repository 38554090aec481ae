package dev.ccbridge.executor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.receptor.model.PortMapping;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PortTranslationTest {
  private final PortTranslation ports =
      new PortTranslation(List.of(new PortMapping(8080, 61001), new PortMapping(2222, 61002)));

  @ParameterizedTest
  @CsvSource({
    "-port=8080, -port=61001",
    "--port=8080, --port=61001",
    "-address=0.0.0.0:2222, -address=0.0.0.0:61002",
    "-address=[::]:2222, -address=[::]:61002",
    "-port=9999, -port=9999",
    "-port=80801, -port=80801",
    "-uri=http://x:8080, -uri=http://x:8080",
    "8080, 8080"
  })
  void translatesTheArgumentsThatNameAPort(String argument, String translated) {
    assertThat(ports.argument(argument)).isEqualTo(translated);
  }

  @Test
  void translatesThePortVariableAlone() {
    assertThat(ports.variable("PORT", "8080")).isEqualTo("61001");
    assertThat(ports.variable("PORT", "9999")).isEqualTo("9999");
    assertThat(ports.variable("OTHER", "8080")).isEqualTo("8080");
  }
}
