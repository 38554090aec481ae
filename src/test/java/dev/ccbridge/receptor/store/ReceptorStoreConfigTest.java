package dev.ccbridge.receptor.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ccbridge.CcBridgeException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReceptorStoreConfigTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  void hasTheOriginalsNumbersByDefault() {
    assertThat(ReceptorStoreConfig.defaults())
        .isEqualTo(
            new ReceptorStoreConfig(
                Duration.ofSeconds(30),
                Duration.ofMinutes(30),
                Duration.ofSeconds(120),
                Duration.ofMinutes(10),
                Duration.ofSeconds(30),
                20,
                Duration.ofSeconds(10)));
  }

  @Test
  void changesHowLongFinishedTasksAreKept() {
    var config = ReceptorStoreConfig.defaults().withExpireCompleted(Duration.ofDays(7));
    assertThat(config.expireCompleted()).isEqualTo(Duration.ofDays(7));
    assertThat(config.withExpireCompleted(Duration.ofSeconds(120)))
        .isEqualTo(ReceptorStoreConfig.defaults());
  }

  @Test
  void namesTheBadSetting() {
    var zero = Duration.ZERO;
    refuses("kickInterval", () -> with(zero, SECOND, SECOND, SECOND, SECOND, 1, SECOND));
    refuses("expirePending", () -> with(SECOND, zero, SECOND, SECOND, SECOND, 1, SECOND));
    refuses("expireCompleted", () -> with(SECOND, SECOND, zero, SECOND, SECOND, 1, SECOND));
    refuses("evacuationTimeout", () -> with(SECOND, SECOND, SECOND, zero, SECOND, 1, SECOND));
    refuses("convergeInterval", () -> with(SECOND, SECOND, SECOND, SECOND, zero, 1, SECOND));
    refuses("callbackWorkers", () -> with(SECOND, SECOND, SECOND, SECOND, SECOND, 0, SECOND));
    refuses("callbackTimeout", () -> with(SECOND, SECOND, SECOND, SECOND, SECOND, 1, zero));
  }

  private static void with(
      Duration kick,
      Duration pending,
      Duration completed,
      Duration evacuation,
      Duration converge,
      int workers,
      Duration callback) {
    new ReceptorStoreConfig(kick, pending, completed, evacuation, converge, workers, callback);
  }

  private static void refuses(String setting, Runnable call) {
    assertThatExceptionOfType(CcBridgeException.class)
        .isThrownBy(call::run)
        .withMessageContaining(setting);
  }
}
