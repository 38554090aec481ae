package dev.ccbridge.receptor.backend;

import dev.ccbridge.receptor.model.CellResponse;
import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.LogRange;
import dev.ccbridge.receptor.model.PortMapping;
import dev.ccbridge.receptor.model.TaskProgress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A backend whose containers do what the test says. A stopped container ends at once, with {@code
 * cancelled}, unless {@link #ignoreStops()} was called.
 */
public final class FakeBackend implements Backend {
  public static final String CELL = "fake-cell";
  public static final String ADDRESS = "10.0.0.1";

  private final Map<String, AtomicInteger> runs;
  private final Map<String, Container> running = new ConcurrentHashMap<>();
  private final Map<String, Container> placed = new ConcurrentHashMap<>();
  private final Map<String, TaskProgress> progress = new ConcurrentHashMap<>();
  private final Map<String, List<String>> printed = new ConcurrentHashMap<>();
  private final List<String> stops = new CopyOnWriteArrayList<>();
  private final List<String> destroyed = new CopyOnWriteArrayList<>();
  private final List<String> forgotten = new CopyOnWriteArrayList<>();
  private final Set<String> keptOf = ConcurrentHashMap.newKeySet();
  private final Set<String> evacuated = ConcurrentHashMap.newKeySet();
  private final Set<String> cells = new CopyOnWriteArraySet<>(Set.of(CELL));
  private final List<String> gone = new CopyOnWriteArrayList<>();
  private volatile ContainerListener listener;
  private volatile Optional<String> placementError = Optional.empty();
  private volatile boolean ignoresStops;
  private volatile boolean keepsInstances;

  /** Instances of an earlier process that run on, and outcomes of those that have ended. */
  private final Map<String, Container> kept = new ConcurrentHashMap<>();

  private final Map<String, ContainerOutcome> keptOutcomes = new ConcurrentHashMap<>();
  private volatile boolean cellsGone;
  private volatile boolean runFails;
  private volatile boolean placeFails;
  private volatile boolean closed;
  private volatile String cell = CELL;
  private volatile Consumer<Container> beforeRun = container -> {};
  private volatile Consumer<Container> whilePlacing = container -> {};

  public FakeBackend() {
    this(new ConcurrentHashMap<>());
  }

  private FakeBackend(Map<String, AtomicInteger> runs) {
    this.runs = runs;
  }

  /** The backend of the next process; it knows which containers were ever run. */
  public FakeBackend afterRestart() {
    var next = new FakeBackend(runs);
    next.keptOf.addAll(keptOf);
    if (keepsInstances) {
      next.keepsInstances = true;
      next.keptOutcomes.putAll(keptOutcomes);
      next.evacuated.addAll(evacuated);
      running.forEach(
          (guid, container) -> {
            if (!container.isTask()) {
              next.kept.put(guid, container);
            }
          });
    }
    return next;
  }

  /** From now on instances run on when a process ends, and the next one goes on with them. */
  public void keepInstances() {
    keepsInstances = true;
  }

  /** While no process is there: an instance that ran on has ended. */
  public void endMeanwhile(String guid, ContainerOutcome outcome) {
    running.remove(guid);
    keptOutcomes.put(guid, outcome);
  }

  /** While no process is there: nothing is left of an instance that ran on. */
  public void vanishMeanwhile(String guid) {
    running.remove(guid);
  }

  /** As logs of an LRP are, of which the next process finds something. */
  public void keepSomethingOf(String processGuid) {
    keptOf.add(processGuid);
  }

  @Override
  public Set<String> kept() {
    return keptOf;
  }

  /** How often the container was run, in all processes. */
  public int runs(String guid) {
    var count = runs.get(guid);
    return count == null ? 0 : count.get();
  }

  public boolean isRunning(String guid) {
    return running.containsKey(guid);
  }

  public List<String> stops() {
    return stops;
  }

  public List<String> destroyed() {
    return destroyed;
  }

  public List<String> forgotten() {
    return forgotten;
  }

  /** Of containers that are over; a long life would fill the memory with them. */
  public void forgetThePast() {
    runs.keySet().retainAll(running.keySet());
    stops.clear();
    destroyed.clear();
    forgotten.clear();
    gone.clear();
  }

  public boolean isClosed() {
    return closed;
  }

  public Container container(String guid) {
    return running.get(guid);
  }

  /** The guid of the instance that runs, leaving copies that are evacuated aside. */
  public Optional<String> instanceGuid(String processGuid, int index) {
    return running.values().stream()
        .filter(c -> new Container.Instance(processGuid, index).equals(c.instance()))
        .filter(c -> !evacuated.contains(c.guid()))
        .map(Container::guid)
        .findFirst();
  }

  public void refusePlacement(String error) {
    placementError = Optional.of(error);
  }

  public void acceptPlacement() {
    placementError = Optional.empty();
    placeFails = false;
  }

  /** Placement fails in a way that no contract knows. */
  public void breakPlacement() {
    placeFails = true;
  }

  public void failToRun() {
    runFails = true;
  }

  /** Looks, on the thread that runs it, at each container just before it is run. */
  public void beforeRun(Consumer<Container> look) {
    beforeRun = look;
  }

  /** Looks at each container while it is placed. */
  public void whilePlacing(Consumer<Container> look) {
    whilePlacing = look;
  }

  public void ignoreStops() {
    ignoresStops = true;
  }

  /** The cell of an instance is to be emptied; the next container goes to {@code nextCell}. */
  public String evacuate(String processGuid, int index, String nextCell) {
    var guid = instanceGuid(processGuid, index).orElseThrow();
    cells.add(nextCell);
    cell = nextCell;
    evacuated.add(guid);
    listener.evacuating(guid);
    return guid;
  }

  /** Also for a container that is over, or never was an instance's. */
  public void reportEvacuating(String guid) {
    listener.evacuating(guid);
  }

  public void loseCell(String lost) {
    cells.remove(lost);
  }

  public void loseCells() {
    cellsGone = true;
  }

  public void becomeHealthy(String processGuid, int index) {
    var guid = instanceGuid(processGuid, index).orElseThrow();
    reportRunning(guid);
  }

  /** Also for a container that is over, as a late report. */
  public void reportRunning(String guid) {
    var container = running.get(guid);
    var ports = container == null ? List.<Integer>of() : container.ports();
    listener.running(
        guid, ADDRESS, ports.stream().map(port -> new PortMapping(port, 60_000 + port)).toList());
  }

  public void progress(String guid, TaskProgress latest) {
    progress.put(guid, latest);
    listener.progressed(guid, latest);
  }

  public void finish(String guid, String result) {
    end(guid, ContainerOutcome.succeeded(result));
  }

  public void fail(String guid, String reason) {
    end(guid, ContainerOutcome.failed(reason));
  }

  public void crash(String processGuid, int index, String reason) {
    fail(instanceGuid(processGuid, index).orElseThrow(), reason);
  }

  /** Also for a container that is over, as a late report. */
  public void end(String guid, ContainerOutcome outcome) {
    running.remove(guid);
    evacuated.remove(guid);
    gone.add(guid);
    listener.ended(guid, outcome);
  }

  @Override
  public Set<String> start(ContainerListener itsListener, Collection<Container> containers) {
    listener = itsListener;
    var goneOnWith = new HashSet<String>();
    for (var task : containers) {
      if (!task.isTask()) {
        goOnWith(task, goneOnWith);
        continue;
      }
      running.put(task.guid(), task);
      if (runs(task.guid()) == 0) {
        runs.computeIfAbsent(task.guid(), g -> new AtomicInteger()).incrementAndGet();
      }
    }
    return goneOnWith;
  }

  private void goOnWith(Container instance, Set<String> goneOnWith) {
    var outcome = keptOutcomes.get(instance.guid());
    if (outcome != null) {
      goneOnWith.add(instance.guid());
      end(instance.guid(), outcome);
    } else if (kept.containsKey(instance.guid())) {
      goneOnWith.add(instance.guid());
      running.put(instance.guid(), instance);
    }
  }

  @Override
  public List<CellResponse> cells() {
    return cellsGone ? List.of() : cells.stream().map(FakeBackend::cell).toList();
  }

  private static CellResponse cell(String id) {
    return new CellResponse(
        id,
        "z1",
        new CellResponse.Capacity(1024, 2048, 256),
        Map.of("preloaded", List.of("trusty")));
  }

  @Override
  public String place(Container container) {
    if (placeFails) {
      throw new IllegalStateException("the fake was told to fail");
    }
    placementError.ifPresent(
        error -> {
          throw new PlacementException(error);
        });
    placed.put(container.guid(), container);
    whilePlacing.accept(container);
    return cell;
  }

  @Override
  public void run(Container container) {
    if (placed.remove(container.guid()) == null) {
      throw new AssertionError("run without place: " + container.guid());
    }
    if (runFails) {
      throw new IllegalStateException("the fake was told to fail");
    }
    beforeRun.accept(container);
    runs.computeIfAbsent(container.guid(), g -> new AtomicInteger()).incrementAndGet();
    running.put(container.guid(), container);
  }

  @Override
  public void stop(String containerGuid) {
    stops.add(containerGuid);
    if (!ignoresStops && running.containsKey(containerGuid)) {
      fail(containerGuid, "cancelled");
    }
  }

  @Override
  public void destroy(String containerGuid) {
    destroyed.add(containerGuid);
    placed.remove(containerGuid);
    running.remove(containerGuid);
    progress.remove(containerGuid);
  }

  @Override
  public TaskProgress progress(String containerGuid) {
    return progress.getOrDefault(containerGuid, TaskProgress.NONE);
  }

  @Override
  public List<LogLine> taskLogs(String taskGuid, LogRange range) {
    return lines(taskGuid, 0, range);
  }

  @Override
  public List<LogLine> lrpLogs(String processGuid, int index, LogRange range) {
    return lines(processGuid, index, range);
  }

  @Override
  public LogCursor openTaskLog(String taskGuid, LogRange from) {
    return new Cursor(taskGuid, 0, from);
  }

  @Override
  public LogCursor openLrpLog(String processGuid, int index, LogRange from) {
    return new Cursor(processGuid, index, from);
  }

  /** Adds a line to the log of a task, or of an instance. */
  public void print(String guid, int index, String text) {
    printed.computeIfAbsent(guid + "/" + index, g -> new CopyOnWriteArrayList<>()).add(text);
  }

  private final class Cursor implements LogCursor {
    private final String guid;
    private final int index;
    private long place;

    Cursor(String guid, int index, LogRange from) {
      this.guid = guid;
      this.index = index;
      var all = lines(guid, index, LogRange.after(0, Integer.MAX_VALUE));
      this.place = from.isFromTheEnd() ? Math.max(0, all.size() - from.lines()) : from.after();
    }

    @Override
    public List<LogLine> next(Duration patience) throws InterruptedException {
      var deadline = System.nanoTime() + patience.toNanos();
      while (true) {
        var lines = lines(guid, index, LogRange.after(place, Integer.MAX_VALUE));
        if (!lines.isEmpty() || System.nanoTime() >= deadline) {
          place += lines.size();
          return lines;
        }
        Thread.sleep(5);
      }
    }

    @Override
    public boolean mayGrow() {
      return running.containsKey(guid);
    }
  }

  @Override
  public void forget(String processGuid) {
    forgotten.add(processGuid);
  }

  @Override
  public void close() {
    closed = true;
    if (keepsInstances) {
      return;
    }
    running.values().stream()
        .filter(container -> !container.isTask())
        .toList()
        .forEach(container -> fail(container.guid(), "cancelled"));
  }

  /** Three lines for every guid that is not {@code unknown}, and what was printed. */
  private List<LogLine> lines(String guid, int index, LogRange range) {
    if (guid.equals("unknown")) {
      return List.of();
    }
    var all = new ArrayList<LogLine>();
    all.add(new LogLine(1, "APP", index, false, guid + " one"));
    all.add(new LogLine(2, "APP", index, true, guid + " two"));
    all.add(new LogLine(3, "APP", index, false, guid + " three"));
    for (var text : printed.getOrDefault(guid + "/" + index, List.of())) {
      all.add(new LogLine(all.size() + 1, "APP", index, false, text));
    }
    var wanted =
        all.subList(
            range.isFromTheEnd()
                ? Math.max(0, all.size() - range.lines())
                : (int) Math.min(all.size(), range.after()),
            all.size());
    return List.copyOf(wanted.subList(0, Math.min(wanted.size(), range.lines())));
  }
}
