package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.e2e.CallSites.Moment;
import dev.ccbridge.e2e.CallSites.Site;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two bridges on one Kubernetes API and one Receptor. The one that leads stands still in the middle
 * of a staging for longer than its leases, and goes on when the other has them: it ends by itself,
 * and the end is that of an undisturbed run.
 */
@Timeout(600)
class TakeOverE2E {
  private static final int LOST = 1;

  @TempDir Path data;

  @AfterEach
  void nothingRunsOn() throws Exception {
    assertThat(Processes.mentioning(data)).isEmpty();
  }

  @Test
  void whoLostHisLeasesEndsAndTheOtherGoesOnWithHisTasks() throws Exception {
    try (var bridge = BridgeBetweenRelays.start(data)) {
      bridge.startStandby();
      var stands = new CountDownLatch(1);
      bridge
          .sites()
          .arm(
              new Site("receptor POST /v1/tasks", 1, Moment.AFTER),
              new Fault.Death(
                  () -> {
                    bridge.pause();
                    stands.countDown();
                  }));
      var resumed =
          new FutureTask<>(
              () -> {
                stands.await();
                return bridge.resumeWhenTheOtherLeads();
              });
      Thread.ofVirtual().start(resumed);

      bridge.flow("the leader stands still");

      var first = resumed.get();
      assertThat(first.awaitEnd(Duration.ofSeconds(60))).isEqualTo(LOST);
      assertThat(first.output()).contains("lost-lock");
      bridge.awaitNothingLeft();
    }
  }
}
