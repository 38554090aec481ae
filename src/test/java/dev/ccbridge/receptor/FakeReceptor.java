package dev.ccbridge.receptor;

import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.CellResponse;
import dev.ccbridge.receptor.model.DesiredLRPCreateRequest;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.receptor.model.DesiredLRPUpdateRequest;
import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.LogRange;
import dev.ccbridge.receptor.model.PortMapping;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorEvent;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.TaskCreateRequest;
import dev.ccbridge.receptor.model.TaskProgress;
import dev.ccbridge.receptor.model.TaskResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * A Receptor in memory that behaves, and that a test can steer: nothing starts, ends or crashes
 * unless told. Each call is recorded, and may be made to fail before or after it takes effect.
 * Thread-safe.
 */
public final class FakeReceptor implements Receptor {
  /** Where in a call the fault strikes. */
  public enum When {
    BEFORE,
    AFTER
  }

  /** Told of every call, on the thread of the caller; whatever it throws, the caller gets. */
  @FunctionalInterface
  public interface Interceptor {
    /**
     * @param operation name of the method of {@link Receptor}
     * @param number of the call over all operations, from 0
     */
    void at(When when, String operation, int number);
  }

  private final FakeTasks tasks;
  private final FakeLRPs lrps;
  private final List<String> calls = new ArrayList<>();
  private final List<Interceptor> interceptors = new CopyOnWriteArrayList<>();
  private final Map<String, List<LogLine>> logs = new ConcurrentHashMap<>();
  private volatile List<CellResponse> cells = List.of();
  private volatile boolean reachable = true;

  public FakeReceptor() {
    this(Clock.systemUTC());
  }

  /** {@code clock}: of timestamps and of the freshness of domains. */
  public FakeReceptor(Clock clock) {
    tasks = new FakeTasks(clock);
    lrps = new FakeLRPs(clock);
  }

  // ---- what a test sees and steers ----

  /** Names of the operations called so far, in order, faulty ones included. */
  public List<String> calls() {
    synchronized (calls) {
      return List.copyOf(calls);
    }
  }

  /** How often {@code operation} was called. */
  public int calls(String operation) {
    return (int) calls().stream().filter(operation::equals).count();
  }

  public void resetCalls() {
    synchronized (calls) {
      calls.clear();
    }
  }

  public void intercept(Interceptor interceptor) {
    interceptors.add(interceptor);
  }

  /**
   * The next call of {@code operation} fails as if nobody had answered, before or after its effect.
   */
  public void failNext(String operation, When when) {
    failNext(operation, when, unreachable());
  }

  public void failNext(String operation, When when, RuntimeException failure) {
    interceptors.add(
        new Interceptor() {
          @Override
          public void at(When seen, String called, int number) {
            if (seen == when && called.equals(operation) && interceptors.remove(this)) {
              throw failure;
            }
          }
        });
  }

  /** While false, every call fails without effect. */
  public void setReachable(boolean reachable) {
    this.reachable = reachable;
  }

  public static ReceptorException unreachable() {
    return ReceptorException.unreachable(
        "the Receptor cannot be reached", new java.io.IOException("connection reset"));
  }

  public void setCells(List<CellResponse> cells) {
    this.cells = List.copyOf(cells);
  }

  public void setLogs(String guid, List<LogLine> lines) {
    logs.put(guid, List.copyOf(lines));
  }

  /** All tasks that were ever accepted, in order, also those that are gone. */
  public List<TaskCreateRequest> createdTasks() {
    return tasks.created();
  }

  /** All tasks there are now, without counting as a call. */
  public List<TaskResponse> currentTasks() {
    return tasks.list("");
  }

  /** PENDING → RUNNING on {@code cellId}. */
  public void startTask(String taskGuid, String cellId) {
    tasks.start(taskGuid, cellId);
  }

  /** → COMPLETED with a result. */
  public void completeTask(String taskGuid, String result) {
    tasks.complete(taskGuid, false, "", result);
  }

  /** → COMPLETED, failed. */
  public void failTask(String taskGuid, String reason) {
    tasks.complete(taskGuid, true, reason, "");
  }

