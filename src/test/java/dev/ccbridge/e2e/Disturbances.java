package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.e2e.CallSites.Site;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Lets things go wrong at the calls of a program, found by recording a flow, in repetitions of that
 * flow.
 */
final class Disturbances {
  private static final long DAY_MILLIS = 86_400_000;
  private static final Duration LATE = Duration.ofSeconds(3);

  /** What a flow did not come to, as another fault led it elsewhere, is tried again. */
  private static final int TRIES = 2;

  /** So many flows that came to another end are told before the rest is given up. */
  private static final int FAILURES = 5;

  private final Disturbed program;
  private final int atATime;
  private final List<String> failures = new ArrayList<>();
  private int flows;

  /** How a point is come to. */
  enum Way {
    /** Only a start of the program makes the call. */
    START,
    /** Made again when what there is has been cut. */
    STREAM,
    /** In the life of an app. */
    FLOW
  }

  /** One thing that goes wrong once. */
  record Point(Site site, Fault fault, Way way) {
    @Override
    public String toString() {
      return fault + " " + site;
    }
  }

  /**
   * @param program has been started, and nothing asked of it yet
   * @param atATime in one flow; each changes what comes after it
   */
  Disturbances(Disturbed program, int atATime) {
    this.program = program;
    this.atATime = atATime;
  }

  /**
   * An undisturbed flow shows the calls.
   *
   * @param faults what can go wrong at one
   */
  List<Point> record(Function<Site, List<Fault>> faults) throws Exception {
    var sites = program.sites();
    var atStart = new HashSet<>(sites.sites());
    sites.restartCounting();
    flow("undisturbed");
    atStart.removeIf(sites::wasMet);
    return sites.sites().stream()
        .flatMap(
            site -> faults.apply(site).stream().map(f -> new Point(site, f, way(site, f, atStart))))
        .toList();
  }

  private static Way way(Site site, Fault fault, Collection<Site> atStart) {
    if (site.isStream()) {
      // The next life begins all streams, and each as often as this one has.
      return fault instanceof Fault.Death ? Way.START : Way.STREAM;
    }
    return atStart.contains(site) ? Way.START : Way.FLOW;
  }

  private void flow(String what) throws Exception {
    flows++;
    program.flow(what);
  }

  /** Answers that refuse a call. */
  static List<Fault> refusals() {
    return List.of(
        Fault.Status.of(409),
        Fault.Status.of(410),
        Fault.Status.of(429),
        new Fault.Status(429, OptionalInt.of(1)),
        Fault.Status.of(500),
        Fault.Status.of(503));
  }

  /** What goes wrong with a watch or an event stream that has begun. */
  static List<Fault> ofStream(Site site) {
    return List.of(
        new Fault.Late(LATE),
        new Fault.Repeated(),
        new Fault.CutBeforeEvent(),
        new Fault.CutInEvent(),
        site.call().endsWith("?watch") ? new Fault.GoneEvent() : new Fault.Silence());
  }

  /**
   * All points, by {@code -DNAME.points=all}, or a part of them, by {@code -DNAME.points=2/3}, so
   * that several runs together take all; or those that {@code -DNAME.only=regex} finds.
   */
  private static Optional<List<Point>> named(String name, List<Point> all) {
    var only = System.getProperty(name + ".only");
    if (only != null) {
      var wanted = Pattern.compile(only);
      return Optional.of(
          all.stream().filter(point -> wanted.matcher(point.toString()).find()).toList());
    }
    var points = System.getProperty(name + ".points");
    if (points == null) {
      return Optional.empty();
    }
    return Optional.of(points.equals("all") ? all : part(points, all));
  }

  private static List<Point> part(String which, List<Point> all) {
    var words = Pattern.compile("([1-9][0-9]*)/([1-9][0-9]*)").matcher(which);
    var part = words.matches() ? Integer.parseInt(words.group(1)) : 1;
    var parts = words.matches() ? Integer.parseInt(words.group(2)) : 0;
    if (part > parts) {
      throw new IllegalArgumentException("points are " + which + ", wanted all or a part as 1/3");
    }
    // By the name, as each run finds them in an order of its own.
    return all.stream()
        .filter(point -> Math.floorMod(point.toString().hashCode(), parts) == part - 1)
        .toList();
  }

