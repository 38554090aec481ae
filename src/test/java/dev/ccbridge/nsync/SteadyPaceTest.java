package dev.ccbridge.nsync;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SteadyPaceTest {
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  /** Close to where the clock of a JVM may begin anew. */
  private long now = Long.MAX_VALUE - Duration.ofSeconds(1).toNanos();

  private final SteadyPace pace = new SteadyPace(() -> now);
  private final SteadyPace.State resource = pace.initState();

  @Test
  void twentyPassesGoThroughAtOnceThenOneASecond() {
    assertThat(passes()).isEqualTo(20);
    assertThat(pace.isLimited(resource)).contains(INTERVAL);

    pass(INTERVAL.dividedBy(5));
    assertThat(pace.isLimited(resource)).contains(INTERVAL.dividedBy(5).multipliedBy(4));

    pass(INTERVAL.dividedBy(5).multipliedBy(4));
    assertThat(passes()).isEqualTo(1);
    assertThat(pace.isLimited(resource)).contains(INTERVAL);
  }

  @Test
  void beingRefusedCostsNothing() {
    passes();
    for (int i = 0; i < 100; i++) {
      pace.isLimited(resource);
    }
    pass(INTERVAL);
    assertThat(pace.isLimited(resource)).isEmpty();
  }

  @Test
  void whatWasNotUsedComesBackUpToTwenty() {
    passes();
    pass(INTERVAL.multipliedBy(3));
    assertThat(passes()).isEqualTo(3);

    pass(Duration.ofHours(1));
    assertThat(passes()).isEqualTo(20);
  }

  @Test
  void resourcesDoNotWaitForEachOther() {
    passes();
    assertThat(pace.isLimited(pace.initState())).isEqualTo(Optional.empty());
  }

  private int passes() {
    int passes = 0;
    while (pace.isLimited(resource).isEmpty()) {
      passes++;
    }
    return passes;
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }
}
