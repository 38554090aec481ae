package dev.ccbridge.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperatorConfigTest {
  private static final Path HOME = Path.of("/opt/cc-bridge");

  @Test
  void everySettingHasADefault() {
    var config = OperatorConfig.from(Map.of("XDG_STATE_HOME", "/state"), Map.of(), HOME);
    assertThat(config.kubeconfig()).isEmpty();
    assertThat(config.namespaces()).isEmpty();
    assertThat(config.data()).isEqualTo(Path.of("/state/cc-bridge"));
    assertThat(config.listenAddress().getHostString()).isEqualTo("127.0.0.1");
    assertThat(config.listenAddress().getPort()).isZero();
    assertThat(config.publicUrl()).isEmpty();
    assertThat(config.staticDirectory()).isEqualTo(HOME.resolve("target/static"));
    assertThat(config.receptorUrl()).isEmpty();
    assertThat(config.receptorAddress()).isEmpty();
    assertThat(config.stacks()).containsExactly("cflinuxfs4", "cflinuxfs3", "cflinuxfs2");
    assertThat(config.logLevel()).isEqualTo("info");
  }

  @Test
  void optionsWinOverTheEnvironment() {
    var config =
        OperatorConfig.from(
            Map.of(
                "CC_BRIDGE_NAMESPACES",
                "a, b",
                "CC_BRIDGE_DATA",
                "/env",
                "CC_BRIDGE_CELL_MEMORY_MB",
                "512"),
            Map.of(
                Setting.DATA, "/option",
                Setting.LISTEN_ADDRESS, "0.0.0.0:8085",
                Setting.RECEPTOR_URL, "http://u:p@receptor.test/"),
            HOME);
    assertThat(config.namespaces()).containsExactly("a", "b");
    assertThat(config.data()).isEqualTo(Path.of("/option"));
    assertThat(config.listenAddress().getPort()).isEqualTo(8085);
    assertThat(config.receptorUrl()).hasValue(URI.create("http://u:p@receptor.test"));
    assertThat(config.cellMemoryMb()).hasValue(512);
  }

  @ParameterizedTest
  @CsvSource({
    "LISTEN_ADDRESS, 8080, HOST:PORT",
    "LISTEN_ADDRESS, localhost:http, HOST:PORT",
    "LISTEN_ADDRESS, localhost:70000, HOST:PORT",
    "PUBLIC_URL, ftp://x, URL",
    "PUBLIC_URL, not a url, URL",
    "CELL_MEMORY_MB, 0, MB",
    "CELL_MEMORY_MB, much, MB",
    "LOG_LEVEL, loud, LEVEL",
  })
  void aWrongValueIsRefusedWithItsNameAndWhatWasExpected(
      Setting setting, String value, String form) {
    assertThatThrownBy(() -> OperatorConfig.from(Map.of(setting.variable(), value), Map.of(), HOME))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(setting.variable())
        .hasMessageContaining("\"" + value + "\"")
        .hasMessageContaining(form);
  }

  @Test
  void anUnknownSettingStopsTheStart() {
    assertThatThrownBy(
            () -> OperatorConfig.from(Map.of("CC_BRIDGE_NAMESPACE", "x"), Map.of(), HOME))
        .hasMessageContaining("unknown setting CC_BRIDGE_NAMESPACE;")
        .hasMessageContaining("CC_BRIDGE_NAMESPACES");
  }

  @Test
  void secretsAreHiddenWhereSettingsAreShown() {
    var secrets =
        Map.of(
            "CC_BRIDGE_CC_PASSWORD",
            "hunter2",
            "CC_BRIDGE_RECEPTOR_URL",
            "http://u:hunter2@r.test");
    assertThat(OperatorConfig.describe(secrets, Map.of()).toString()).doesNotContain("hunter2");
    assertThatThrownBy(
            () ->
                OperatorConfig.from(
                    Map.of("CC_BRIDGE_RECEPTOR_URL", "u:hunter2@r"), Map.of(), HOME))
        .message()
        .doesNotContain("hunter2");
  }
}