  /** The named ones, or every so manieth, another part of them each day. */
  static List<Point> ofToday(String name, List<Point> all, int usual) {
    var named = named(name, all);
    if (named.isPresent()) {
      return named.get();
    }
    var step = Math.max(1, all.size() / usual);
    var first = (int) (System.currentTimeMillis() / DAY_MILLIS % step);
    var chosen = new ArrayList<Point>();
    for (var i = first; i < all.size(); i += step) {
      chosen.add(all.get(i));
    }
    return chosen;
  }

  /** The named ones, or those that {@code some} takes of them in an order by the day's seed. */
  static List<Point> bySeed(String name, List<Point> all, Function<List<Point>, List<Point>> some) {
    var named = named(name, all);
    if (named.isPresent()) {
      return named.get();
    }
    var seed = Long.getLong(name + ".seed", System.currentTimeMillis() / DAY_MILLIS);
    System.out.println("-D" + name + ".seed=" + seed);
    var shuffled = new ArrayList<>(all);
    Collections.shuffle(shuffled, new Random(seed));
    return some.apply(shuffled);
  }

  /** The first of each call, of those that are come to in this way. */
  static List<Point> oneOfEachCall(List<Point> points, Way way) {
    return List.copyOf(
        points.stream()
            .filter(p -> p.way() == way)
            .collect(
                Collectors.toMap(
                    p -> p.site().call(), Function.identity(), (a, b) -> a, LinkedHashMap::new))
            .values());
  }

  /** Each of {@code chosen} goes wrong; nearly all have to be come to. */
  void meet(List<Point> all, List<Point> chosen) throws Exception {
    System.out.printf("%d things to go wrong, %d of them now%n", all.size(), chosen.size());
    var unmet = new ArrayList<Point>();
    for (var way : Way.values()) {
      unmet.addAll(meetAll(chosen.stream().filter(point -> point.way() == way).toList()));
    }
    System.out.printf(
        "%d went wrong, %d were not met; %d flows, the program was started %d times%n",
        chosen.size() - unmet.size(), unmet.size(), flows, program.starts());
    unmet.forEach(point -> System.out.println("  not met " + point));
    assertThat(failures).as("flows that came to another end").isEmpty();
    assertThat(unmet.size()).as("not met").isLessThanOrEqualTo(chosen.size() / 4);
  }

  /** Gives what was not met. */
  private List<Point> meetAll(List<Point> points) throws Exception {
    var waiting = new ArrayDeque<>(points);
    var tries = new HashMap<Point, Integer>();
    var unmet = new ArrayList<Point>();
    while (!waiting.isEmpty() && failures.size() < FAILURES) {
      for (var point : meetTogether(next(waiting))) {
        (tries.merge(point, 1, Integer::sum) < TRIES ? waiting : unmet).add(point);
      }
    }
    return unmet;
  }

  /** Some that wait, of different calls. */
  private List<Point> next(Deque<Point> waiting) {
    var now = new ArrayList<Point>();
    var calls = new HashSet<String>();
    for (var all = waiting.iterator(); all.hasNext() && now.size() < atATime; ) {
      var point = all.next();
      if (calls.add(point.site().call())) {
        now.add(point);
        all.remove();
      }
    }
    return now;
  }

  /** Calls of a start are counted from the start, so that several deaths follow each other. */
  private Fault inEachLife(Point point) {
    return point.way() == Way.START && point.fault() instanceof Fault.Death(var signal)
        ? new Fault.Death(
            () -> {
              signal.run();
              program.sites().restartCounting();
            })
        : point.fault();
  }

  private List<Point> meetTogether(List<Point> points) throws Exception {
    var begin = System.nanoTime();
    var sites = program.sites();
    sites.restartCounting();
    points.forEach(point -> sites.arm(point.site(), inEachLife(point)));
    switch (points.getFirst().way()) {
      case START -> {
        points.forEach(point -> program.undo(point.site()));
        program.kill();
      }
      case STREAM -> program.cutStreams();
      case FLOW -> {}
    }
    var what = points.stream().map(Point::toString).collect(Collectors.joining(", "));
    System.out.println("going wrong: " + what);
    try {
      flow(what);
    } catch (AssertionError | RuntimeException another) {
      System.out.println(another);
      failures.add(another.toString());
    }
    var unmet = sites.disarm();
    System.out.printf(
        "  %d s, %d not met%n", (System.nanoTime() - begin) / 1_000_000_000, unmet.size());
    return points.stream().filter(point -> unmet.contains(point.site())).toList();
  }
}
