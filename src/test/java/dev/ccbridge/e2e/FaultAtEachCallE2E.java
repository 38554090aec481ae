package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.e2e.CallSites.Moment;
import dev.ccbridge.e2e.CallSites.Site;
import dev.ccbridge.e2e.Disturbances.Point;
import dev.ccbridge.e2e.Disturbances.Way;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything but death goes wrong at each call that the bridge makes or is asked, several calls at
 * a time, while a Cloud Controller takes apps through their lives: errors, lost and halved answers,
 * silence; watches and event streams that end, come late, repeat themselves, or have forgotten
 * where they were. The end is that of an undisturbed run.
 *
 * <p>All points with all that can go wrong there: {@code -Dfault.points=all}. Otherwise some,
 * chosen by {@code -Dfault.seed}, which is another one each day. {@code -Dfault.only=regex} takes
 * only those in whose name it is found.
 */
@Timeout(4 * 3600)
class FaultAtEachCallE2E {
  /** In one flow; each changes what comes after it. */
  private static final int AT_A_TIME = 6;

  /** By then the staging's end has been told. */
  private static final Duration TOO_LATE = Duration.ofSeconds(10);

  @TempDir Path data;

  @AfterEach
  void nothingRunsOn() throws Exception {
    assertThat(Processes.mentioning(data)).isEmpty();
  }

  @Test
  void theEndIsThatOfAnUndisturbedRun() throws Exception {
    try (var bridge = BridgeBetweenRelays.start(data, "--communication-timeout=2s")) {
      var disturbances = new Disturbances(bridge, AT_A_TIME);
      var all = disturbances.record(FaultAtEachCallE2E::faults);
      assertThat(all).as("what can go wrong").hasSizeGreaterThan(300);
      disturbances.meet(all, Disturbances.bySeed("fault", all, FaultAtEachCallE2E::some));
      bridge.awaitNothingLeft();
      assertThat(bridge.imitations())
          .as("answers to forged callbacks, and to those that came twice or late")
          .allSatisfy(
              one ->
                  assertThat(one.status())
                      .as(one.kind())
                      .isIn(one.kind().equals("forged") ? Set.of(403) : Set.of(200, 404, 503)));
      System.out.println(bridge.imitations());
    }
  }

  private static List<Fault> faults(Site site) {
    var faults = new ArrayList<Fault>();
    if (site.isStream()) {
      if (site.occurrence() == 1) {
        faults.addAll(
            site.moment() == Moment.BEFORE ? Disturbances.refusals() : Disturbances.ofStream(site));
      }
      return faults;
    }
    faults.add(new Fault.Reset());
    faults.add(Fault.Status.of(503));
    if (isUpload(site)) {
      // A cell tries these three times; any other answer ends its task.
      return faults;
    }
    faults.add(new Fault.Hang());
    if (isCallback(site) && site.moment() == Moment.BEFORE) {
      faults.add(new Fault.Imitated(TOO_LATE));
    }
    if (site.moment() == Moment.AFTER) {
      faults.add(new Fault.HalfBody());
    }
    // What is refused for good is refused: a neighbour that does so without having meant it is
    // believed. So these come only where it has heard already.
    if (site.moment() == Moment.AFTER || !(isToldForGood(site))) {
      faults.addAll(Disturbances.refusals());
    }
    return faults.stream().distinct().toList();
  }

  /** An outcome for Cloud Controller, and a task's end for the stager. */
  private static boolean isToldForGood(Site site) {
    return site.call().startsWith("cc POST") || isCallback(site);
  }

  private static boolean isCallback(Site site) {
    return site.call().endsWith("/completed") && site.call().startsWith("stager");
  }

  private static boolean isUpload(Site site) {
    return site.call().startsWith("uploader");
  }

  /** Each build tries to deceive the stager. */
  private static List<Point> some(List<Point> shuffled) {
    var sorted = new ArrayList<>(shuffled);
    sorted.sort(Comparator.comparing(point -> !(point.fault() instanceof Fault.Imitated)));
    return Stream.of(Way.values())
        .flatMap(
            way ->
                Disturbances.oneOfEachCall(sorted, way).stream()
                    .limit(way == Way.FLOW ? 2 * AT_A_TIME : AT_A_TIME))
        .toList();
  }
}
