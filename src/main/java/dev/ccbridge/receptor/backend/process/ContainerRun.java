package dev.ccbridge.receptor.backend.process;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.executor.AbandonedException;
import dev.ccbridge.executor.Cancellation;
import dev.ccbridge.executor.ContainerLostException;
import dev.ccbridge.executor.FileJournal;
import dev.ccbridge.executor.InstanceExecutor;
import dev.ccbridge.executor.Journal;
import dev.ccbridge.executor.Outcome;
import dev.ccbridge.executor.PortTranslation;
import dev.ccbridge.executor.ProgramEnvironment;
import dev.ccbridge.executor.ProgramEnvironment.Instance;
import dev.ccbridge.executor.ResultFile;
import dev.ccbridge.executor.Scope;
import dev.ccbridge.executor.StepRecorder;
import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.ContainerOutcome;
import dev.ccbridge.receptor.backend.PlacementException;
import dev.ccbridge.receptor.backend.image.ImageException;
import dev.ccbridge.receptor.model.PortMapping;
import dev.ccbridge.receptor.model.TaskProgress;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One container from its beginning to its end, on a thread of its own. Its public face may be used
 * from any thread.
 */
final class ContainerRun {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerRun.class);
  private static final String INITIALIZE_FAILED = "failed to initialize container";
  private static final String RUN_FAILED = "failed to run container";
  private static final Duration IMAGE_PATIENCE = Duration.ofHours(2);
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final Container container;
  private final ContainerDirectory directory;
  private final Machinery machinery;
  private final CompletableFuture<@Nullable Void> before;
  private final Runnable onEnd;
  private final Cancellation cancellation = new Cancellation();
  private final Thread thread;
  private final Object telling = new Object();
  private volatile boolean silent;
  private volatile @Nullable Instant stoppedAt;
  private volatile @Nullable StepRecorder steps;
  private volatile @Nullable ContainerSandbox sandbox;

  /**
   * @param before completes, never with a failure, once a destroyed container of the same guid has
   *     left its directory
   * @param onEnd called before the listener is told of the end
   */
  ContainerRun(
      Container container,
      ContainerDirectory directory,
      Machinery machinery,
      CompletableFuture<@Nullable Void> before,
      Runnable onEnd) {
    this.container = container;
    this.directory = directory;
    this.machinery = machinery;
    this.before = before;
    this.onEnd = onEnd;
    this.thread = Thread.ofVirtual().name("container-" + container.guid()).unstarted(this::live);
  }

  void begin() {
    thread.start();
  }

  Container container() {
    return container;
  }

  /** SIGTERM, then SIGKILL; the listener is told of the end. */
  void stop() {
    stoppedAt = machinery.clock().instant();
    cancellation.cancel();
  }

  /** Ends it without telling the listener, with as much grace as on a stop. */
  void stopSilently() {
    silent = true;
    stop();
  }

  /** Looks away: programs run on, and the listener hears nothing more. */
  void abandon() {
    silent = true;
    cancellation.abandon();
    detach();
  }

  private void detach() {
    var watching = sandbox;
    if (watching != null) {
      watching.detach();
    }
  }

  /** Ends everything of the container at once, without telling the listener. */
  void destroy() throws IOException {
    // After this nothing is started any more, so what is killed then is all there is.
    abandon();
    ContainerProcesses.kill(directory);
  }

  /** Waits until its thread has ended. */
  void awaitEnd() {
    try {
      if (thread.getState() != Thread.State.NEW && thread != Thread.currentThread()) {
        thread.join(PATIENCE.plus(machinery.config().timing().stopGrace()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether it may still write to its log. */
  boolean mayWrite() {
    return thread.getState() != Thread.State.TERMINATED;
  }

  TaskProgress progress() {
    var recorder = steps;
    return recorder == null
        ? TaskProgress.NONE
        : new TaskProgress(
            recorder.steps(), machinery.logs().of(container, directory).lastOutput());
  }

  private void live() {
    try {
      var outcome = outcome();
      onEnd.run();
      tellEnded(outcome);
    } catch (AbandonedException e) {
      LOG.debug("no longer watched container={}", container.guid());
    } catch (RuntimeException e) {
      LOG.error("a container came to no end container={}", container.guid(), e);
    }
  }

  private ContainerOutcome outcome() {
    List<PortMapping> ports = List.of();
    try {
      before.join();
      directory.create();
      ports = machinery.hostPorts().reserve(container.ports());
      return container.isTask() ? runTask() : runInstance(ports);
    } catch (ImageException | PlacementException e) {
      return withoutImage(e);
    } catch (IOException e) {
      LOG.warn("a container cannot be made container={} error={}", container.guid(), e.toString());
      return ContainerOutcome.failed(INITIALIZE_FAILED);
    } finally {
      machinery.hostPorts().release(ports);
    }
  }

  private ContainerOutcome withoutImage(CcBridgeException error) {
    LOG.info("no image container={} reason={}", container.guid(), error.message());
    var log = machinery.logs().of(container, directory);
    log.append("image", container.logSource(), true, error.message());
    return ContainerOutcome.failed(error.message());
  }

  private ContainerOutcome runTask() throws IOException {
    try (var journal = FileJournal.open(directory.journal())) {
      var recorder = new StepRecorder(container.action(), "0", this::tellProgress);
      recorder.restore(journal);
      steps = recorder;
      var recorded = directory.outcome();
      var outcome = recorded.isPresent() ? recorded.get() : endTask(journal, recorder);
      recorder.ended(nanos());
      return outcome;
    }
  }

  private ContainerOutcome endTask(Journal journal, StepRecorder recorder) throws IOException {
    ContainerOutcome result;
    try {
      result = performTask(journal, recorder);
    } catch (ImageException | PlacementException e) {
      // What it runs since an earlier life of ours may not outlive it.
      ContainerProcesses.kill(directory);
      result = withoutImage(e);
    }
    directory.record(result);
    directory.deleteFiles();
    return result;
  }

  private ContainerOutcome performTask(Journal journal, StepRecorder recorder) throws IOException {
    var box = sandbox(List.of());
    Outcome outcome = perform(() -> actions(box, journal, recorder, "0"));
    endProcesses(box);
    return toResult(outcome, box);
  }

  private Outcome actions(
      ContainerSandbox box, Journal journal, StepRecorder recorder, String path) {
    return machinery.actions().perform(container.action(), path, scope(box, journal, recorder));
  }

  private ContainerOutcome toResult(Outcome outcome, ContainerSandbox box) {
    if (outcome.isFailed()) {
      return ContainerOutcome.failed(outcome.reason());
    }
    return ResultFile.read(box, container.resultFile())
        .map(ContainerOutcome::succeeded)
        .orElseGet(() -> ContainerOutcome.failed(ResultFile.FAILED));
  }

  private ContainerOutcome runInstance(List<PortMapping> ports) throws IOException {
    machinery.leash().hold(directory);
    var box = sandbox(ports);
    var startTimeout =
        container.startTimeoutSeconds() > 0
            ? Optional.of(Duration.ofSeconds(container.startTimeoutSeconds()))
            : Optional.<Duration>empty();
    var instance =
        new InstanceExecutor.Instance(
            container.setup(), container.action(), container.monitor(), startTimeout);
    var scope = scope(box, Journal.inMemory(), StepRecorder.none());
    var outcome =
        perform(() -> machinery.instances().perform(instance, scope, () -> tellRunning(ports)));
    endProcesses(box);
    directory.deleteFiles();
    return outcome.isFailed()
        ? ContainerOutcome.failed(outcome.reason())
        : ContainerOutcome.succeeded("");
  }

  private Outcome perform(Supplier<Outcome> work) {
    try {
      return work.get();
    } catch (AbandonedException e) {
      throw e;
    } catch (ContainerLostException e) {
      return Outcome.failedInternally(ContainerLostException.REASON, nanos());
    } catch (RuntimeException e) {
      LOG.error("an action broke container={}", container.guid(), e);
      return Outcome.failedInternally(RUN_FAILED, nanos());
    }
  }

  private ContainerSandbox sandbox(List<PortMapping> ports) throws IOException {
    var enclosure = enclosure();
    var maxProcesses = machinery.config().maxProcesses();
    var environment =
        new ProgramEnvironment(
            Optional.ofNullable(container.instance())
                .map(instance -> new Instance(container.guid(), instance.index())),
            container.env(),
            machinery.config().address(),
            ports);
    var box =
        new ContainerSandbox(
            directory,
            container.isTask(),
            container.privileged(),
            enclosure,
            environment,
            new PortTranslation(ports),
            machinery.controlGroups().limit(directory, container.memoryMb(), maxProcesses),
            maxProcesses,
            machinery.logs().of(container, directory),
            machinery.clock());
    sandbox = box;
    box.prepare();
    return box;
  }

  /** Waits for an image; the download of one that several wait for goes on without this one. */
  private Enclosure enclosure() throws IOException {
    if (!ImageRoots.isImage(container.rootfs())) {
      return machinery.confinement();
    }
    var claim = new ImageClaim(directory);
    try {
      return enclosure(claim);
    } finally {
      claim.withdraw();
    }
  }

  private Enclosure enclosure(ImageClaim claim) throws IOException {
    var made = new CompletableFuture<Enclosure>();
    Thread.startVirtualThread(
        () -> {
          try {
            made.complete(
                machinery
                    .imageRoots()
                    .enclosure(container.rootfs(), container.imageCredentials(), claim));
          } catch (IOException | RuntimeException e) {
            made.completeExceptionally(e);
          }
        });
    if (!cancellation.await(made, IMAGE_PATIENCE)) {
      var why = cancellation.isCancelled() ? Outcome.CANCELLED : "image not there within 2 hours";
      throw new ImageException(ErrorKind.UNAVAILABLE, why, null);
    }
    try {
      return made.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case null, default -> throw e;
      }
    }
  }

  private Scope scope(ContainerSandbox box, Journal journal, StepRecorder recorder) {
    return new Scope(
        box,
        machinery.logs().of(container, directory),
        journal,
        recorder,
        container.logSource(),
        cancellation);
  }

  /** On a stop, what an action has left behind is also asked to end before it is made to. */
  private void endProcesses(ContainerSandbox box) throws IOException {
    cancellation.throwIfAbandoned();
    box.close();
    var stopped = stoppedAt;
    if (stopped != null) {
      var used = Duration.between(stopped, machinery.clock().instant());
      var left = machinery.config().timing().stopGrace().minus(used);
      ContainerProcesses.terminate(directory, left.isNegative() ? Duration.ZERO : left);
    }
    ContainerProcesses.kill(directory);
  }

  private void tellRunning(List<PortMapping> ports) {
    synchronized (telling) {
      if (!silent) {
        machinery.listener().running(container.guid(), machinery.config().address(), ports);
      }
    }
  }

  private void tellProgress() {
    synchronized (telling) {
      if (!silent) {
        machinery.listener().progressed(container.guid(), progress());
      }
    }
  }

  private void tellEnded(ContainerOutcome outcome) {
    synchronized (telling) {
      if (!silent) {
        machinery.listener().ended(container.guid(), outcome);
      }
    }
  }

  private long nanos() {
    var now = machinery.clock().instant();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }
}