  public void setProgress(String taskGuid, TaskProgress progress) {
    tasks.setProgress(taskGuid, progress);
  }

  /** Forgets the task, whatever its state, as a Receptor does that lost its store. */
  public void loseTask(String taskGuid) {
    tasks.lose(taskGuid);
  }

  /**
   * Resolves a COMPLETED task as the original does: {@code post} sends the callback and returns the
   * HTTP status of the answer; at 503 and 504 the task is COMPLETED again, otherwise it is gone.
   */
  public int resolveTask(String taskGuid, ToIntFunction<TaskResponse> post) {
    return tasks.resolve(taskGuid, post);
  }

  /** All desired LRPs that were ever accepted, in order, also those that are gone. */
  public List<DesiredLRPCreateRequest> createdLRPs() {
    return lrps.created();
  }

  /** All desired LRPs there are now, without counting as a call. */
  public List<DesiredLRPResponse> currentDesiredLRPs() {
    return lrps.desired("");
  }

  /** All instances there are now, without counting as a call. */
  public List<ActualLRPResponse> currentActualLRPs() {
    return lrps.actual("");
  }

  /** → CLAIMED by a new instance guid on {@code cellId}. */
  public void claim(String processGuid, int index, String cellId) {
    lrps.claim(processGuid, index, cellId);
  }

  /** → RUNNING there, on the cell that claimed it, or else on {@code cell-1}. */
  public void run(String processGuid, int index, String address, List<PortMapping> ports) {
    lrps.run(processGuid, index, address, ports);
  }

  /** All instances of the LRP → RUNNING, each with its first port at a host port of its own. */
  public void runAll(String processGuid) {
    lrps.runAll(processGuid);
  }

  /** The instance crashes, and is in {@code then} (CRASHED or UNCLAIMED) after it. */
  public void crash(String processGuid, int index, String reason, ActualLRPState then) {
    lrps.crash(processGuid, index, reason, then);
  }

  /** An UNCLAIMED instance finds no cell. */
  public void failPlacement(String processGuid, int index, String placementError) {
    lrps.failPlacement(processGuid, index, placementError);
  }

  /** The instance's record goes, as after its cell was lost, and is not replaced. */
  public void vanish(String processGuid, int index) {
    lrps.remove(processGuid, index);
  }

  /** Creates the records of wanted instances that have none, as convergence does. */
  public void converge() {
    lrps.converge();
  }

  /**
   * While true, instances that are told to stop keep their record until {@link #letStop}; otherwise
   * they are gone at once.
   */
  public void setStopsSlowly(boolean stopsSlowly) {
    lrps.setStopsSlowly(stopsSlowly);
  }

  /** Instances that were told to stop are gone now. */
  public void letStop(String processGuid) {
    lrps.letStop(processGuid);
  }

  /** How many event streams are open. */
  public int subscribers() {
    return lrps.subscribers();
  }

  /** Ends all event streams, as a lost connection does. */
  public void cutEvents() {
    lrps.cutEvents();
  }

  /** While true, changes happen that no stream tells of. */
  public void setEventsLost(boolean eventsLost) {
    lrps.setEventsLost(eventsLost);
  }

  /** Sends an event as it is, for instance one that is late or a repeat. */
  public void emit(ReceptorEvent event) {
    lrps.emit(event);
  }

  // ---- Receptor ----

  @Override
  public void createTask(TaskCreateRequest request) {
    call("createTask", () -> tasks.create(request));
  }

  @Override
  public List<TaskResponse> tasks(String domain) {
    return answer("tasks", () -> tasks.list(domain));
  }

  @Override
  public Optional<TaskResponse> findTask(String taskGuid) {
    return answer("findTask", () -> tasks.find(taskGuid));
  }

  @Override
  public void cancelTask(String taskGuid) {
    call("cancelTask", () -> tasks.cancel(taskGuid));
  }

  @Override
  public void deleteTask(String taskGuid) {
    call("deleteTask", () -> tasks.delete(taskGuid));
  }

