package dev.ccbridge.receptor.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ccbridge.CcBridgeException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReceptorServerConfigTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  void isOpenAndWithoutCorsByDefault() {
    assertThat(ReceptorServerConfig.defaults())
        .isEqualTo(
            new ReceptorServerConfig(
                "", "", false, Map.of(), Optional.empty(), 1_048_576, Duration.ofSeconds(15)));
  }

  @Test
  void takesCredentialsAndCorsAndHidesThePassword() {
    var config = ReceptorServerConfig.defaults().withCredentials("user", "s3cret").withCors();
    assertThat(config.username()).isEqualTo("user");
    assertThat(config.password()).isEqualTo("s3cret");
    assertThat(config.corsEnabled()).isTrue();
    assertThat(config.toString()).contains("user").doesNotContain("s3cret");
  }

  @Test
  void namesTheBadSetting() {
    refuses("maxBodyBytes", () -> with("", "", 0, SECOND));
    refuses("heartbeatInterval", () -> with("", "", 1, Duration.ZERO));
    refuses("username", () -> with("", "s3cret", 1, SECOND));
  }

  private static void with(String user, String password, int maxBodyBytes, Duration heartbeat) {
    new ReceptorServerConfig(
        user, password, false, Map.of(), Optional.empty(), maxBodyBytes, heartbeat);
  }

  private static void refuses(String setting, Runnable call) {
    assertThatExceptionOfType(CcBridgeException.class)
        .isThrownBy(call::run)
        .withMessageContaining(setting)
        .withMessageNotContaining("s3cret");
  }
}
