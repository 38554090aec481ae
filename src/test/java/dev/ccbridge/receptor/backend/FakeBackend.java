package dev.ccbridge.receptor.backend;

import dev.ccbridge.receptor.model.CellResponse;
import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.PortMapping;
import dev.ccbridge.receptor.model.TaskProgress;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
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
  private final List<String> stops = new CopyOnWriteArrayList<>();
  private final List<String> destroyed = new CopyOnWriteArrayList<>();
  private final List<String> forgotten = new CopyOnWriteArrayList<>();
  private final List<String> gone = new CopyOnWriteArrayList<>();
  private volatile ContainerListener listener;
  private volatile Optional<String> placementError = Optional.empty();
  private volatile boolean ignoresStops;
  private volatile boolean cellsGone;
  private volatile boolean runFails;
  private volatile boolean placeFails;
  private volatile boolean closed;
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
    return new FakeBackend(runs);
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

  /** The guid of the instance that runs; empty when none does. */
  public Optional<String> instanceGuid(String processGuid, int index) {
    return running.values().stream()
        .filter(c -> new Container.Instance(processGuid, index).equals(c.instance()))
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
    gone.add(guid);
    listener.ended(guid, outcome);
  }

  @Override
  public void start(ContainerListener itsListener, Collection<Container> tasks) {
    listener = itsListener;
    for (var task : tasks) {
      running.put(task.guid(), task);
      if (runs(task.guid()) == 0) {
        runs.computeIfAbsent(task.guid(), g -> new AtomicInteger()).incrementAndGet();
      }
    }
  }

  @Override
  public List<CellResponse> cells() {
    return cellsGone
        ? List.of()
        : List.of(
            new CellResponse(
                CELL,
                "z1",
                new CellResponse.Capacity(1024, 2048, 256),
                Map.of("preloaded", List.of("trusty"))));
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
    return CELL;
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
  public List<LogLine> taskLogs(String taskGuid, int maxLines) {
    return lines(taskGuid, 0, maxLines);
  }

  @Override
  public List<LogLine> lrpLogs(String processGuid, int index, int maxLines) {
    return lines(processGuid, index, maxLines);
  }

  @Override
  public void forget(String processGuid) {
    forgotten.add(processGuid);
  }

  @Override
  public void close() {
    closed = true;
    running.values().stream()
        .filter(container -> !container.isTask())
        .toList()
        .forEach(container -> fail(container.guid(), "cancelled"));
  }

  /** Three lines for every guid that is not {@code unknown}. */
  private static List<LogLine> lines(String guid, int index, int maxLines) {
    if (guid.equals("unknown")) {
      return List.of();
    }
    var all =
        List.of(
            new LogLine(1, "APP", index, false, guid + " one"),
            new LogLine(2, "APP", index, true, guid + " two"),
            new LogLine(3, "APP", index, false, guid + " three"));
    return all.subList(Math.max(0, all.size() - maxLines), all.size());
  }
}