  @Override
  public void createDesiredLRP(DesiredLRPCreateRequest request) {
    call("createDesiredLRP", () -> lrps.create(request));
  }

  @Override
  public List<DesiredLRPResponse> desiredLRPs(String domain) {
    return answer("desiredLRPs", () -> lrps.desired(domain));
  }

  @Override
  public Optional<DesiredLRPResponse> findDesiredLRP(String processGuid) {
    return answer("findDesiredLRP", () -> lrps.find(processGuid));
  }

  @Override
  public void updateDesiredLRP(String processGuid, DesiredLRPUpdateRequest update) {
    call("updateDesiredLRP", () -> lrps.update(processGuid, update));
  }

  @Override
  public void deleteDesiredLRP(String processGuid) {
    call("deleteDesiredLRP", () -> lrps.delete(processGuid));
  }

  @Override
  public List<ActualLRPResponse> actualLRPs(String domain) {
    return answer("actualLRPs", () -> lrps.actual(domain));
  }

  @Override
  public List<ActualLRPResponse> actualLRPsOf(String processGuid) {
    return answer("actualLRPsOf", () -> lrps.actualOf(processGuid));
  }

  @Override
  public Optional<ActualLRPResponse> findActualLRP(String processGuid, int index) {
    return answer("findActualLRP", () -> lrps.findActual(processGuid, index));
  }

  @Override
  public void killActualLRP(String processGuid, int index) {
    call("killActualLRP", () -> lrps.kill(processGuid, index));
  }

  @Override
  public List<CellResponse> cells() {
    return answer("cells", () -> cells);
  }

  @Override
  public void upsertDomain(String domain, Duration ttl) {
    call("upsertDomain", () -> lrps.upsertDomain(domain, ttl));
  }

  @Override
  public List<String> domains() {
    return answer("domains", lrps::domains);
  }

  @Override
  public EventSource subscribeToEvents() {
    return answer("subscribeToEvents", lrps::subscribe);
  }

  @Override
  public List<LogLine> taskLogs(String taskGuid, LogRange range) {
    return answer("taskLogs", () -> lines(taskGuid, range));
  }

  @Override
  public List<LogLine> lrpLogs(String processGuid, int index, LogRange range) {
    return answer("lrpLogs", () -> lines(processGuid, range));
  }

  @Override
  public LogSource followTaskLogs(String taskGuid, LogRange from) {
    return answer("followTaskLogs", () -> told(taskGuid, from));
  }

  @Override
  public LogSource followLrpLogs(String processGuid, int index, LogRange from) {
    return answer("followLrpLogs", () -> told(processGuid, from));
  }

  /** What there is, and no more. */
  private LogSource told(String guid, LogRange from) {
    var left = new ConcurrentLinkedQueue<>(List.of(lines(guid, from)));
    return new LogSource() {
      @Override
      public List<LogLine> next() {
        var lines = left.poll();
        return lines == null ? List.of() : lines;
      }

      @Override
      public void close() {
        left.clear();
      }
    };
  }

  @Override
  public void close() {
    lrps.cutEvents();
  }

  private List<LogLine> lines(String guid, LogRange range) {
    var lines = logs.getOrDefault(guid, List.of());
    return lines.stream()
        .filter(line -> line.timestamp() > range.after())
        .skip(range.isFromTheEnd() ? Math.max(0, lines.size() - range.lines()) : 0)
        .limit(range.lines())
        .toList();
  }

  private void call(String operation, Runnable effect) {
    answer(
        operation,
        () -> {
          effect.run();
          return operation;
        });
  }

  private <T> T answer(String operation, Supplier<T> effect) {
    int number;
    synchronized (calls) {
      number = calls.size();
      calls.add(operation);
    }
    if (!reachable) {
      throw unreachable();
    }
    interceptors.forEach(i -> i.at(When.BEFORE, operation, number));
    var result = effect.get();
    interceptors.forEach(i -> i.at(When.AFTER, operation, number));
    return result;
  }

  static ReceptorException refused(ReceptorErrorName name, String message) {
    return new ReceptorException(name, message);
  }
}
