package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.e2e.CallSites.Moment;
import dev.ccbridge.e2e.CallSites.Site;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
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

  /** What a flow did not come to, as another fault led it elsewhere, is tried again. */
  private static final int TRIES = 2;

  private static final Duration LATE = Duration.ofSeconds(3);

  /** By then the staging's end has been told. */
  private static final Duration TOO_LATE = Duration.ofSeconds(10);

  @TempDir Path data;

  /** How a point is come to. */
  private enum Way {
    /** Only a start of the bridge makes the call. */
    START,
    /** Made again when what there is has been cut. */
    STREAM,
    /** In the life of an app. */
    FLOW
  }

  /** One thing that goes wrong once. */
  private record Point(Site site, Fault fault, Way way) {
    @Override
    public String toString() {
      return fault + " " + site;
    }
  }

  @AfterEach
  void nothingRunsOn() throws Exception {
    assertThat(Processes.mentioning(data)).isEmpty();
  }

  @Test
  void theEndIsThatOfAnUndisturbedRun() throws Exception {
    try (var bridge = BridgeBetweenRelays.start(data, "--communication-timeout=2s")) {
      var apps = new ArrayList<String>();
      var all = record(bridge, apps);
      assertThat(all).as("what can go wrong").hasSizeGreaterThan(300);
      var chosen = chosen(all);
      System.out.printf("%d things to go wrong, %d of them now%n", all.size(), chosen.size());
      var unmet = new ArrayList<Point>();
      for (var way : Way.values()) {
        unmet.addAll(disturb(bridge, apps, chosen.stream().filter(p -> p.way() == way).toList()));
      }
      bridge.awaitNothingLeft(apps);
      assertThat(bridge.imitations())
          .as("answers to forged callbacks, and to those that came twice or late")
          .allSatisfy(
              one ->
                  assertThat(one.status())
                      .as(one.kind())
                      .isIn(one.kind().equals("forged") ? Set.of(403) : Set.of(200, 404, 503)));
      System.out.printf(
          "%d went wrong, %d were not met; the bridge was started %d times%n%s%n",
          chosen.size() - unmet.size(), unmet.size(), bridge.starts(), bridge.imitations());
      unmet.forEach(point -> System.out.println("  not met " + point));
      assertThat(unmet.size()).as("not met").isLessThanOrEqualTo(chosen.size() / 4);
    }
  }

  /** An undisturbed flow shows the calls. */
  private static List<Point> record(BridgeBetweenRelays bridge, List<String> apps)
      throws Exception {
    var sites = bridge.sites();
    var atStart = new HashSet<>(sites.sites());
    sites.restartCounting();
    apps.add(bridge.flow("undisturbed"));
    atStart.removeIf(sites::wasMet);
    return sites.sites().stream()
        .flatMap(
            site -> faults(site).stream().map(fault -> new Point(site, fault, way(site, atStart))))
        .toList();
  }

  private static Way way(Site site, Set<Site> atStart) {
    if (site.isStream()) {
      return Way.STREAM;
    }
    return atStart.contains(site) ? Way.START : Way.FLOW;
  }

  private static List<Fault> faults(Site site) {
    var faults = new ArrayList<Fault>();
    if (site.isStream()) {
      if (site.occurrence() == 1) {
        faults.addAll(site.moment() == Moment.BEFORE ? refusals() : ofStream(site));
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
      faults.addAll(refusals());
    }
    return faults.stream().distinct().toList();
  }

  private static List<Fault> refusals() {
    return List.of(
        Fault.Status.of(409),
        Fault.Status.of(410),
        Fault.Status.of(429),
        new Fault.Status(429, OptionalInt.of(1)),
        Fault.Status.of(500),
        Fault.Status.of(503));
  }

  private static List<Fault> ofStream(Site site) {
    var faults =
        new ArrayList<Fault>(
            List.of(
                new Fault.Late(LATE),
                new Fault.Repeated(),
                new Fault.CutBeforeEvent(),
                new Fault.CutInEvent()));
    faults.add(site.call().endsWith("?watch") ? new Fault.GoneEvent() : new Fault.Silence());
    return faults;
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

  private static List<Point> chosen(List<Point> all) {
    var only = System.getProperty("fault.only");
    if (only != null) {
      var wanted = Pattern.compile(only);
      return all.stream().filter(point -> wanted.matcher(point.toString()).find()).toList();
    }
    if (System.getProperty("fault.points", "").equals("all")) {
      return all;
    }
    var seed = Long.getLong("fault.seed", System.currentTimeMillis() / 86_400_000);
    System.out.println("-Dfault.seed=" + seed);
    var shuffled = new ArrayList<>(all);
    Collections.shuffle(shuffled, new Random(seed));
    // Each build tries to deceive the stager.
    shuffled.sort(Comparator.comparing(point -> !(point.fault() instanceof Fault.Imitated)));
    return Stream.of(Way.values())
        .flatMap(
            way ->
                oneOfEachCall(shuffled, way).stream()
                    .limit(way == Way.FLOW ? 2 * AT_A_TIME : AT_A_TIME))
        .toList();
  }

  private static List<Point> oneOfEachCall(List<Point> points, Way way) {
    return List.copyOf(
        points.stream()
            .filter(p -> p.way() == way)
            .collect(
                Collectors.toMap(
                    p -> p.site().call(), Function.identity(), (a, b) -> a, LinkedHashMap::new))
            .values());
  }

  /** Gives what was not met. */
  private static List<Point> disturb(
      BridgeBetweenRelays bridge, List<String> apps, List<Point> points) throws Exception {
    var waiting = new ArrayDeque<>(points);
    var tries = new HashMap<Point, Integer>();
    var unmet = new ArrayList<Point>();
    while (!waiting.isEmpty()) {
      var now = next(waiting);
      for (var point : meet(bridge, apps, now)) {
        (tries.merge(point, 1, Integer::sum) < TRIES ? waiting : unmet).add(point);
      }
    }
    return unmet;
  }

  /** Some that wait, of different calls. */
  private static List<Point> next(Deque<Point> waiting) {
    var now = new ArrayList<Point>();
    var calls = new HashSet<String>();
    for (var all = waiting.iterator(); all.hasNext() && now.size() < AT_A_TIME; ) {
      var point = all.next();
      if (calls.add(point.site().call())) {
        now.add(point);
        all.remove();
      }
    }
    return now;
  }

  private static List<Point> meet(BridgeBetweenRelays bridge, List<String> apps, List<Point> points)
      throws Exception {
    var begin = System.nanoTime();
    var sites = bridge.sites();
    sites.restartCounting();
    points.forEach(point -> sites.arm(point.site(), point.fault()));
    switch (points.getFirst().way()) {
      case START -> bridge.kill();
      case STREAM -> bridge.cutStreams();
      case FLOW -> {}
    }
    var what = points.stream().map(Point::toString).collect(Collectors.joining(", "));
    System.out.println("going wrong: " + what);
    apps.add(bridge.flow(what));
    var unmet = sites.disarm();
    System.out.printf(
        "  %d s, %d not met%n", (System.nanoTime() - begin) / 1_000_000_000, unmet.size());
    return points.stream().filter(point -> unmet.contains(point.site())).toList();
  }
}
