package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.EventSource;
import dev.ccbridge.receptor.LogSource;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.backend.Backend;
import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.CellResponse;
import dev.ccbridge.receptor.model.DesiredLRPCreateRequest;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.receptor.model.DesiredLRPUpdateRequest;
import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.LogRange;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.TaskCreateRequest;
import dev.ccbridge.receptor.model.TaskResponse;
import dev.ccbridge.receptor.model.TaskState;
import dev.ccbridge.receptor.store.LogFollower.Written;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Receptor in this process, its records kept in a place of their own, over a backend that runs
 * the containers. What a method has changed or told when it returns, and what an event has told,
 * survives the death of the process. While that place refuses, so do the methods that change
 * something; what is known is told.
 *
 * <p>Thread-safe. {@link #start()} comes before everything else.
 */
public final class ReceptorStore implements Receptor {
  private static final Logger LOG = LoggerFactory.getLogger(ReceptorStore.class);
  private static final long PLACEMENT_ENDS_WITHIN_SECONDS = 10;

  private final ReceptorStoreConfig config;
  private final Backend backend;
  private final Clock clock;
  private final Scheduler scheduler;
  private final EventHub events = new EventHub();
  private final ThreadPoolExecutor placements;
  private final Records place;
  private final TaskStore tasks;
  private final TaskRunner runner;
  private final CompletionCallbacks callbacks;
  private final TaskConvergence taskConvergence;
  private final DomainStore domains;
  private final LRPRecords records;
  private final InstanceKeeper instances;
  private final Evacuation evacuation;
  private final LRPStore lrps;
  private final LRPConvergence lrpConvergence;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * Time is real.
   *
   * @param place of the records; closed by {@link #close()}
   * @param backend started by {@link #start()} and closed by {@link #close()}
   */
  public ReceptorStore(ReceptorStoreConfig config, Records place, Backend backend, Clock clock) {
    this(config, place, backend, clock, new TimerScheduler());
  }

  /**
   * As above, with a time of the caller's own.
   *
   * @param scheduler in step with {@code clock}; closed by {@link #close()}
   */
  public ReceptorStore(
      ReceptorStoreConfig config,
      Records place,
      Backend backend,
      Clock clock,
      Scheduler scheduler) {
    this.config = config;
    this.backend = backend;
    this.clock = clock;
    this.scheduler = scheduler;
    this.placements = placements(backend.placementsAtATime());
    this.place = place;
    this.tasks = new TaskStore(place, backend, clock);
    this.runner = new TaskRunner(tasks, place, backend, placements);
    this.callbacks =
        new CompletionCallbacks(
            tasks, new CallbackClient(config.callbackTimeout()), config.callbackWorkers());
    this.taskConvergence = new TaskConvergence(tasks, runner, callbacks, config, clock);
    this.domains = new DomainStore(place, clock);
    this.records = new LRPRecords(place, events::publish);
    var copies = new EvacuatedCopies(records);
    this.instances = new InstanceKeeper(records, copies, backend, clock, scheduler, placements);
    this.evacuation =
        new Evacuation(records, copies, instances, clock, scheduler, config.evacuationTimeout());
    this.lrps = new LRPStore(records, copies, instances, clock);
    this.lrpConvergence =
        new LRPConvergence(records, copies, instances, domains, config.kickInterval(), clock);
  }

  /**
   * Goes on where the last process ended, however it ended: tasks that had not begun are placed,
   * those that ran are handed to the backend, outcomes nobody was told of are told, and LRP
   * instances that the backend does not go on with are started again.
   */
  public void start() {
    tasks.load();
    domains.load();
    records.load();
    tasks.onCompleted(callbacks::submit);
    var running =
        tasks.all().stream()
            .filter(task -> task.state() == TaskState.RUNNING)
            .map(task -> Containers.of(task.request()))
            .toList();
    startBackend(running);
    for (var task : tasks.all()) {
      switch (task.state()) {
        case PENDING -> runner.place(task.guid());
        case COMPLETED -> callbacks.submit(task);
        case RUNNING, RESOLVING, INVALID -> LOG.debug("task goes on taskGuid={}", task.guid());
      }
    }
    scheduler.schedule(config.convergeInterval(), this::convergeAndAgain);
    LOG.info(
        "receptor store started records={} tasks={} running={} desiredLRPs={}",
        place.place(),
        tasks.all().size(),
        running.size(),
        records.desired().size());
  }

  private void startBackend(List<Container> runningTasks) {
    var before = new ArrayList<>(runningTasks);
    var gone = new HashSet<String>();
    records.lock().lock();
    try {
      var believed = new ArrayList<>(instances.believedToRun());
      believed.addAll(evacuation.believedToRun());
      before.addAll(believed);
      believed.forEach(instance -> gone.add(instance.guid()));
    } finally {
      records.lock().unlock();
    }
    gone.removeAll(backend.start(new StoreListener(tasks, instances, evacuation), before));
    records.lock().lock();
    try {
      evacuation.resetAfterRestart(gone);
      instances.resetAfterRestart(gone);
      records.flush();
      backend.kept().forEach(instances::forgetIfGone);
    } finally {
      records.lock().unlock();
    }
  }

  @Override
  public void createTask(TaskCreateRequest request) {
    place.requireWritable();
    if (instances.isOnCell(request.taskGuid())) {
      throw new ReceptorException(
          ReceptorErrorName.TaskGuidAlreadyExists, "an instance has this guid");
    }
    var stored = tasks.create(request);
    runner.placeWhenStored(request.taskGuid(), stored);
    Records.await(stored);
  }

  @Override
  public List<TaskResponse> tasks(String domain) {
    return tasks.list(domain);
  }

  @Override
  public Optional<TaskResponse> findTask(String taskGuid) {
    return tasks.find(taskGuid);
  }

  @Override
  public void cancelTask(String taskGuid) {
    place.requireWritable();
    tasks.cancel(taskGuid);
  }

  @Override
  public void deleteTask(String taskGuid) {
    place.requireWritable();
    tasks.delete(taskGuid);
  }

  @Override
  public void createDesiredLRP(DesiredLRPCreateRequest request) {
    place.requireWritable();
    lrps.create(request);
  }

  @Override
  public List<DesiredLRPResponse> desiredLRPs(String domain) {
    return lrps.list(domain);
  }

  @Override
  public Optional<DesiredLRPResponse> findDesiredLRP(String processGuid) {
    return lrps.find(processGuid);
  }

  @Override
  public void updateDesiredLRP(String processGuid, DesiredLRPUpdateRequest update) {
    place.requireWritable();
    lrps.update(processGuid, update);
  }

  @Override
  public void deleteDesiredLRP(String processGuid) {
    place.requireWritable();
    lrps.delete(processGuid);
  }

  @Override
  public List<ActualLRPResponse> actualLRPs(String domain) {
    return lrps.actual(domain);
  }

  @Override
  public List<ActualLRPResponse> actualLRPsOf(String processGuid) {
    return lrps.actualOf(processGuid);
  }

  @Override
  public Optional<ActualLRPResponse> findActualLRP(String processGuid, int index) {
    return lrps.findActual(new LRPKey(processGuid, index));
  }

  @Override
  public void killActualLRP(String processGuid, int index) {
    place.requireWritable();
    lrps.kill(new LRPKey(processGuid, index));
  }

  @Override
  public List<CellResponse> cells() {
    return backend.cells();
  }

  @Override
  public void upsertDomain(String domain, Duration ttl) {
    place.requireWritable();
    domains.upsert(domain, ttl);
  }

  @Override
  public List<String> domains() {
    return domains.fresh();
  }

  @Override
  public EventSource subscribeToEvents() {
    return events.subscribe();
  }

  @Override
  public EventSource subscribeToEvents(String lastEventId) {
    return events.subscribe(lastEventId);
  }

  @Override
  public List<LogLine> taskLogs(String taskGuid, LogRange range) {
    return backend.taskLogs(taskGuid, range);
  }

  @Override
  public List<LogLine> lrpLogs(String processGuid, int index, LogRange range) {
    return backend.lrpLogs(processGuid, index, range);
  }

  @Override
  public LogSource followTaskLogs(String taskGuid, LogRange from) {
    var followed =
        tasks
            .stored(taskGuid)
            .orElseThrow(
                () ->
                    new ReceptorException(
                        ReceptorErrorName.TaskNotFound,
                        "task with guid '" + taskGuid + "' not found"));
    return new LogFollower(
        backend.openTaskLog(taskGuid, from),
        () ->
            tasks
                .stored(taskGuid)
                .filter(task -> task.createdAt() == followed.createdAt())
                .map(
                    task ->
                        task.state().isFinished()
                            ? Written.UNTIL_ITS_CONTAINER_ENDS
                            : Written.STILL)
                .orElse(Written.NO_MORE),
        closed::get);
  }

  @Override
  public LogSource followLrpLogs(String processGuid, int index, LogRange from) {
    if (index < 0) {
      throw new ReceptorException(
          ReceptorErrorName.InvalidRequest, "index must be a number from 0, was " + index);
    }
    if (lrps.find(processGuid).isEmpty()) {
      throw new ReceptorException(
          ReceptorErrorName.DesiredLRPNotFound,
          "Desired LRP with guid '" + processGuid + "' not found");
    }
    return new LogFollower(
        backend.openLrpLog(processGuid, index, from),
        () ->
            records.desired(processGuid) == null && records.instances(processGuid).isEmpty()
                ? Written.NO_MORE
                : Written.STILL,
        closed::get);
  }

  /** Counts what there is, without making answers of it. */
  public Census census() {
    return new Census(
        tasks.all().stream()
            .collect(Collectors.groupingBy(StoredTask::state, Collectors.counting())),
        records.actual().stream()
            .collect(Collectors.groupingBy(ActualLRPResponse::state, Collectors.counting())),
        records.desired().size(),
        events.subscribers());
  }

  /**
   * Closes the backend and the place of the records. The next start goes on with tasks that run,
   * and with LRP instances that the backend has left running; others it starts again.
   */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    scheduler.close();
    instances.freeze();
    events.close();
    endPlacements();
    callbacks.close();
    // Until here tasks may end, and their outcomes are stored.
    backend.close();
    place.close();
  }

  /** One round of convergence, now. */
  void converge() {
    var seen = new HashSet<>(records.instances());
    var asOf = Times.now(clock);
    var cells = backend.cells().stream().map(CellResponse::cellId).collect(Collectors.toSet());
    taskConvergence.converge(cells, asOf);
    lrpConvergence.converge(seen, cells);
    domains.forgetStale();
  }

  private void convergeAndAgain() {
    try {
      converge();
    } catch (RuntimeException failure) {
      LOG.error("convergence failed, next round in {}", config.convergeInterval(), failure);
    } finally {
      scheduler.schedule(config.convergeInterval(), this::convergeAndAgain);
    }
  }

  private void endPlacements() {
    placements.getQueue().clear();
    placements.shutdown();
    try {
      if (!placements.awaitTermination(PLACEMENT_ENDS_WITHIN_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("a placement has not ended within {} s", PLACEMENT_ENDS_WITHIN_SECONDS);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Drops what comes after the end. */
  private static ThreadPoolExecutor placements(int atATime) {
    return new ThreadPoolExecutor(
        atATime,
        atATime,
        0,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        Thread.ofVirtual().name("receptor-placement").factory(),
        new ThreadPoolExecutor.DiscardPolicy());
  }
}
