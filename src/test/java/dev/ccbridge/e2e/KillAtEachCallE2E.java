package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILL at each call that the bridge makes or is asked, while a Cloud Controller stages, runs,
 * scales, compares and stops an app that crashes once: the end is that of an undisturbed run, CC
 * hears of every completion and every crash, and of nothing that did not happen.
 *
 * <p>The points come from recording a run through relays that stand between the bridge and each
 * neighbour. All points: {@code -Dkill.points=all}, or {@code 1/2} and {@code 2/2} in two runs;
 * otherwise every so manieth, another part of them each day, so that all are met in time. {@code
 * -Dkill.only=regex} takes only those in whose name it is found.
 */
@Timeout(10_800)
class KillAtEachCallE2E {
  /** How many points a usual build takes. */
  private static final int USUAL = 8;

  @TempDir Path data;

  @AfterEach
  void nothingRunsOn() throws Exception {
    assertThat(Processes.mentioning(data)).isEmpty();
  }

  @Test
  void ccHearsOfWhatHappenedAndOfNothingElse() throws Exception {
    try (var bridge = BridgeBetweenRelays.start(data)) {
      var disturbances = new Disturbances(bridge, 1);
      var all = disturbances.record(site -> List.of(new Fault.Death(bridge::kill)));
      assertThat(all).as("points found by recording").hasSizeGreaterThan(40);
      disturbances.meet(all, Disturbances.ofToday("kill", all, USUAL));
      bridge.awaitNothingLeft();
    }
  }
}
