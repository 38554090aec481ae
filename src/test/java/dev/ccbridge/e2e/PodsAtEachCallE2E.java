package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.e2e.CallSites.Moment;
import dev.ccbridge.e2e.CallSites.Site;
import dev.ccbridge.e2e.Disturbances.Point;
import dev.ccbridge.e2e.Disturbances.Way;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The operator with Pods on a real node, killed at each call that it makes of the Kubernetes API,
 * and all that can go wrong with such a call, while an app is staged, run, scaled, updated and
 * deleted: each time all is as without that, and nothing ran twice.
 *
 * <p>A usual build takes some points, other ones each day; {@code -Dkill.points=all} and {@code
 * -Dfault.points=all} take all, {@code -Dkill.only=regex} and {@code -Dfault.only=regex} those in
 * whose name it is found, {@code -Dfault.seed} those of another day.
 */
@Timeout(6 * 3600)
class PodsAtEachCallE2E {
  /** How many points a usual build is killed at. */
  private static final int USUAL = 6;

  /** How many things go wrong in one flow, or how often it is killed in one. */
  private static final int AT_A_TIME = 6;

  @TempDir Path data;

  @AfterEach
  void nothingRunsOn() throws Exception {
    assertThat(Processes.mentioning(data)).isEmpty();
  }

  @Test
  void theEndIsTheSameWhenItIsKilled() throws Exception {
    try (var pods = PodsBehindRelay.start(data)) {
      var disturbances = new Disturbances(pods, AT_A_TIME);
      var all = disturbances.record(site -> List.of(new Fault.Death(pods::kill)));
      assertThat(all).as("points found by recording").hasSizeGreaterThan(40);
      disturbances.meet(all, Disturbances.ofToday("kill", all, USUAL));
      System.out.println(pods.runs());
    }
  }

  @Test
  void theEndIsTheSameWhenCallsFail() throws Exception {
    try (var pods = PodsBehindRelay.start(data)) {
      var disturbances = new Disturbances(pods, AT_A_TIME);
      var all = disturbances.record(PodsAtEachCallE2E::faults);
      assertThat(all).as("what can go wrong").hasSizeGreaterThan(300);
      disturbances.meet(all, Disturbances.bySeed("fault", all, PodsAtEachCallE2E::some));
      System.out.println(pods.runs());
    }
  }

  private static List<Fault> faults(Site site) {
    if (site.isStream() && site.occurrence() > 1) {
      return List.of();
    }
    var faults = new ArrayList<Fault>();
    if (site.isStream() && site.moment() == Moment.AFTER) {
      faults.addAll(Disturbances.ofStream(site));
    } else {
      faults.addAll(Disturbances.refusals());
      faults.add(new Fault.Reset());
      faults.add(new Fault.Hang());
    }
    return faults;
  }

  private static List<Point> some(List<Point> shuffled) {
    return Stream.of(Way.FLOW, Way.STREAM)
        .flatMap(way -> Disturbances.oneOfEachCall(shuffled, way).stream().limit(AT_A_TIME))
        .toList();
  }
}
