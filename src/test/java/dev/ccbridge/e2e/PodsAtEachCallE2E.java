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
 * whose name it is found, {@code -Dfault.seed} those of another day. {@code -Dpoints.atATime=12}
 * lets twice as many happen in one flow, for when all are to be met.
 */
@Timeout(6 * 3600)
class PodsAtEachCallE2E {
  /** How many points a usual build is killed at. */
  private static final int USUAL = 6;

  /** How many things go wrong in one flow, or how often it is killed in one. */
  private static final int AT_A_TIME = Integer.getInteger("points.atATime", 6);

  @TempDir Path data;

  @AfterEach
  void nothingRunsOn() throws Exception {
    assertThat(Processes.mentioning(data)).isEmpty();
  }

  @Test
  void theEndIsThatOfAnUndisturbedRun() throws Exception {
    try (var pods = PodsBehindRelay.start(data)) {
      var disturbances = new Disturbances(pods, AT_A_TIME);
      var all = disturbances.record(site -> faults(site, new Fault.Death(pods::kill)));
      var deaths = all.stream().filter(p -> p.fault() instanceof Fault.Death).toList();
      assertThat(deaths).as("points found by recording").hasSizeGreaterThan(100);
      disturbances.meet(deaths, Disturbances.ofToday("kill", deaths, USUAL));
      var faults = all.stream().filter(p -> !(p.fault() instanceof Fault.Death)).toList();
      assertThat(faults).as("what else can go wrong").hasSizeGreaterThan(800);
      disturbances.meet(faults, Disturbances.bySeed("fault", faults, PodsAtEachCallE2E::some));
      System.out.println(pods.runs());
    }
  }

  private static List<Fault> faults(Site site, Fault death) {
    var faults = new ArrayList<>(List.of(death));
    if (site.isStream() && site.occurrence() > 1) {
      return faults;
    }
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
