package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.executor.ContainerLostException;
import dev.ccbridge.executor.Outcome;
import dev.ccbridge.executor.ResultFile;
import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.ContainerListener;
import dev.ccbridge.receptor.backend.ContainerOutcome;
import dev.ccbridge.receptor.backend.PlacementException;
import dev.ccbridge.receptor.backend.pod.PodState.End;
import dev.ccbridge.receptor.backend.pod.PodState.Ended;
import dev.ccbridge.receptor.backend.pod.cell.CellLine;
import dev.ccbridge.receptor.backend.pod.cell.CellReport;
import dev.ccbridge.receptor.model.PortMapping;
import dev.ccbridge.receptor.model.TaskProgress;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One container, from its place on a node to its end: what its Pod's states mean, told to the
 * listener once and in order. Thread-safe; what takes time is done on threads of its own.
 */
final class PodContainer {
  private static final Logger LOG = LoggerFactory.getLogger(PodContainer.class);
  private static final String INITIALIZE_FAILED = "failed to initialize container";
  private static final int KILLED = 137;
  private static final Duration LOG_PATIENCE = Duration.ofSeconds(10);
  private static final Duration LOG_PAUSE = Duration.ofMillis(500);
  private static final int RESULT_ATTEMPTS = 20;
  private static final int LAST_LINES = 20;

  private final Container container;
  private final String pod;
  private final PodBackendConfig config;
  private final PodLog log;
  private final PodHealth health;
  private final Pods pods;
  private final ContainerListener listener;
  private final Clock clock;
  private final Consumer<PodContainer> onEnd;

  private volatile String uid = "";
  private volatile String secret = "";
  private final CompletableFuture<String> node = new CompletableFuture<>();
  private final TaskWatch progress = new TaskWatch();
  private final CountDownLatch logRead = new CountDownLatch(1);
  private final CountDownLatch ending = new CountDownLatch(1);
  private final Object telling = new Object();
  private boolean hasTold;
  private boolean mayRun;
  private @Nullable Ended early;
  private boolean isFollowed;
  private boolean hasRun;
  private boolean isEnding;
  private boolean isStopping;
  private volatile boolean isSilent;
  private @Nullable Instant failingSince;

  /**
   * @param onEnd called when the listener has been told of the end and has stored it
   */
  PodContainer(
      Container container,
      PodBackendConfig config,
      Pods pods,
      PodLog log,
      PodHealth health,
      ContainerListener listener,
      Clock clock,
      Consumer<PodContainer> onEnd) {
    this.container = container;
    this.pod = PodMarks.podName(container.guid());
    this.config = config;
    this.pods = pods;
    this.log = log;
    this.health = health;
    this.listener = listener;
    this.clock = clock;
    this.onEnd = onEnd;
  }

  Container container() {
    return container;
  }

  String pod() {
    return pod;
  }

  /** The name of the Secret with what it has to do; empty until that is known. */
  String secret() {
    return secret;
  }

  /** What its Pod will have to do, so that it is seen to be wanted before there is one. */
  void willHave(String itsSecret) {
    secret = itsSecret;
  }

  /** Which Pod of that name it is. */
  void become(Pod itsPod) {
    secret = PodManifests.secretName(itsPod);
    uid = itsPod.getMetadata().getUid();
  }

  /** Whether that Pod is this container's, and not an earlier one of its name. */
  boolean is(Pod other) {
    return uid.equals(other.getMetadata().getUid());
  }

  TaskProgress progress() {
    return progress.progress();
  }

  /**
   * Waits for the scheduler's word.
   *
   * @return the name of the node
   * @throws PlacementException when there is none for it
   * @throws TimeoutException when the scheduler says nothing
   */
  String awaitNode() throws InterruptedException, TimeoutException {
    try {
      return node.get(config.placementPatience().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof PlacementException refused) {
        throw refused;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** From now on the listener hears nothing. */
  void silence() {
    isSilent = true;
  }

  /** SIGTERM, then SIGKILL; the listener is told of the end. */
  void stop() {
    synchronized (this) {
      isStopping = true;
    }
    pods.stop(pod);
  }

  /** It is known to be claimed; before that, neither its running nor its end is one to tell. */
  synchronized void begin() {
    mayRun = true;
    if (early != null) {
      end(early);
    }
  }

  /** Whether that Pod is to have its Secret: a task's not before its claim. */
  synchronized boolean isToBegin(Pod other) {
    return is(other) && !isStopping && (mayRun || !container.isTask());
  }

  /** Takes in what the Pod's status says; states may come late, twice, and not all of them. */
  synchronized void observe(PodState state) {
    switch (state) {
      case PodState.Unscheduled() -> {}
      case PodState.Unschedulable refused -> node.completeExceptionally(placementError(refused));
      case PodState.Starting(var itsNode) -> node.complete(itsNode);
      case PodState.Failing failing -> {
        node.complete(failing.node());
        fail(failing);
      }
      case PodState.Running running -> {
        node.complete(running.node());
        failingSince = null;
        if (mayRun) {
          runs(running);
        }
      }
      case Ended ended -> end(ended);
      case PodState.Lost() -> {
        if (!isEnding) {
          pods.delete(pod, 0);
        }
        gone();
      }
    }
  }

  /** Its Pod is no more, or out of reach for good. */
  synchronized void gone() {
    node.completeExceptionally(new PlacementException(PlacementException.NO_COMPATIBLE_CELL));
    end(Ended.silently(End.REMOVED));
  }

  /** A task's reason is one of the protocol's own; an instance's error is for people. */
  private PlacementException placementError(PodState.Unschedulable refused) {
    return new PlacementException(container.isTask() ? refused.error() : refused.explained());
  }

  /** A registry may be away for a while; a name that is none never becomes one. */
  private void fail(PodState.Failing failing) {
    var now = clock.instant();
    if (failingSince == null) {
      failingSince = now;
      LOG.info("a container does not come up pod={} reason={}", pod, failing.reason());
    }
    if (failing.hopeless() || now.isAfter(failingSince.plus(config.startPatience()))) {
      pods.stop(pod);
      end(Ended.silently(End.NEVER_BEGAN));
    }
  }

  private void runs(PodState.Running running) {
    if (container.isTask()) {
      follow();
    } else if (running.ready()) {
      tellRunning(running.address());
    }
  }

  private void tellRunning(String address) {
    if (!hasRun && !isEnding) {
      hasRun = true;
      if (!isSilent) {
        listener.running(container.guid(), address, ports());
      }
    }
  }

  private List<PortMapping> ports() {
    return container.ports().stream().map(port -> new PortMapping(port, port)).toList();
  }

  private void follow() {
    if (!isFollowed) {
      isFollowed = true;
      Thread.ofVirtual().name("log-" + pod).start(this::readLog);
    }
  }

  /** The log from its beginning to the end of the container; again, when the connection is cut. */
  private void readLog() {
    try {
      do {
        try {
          log.follow(pod, this::take);
        } catch (IOException | KubernetesClientException e) {
          LOG.debug("the log of a task is cut off pod={} error={}", pod, e.toString());
        }
      } while (!isSilent && !ending.await(LOG_PAUSE.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      logRead.countDown();
    }
  }

  private void take(PodLog.Entry entry) {
    synchronized (telling) {
      if (progress.take(entry) && !isSilent && !hasTold) {
        listener.progressed(container.guid(), progress());
      }
    }
  }

  private void end(Ended ended) {
    // A task begins with its claim, and what ends earlier has never begun.
    if (!mayRun && !container.isTask()) {
      early = early == null ? ended : early;
      return;
    }
    if (isEnding) {
      return;
    }
    isEnding = true;
    ending.countDown();
    if (!isFollowed) {
      logRead.countDown();
    }
    Thread.ofVirtual().name("end-" + pod).start(() -> tellEnd(ended));
  }

  private void tellEnd(Ended ended) {
    try {
      if (container.isTask()) {
        readRest(ended);
      } else if (ended.report().filter(CellReport::hasRun).isPresent() || ranUnchecked(ended)) {
        tellHasRun(ended.address());
      }
      var outcome = container.isTask() ? taskOutcome(ended) : instanceOutcome(ended);
      tell(outcome);
      onEnd.accept(this);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("the end of a container was not told pod={}", pod, e);
    }
  }

  /** Its node is to be emptied; said at most until its end is. */
  void evacuate() {
    synchronized (telling) {
      if (!hasTold && !isSilent) {
        listener.evacuating(container.guid());
      }
    }
  }

  private void tell(ContainerOutcome outcome) {
    synchronized (telling) {
      hasTold = true;
      if (!isSilent) {
        listener.ended(container.guid(), outcome);
      }
    }
  }

  /** What the steps came to stands in the last lines, also when nobody had followed them so far. */
  private void readRest(Ended ended) throws InterruptedException {
    boolean isRead = logRead.await(LOG_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    if (ended.report().isPresent() && !(isRead && progress.isComplete())) {
      log.last(pod, LAST_LINES).forEach(this::take);
    }
  }

  /** An instance may be over before a probe has seen it. */
  private void tellHasRun(String address) {
    synchronized (this) {
      if (hasRun) {
        return;
      }
      hasRun = true;
    }
    if (!isSilent) {
      listener.running(container.guid(), address, ports());
    }
  }

  /** Without a monitor an instance runs from the beginning of its program. */
  private boolean ranUnchecked(Ended ended) {
    return ended.isPrograms()
        && (ended.how() == End.EXITED || ended.how() == End.OUT_OF_MEMORY)
        && SingleProgram.of(container).filter(single -> single.check() == null).isPresent();
  }

  private ContainerOutcome taskOutcome(Ended ended) throws InterruptedException {
    if (ended.report().isPresent()) {
      var report = ended.report().get();
      if (!report.failed()) {
        return result(report);
      }
      // Removed while it ran, it did not fail of itself.
      return ContainerOutcome.failed(
          ended.how() == End.REMOVED ? ContainerLostException.REASON : report.reason());
    }
    return ContainerOutcome.failed(reason(ended));
  }

  private ContainerOutcome instanceOutcome(Ended ended) throws InterruptedException {
    var single = SingleProgram.of(container);
    if (single.isEmpty()) {
      return reportedOutcome(ended);
    }
    if (ended.isPrograms()) {
      return programsOutcome(single.get(), ended);
    }
    // The last status of a Pod need not have its program any more; that it ran we know ourselves.
    boolean isCancelled = ended.report().isEmpty() && hasRun() && isStopped();
    return isCancelled ? single.get().cancelled() : reportedOutcome(ended);
  }

  private ContainerOutcome programsOutcome(SingleProgram single, Ended ended)
      throws InterruptedException {
    return switch (ended.how()) {
      case EXITED -> exitedByItself(single, ended);
      case OUT_OF_MEMORY -> single.exited(ended.exitStatus(), true);
      case STOPPED -> single.cancelled();
      case REMOVED -> isStopped() ? single.cancelled() : reportedOutcome(ended);
      case NEVER_BEGAN -> reportedOutcome(ended);
    };
  }

  private ContainerOutcome exitedByItself(SingleProgram single, Ended ended)
      throws InterruptedException {
    if (isStopped()) {
      return single.cancelled();
    }
    boolean isKilled = single.check() != null && health.whyKilled(pod, uid).isPresent();
    return isKilled ? single.unhealthy() : single.exited(ended.exitStatus(), false);
  }

  private ContainerOutcome reportedOutcome(Ended ended) {
    return ended
        .report()
        .map(
            report ->
                report.failed()
                    ? ContainerOutcome.failed(report.reason())
                    : ContainerOutcome.succeeded(""))
        .orElseGet(() -> ContainerOutcome.failed(reason(ended)));
  }

  private String reason(Ended ended) {
    return switch (ended.how()) {
      case EXITED -> "Exited with status " + ended.exitStatus();
      case OUT_OF_MEMORY -> "Exited with status " + KILLED + " (out of memory)";
      case STOPPED -> Outcome.CANCELLED;
      case REMOVED -> isStopped() ? Outcome.CANCELLED : ContainerLostException.REASON;
      case NEVER_BEGAN -> isStopped() ? Outcome.CANCELLED : INITIALIZE_FAILED;
    };
  }

  private synchronized boolean hasRun() {
    return hasRun;
  }

  private synchronized boolean isStopped() {
    return isStopping;
  }

  private ContainerOutcome result(CellReport report) throws InterruptedException {
    if (report.result() != null) {
      return ContainerOutcome.succeeded(report.result());
    }
    for (int attempt = 0; attempt < RESULT_ATTEMPTS && !isSilent; attempt++) {
      for (var entry : log.last(pod, 1).reversed()) {
        if (entry.line() instanceof CellLine.Result(var content)) {
          return ContainerOutcome.succeeded(content);
        }
      }
      TimeUnit.MILLISECONDS.sleep(LOG_PAUSE.toMillis());
    }
    return ContainerOutcome.failed(ResultFile.FAILED);
  }
}
