package dev.ccbridge.executor;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.receptor.model.Action;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Interprets action trees. The outermost action wraps first, and each wrapper alone decides what a
 * failure is. Source: executor/depot/steps @d45a4342; receptor doc/actions.md.
 *
 * <p>What the journal of a scope knows to have finished is not repeated: its outcome is taken. A
 * download or upload that had begun is done again, a program that had begun is watched further.
 */
public final class ActionExecutor {
  private final Clock clock;
  private final RunStep runStep;
  private final DownloadStep downloadStep;
  private final UploadStep uploadStep;

  public ActionExecutor(ExecutorConfig config, Clock clock) throws IOException {
    var transfers = new Transfers(config);
    this.clock = clock;
    this.runStep = new RunStep(config.stopGrace(), config.killGrace(), clock);
    this.downloadStep = new DownloadStep(config, transfers, clock);
    this.uploadStep = new UploadStep(transfers, clock);
  }

  /**
   * Performs an action and waits for its end.
   *
   * @param path of the action in its tree; unique within the container
   * @throws AbandonedException when the scope's cancellation is abandoned
   * @throws ContainerLostException when a program is gone and its end is not known
   */
  public Outcome perform(@Nullable Action action, String path, Scope scope) {
    return switch (action) {
      case null ->
          throw new CcBridgeException(
              ErrorKind.INVALID_REQUEST, "action " + path + " is missing, wanted one");
      case Action.Run run -> leaf(path, scope, true, () -> runStep.perform(run, path, scope));
      case Action.Download download ->
          leaf(path, scope, false, () -> downloadStep.perform(download, path, scope));
      case Action.Upload upload ->
          leaf(path, scope, false, () -> uploadStep.perform(upload, path, scope));
      case Action.Timeout timeout -> timeout(timeout, path, scope.withSource(timeout.logSource()));
      case Action.EmitProgress progress -> emitProgress(progress, path, scope);
      case Action.Try tolerant ->
          Outcome.succeeded(
              perform(tolerant.action(), path + ".0", scope.withSource(tolerant.logSource()))
                  .endedAt());
      case Action.Parallel parallel ->
          parallel(parallel.actions(), path, scope.withSource(parallel.logSource()));
      // Its log_source has no effect; the documentation says otherwise, the code does this.
      case Action.Serial serial -> serial(serial.actions(), path, scope);
      case Action.Codependent codependent ->
          codependent(codependent.actions(), path, scope.withSource(codependent.logSource()));
    };
  }

  /**
   * @param reattaches whether the leaf must be looked after once it has begun, though cancelled
   */
  private Outcome leaf(String path, Scope scope, boolean reattaches, Supplier<Outcome> work) {
    scope.cancellation().throwIfAbandoned();
    var entry = scope.journal().find(path);
    if (entry.isPresent() && entry.get().outcome() != null) {
      var outcome = entry.get().outcome();
      scope.steps().finished(path, entry.get().startedAt(), outcome);
      return outcome;
    }
    if (scope.cancellation().isCancelled() && !(reattaches && entry.isPresent())) {
      return Outcome.cancelled(now());
    }
    long startedAt = entry.map(Journal.Entry::startedAt).orElseGet(this::now);
    scope.journal().started(path, startedAt);
    scope.steps().started(path, startedAt);
    var outcome = work.get();
    scope.journal().finished(path, outcome);
    scope.steps().finished(path, startedAt, outcome);
    return outcome;
  }

  private Outcome serial(List<@Nullable Action> actions, String path, Scope scope) {
    long endedAt = now();
    for (int i = 0; i < actions.size(); i++) {
      var outcome = perform(actions.get(i), path + "." + i, scope);
      if (outcome.isFailed()) {
        return outcome;
      }
      endedAt = outcome.endedAt();
    }
    return Outcome.succeeded(endedAt);
  }

  private Outcome parallel(List<@Nullable Action> actions, String path, Scope scope) {
    try (var inner = scope.cancellation().child()) {
      var outcomes =
          Siblings.perform(
              children(actions, path, scope.within(inner)), outcome -> {}, inner::cancel);
      return aggregate(outcomes, failures(outcomes));
    }
  }

  private Outcome codependent(List<@Nullable Action> actions, String path, Scope scope) {
    try (var inner = scope.cancellation().child()) {
      var outcomes =
          Siblings.perform(
              children(actions, path, scope.within(inner)),
              outcome -> inner.cancel(),
              inner::cancel);
      var texts =
          outcomes.stream()
              .map(o -> o.isFailed() ? o.reason() : Wording.CODEPENDENT_EXITED)
              .toList();
      return aggregate(outcomes, texts);
    }
  }

  /** At once; the first that fails cancels the others, those that succeed say nothing. */
  Outcome untilOneFails(List<Supplier<Outcome>> actions, Cancellation inner) {
    var outcomes =
        Siblings.perform(
            actions,
            outcome -> {
              if (outcome.isFailed()) {
                inner.cancel();
              }
            },
            inner::cancel);
    return aggregate(outcomes, failures(outcomes));
  }

  private List<Supplier<Outcome>> children(
      List<@Nullable Action> actions, String path, Scope scope) {
    var children = new ArrayList<Supplier<Outcome>>();
    for (int i = 0; i < actions.size(); i++) {
      var action = actions.get(i);
      var childPath = path + "." + i;
      children.add(() -> perform(action, childPath, scope));
    }
    return children;
  }

  private static List<String> failures(List<Outcome> outcomes) {
    return outcomes.stream().filter(Outcome::isFailed).map(Outcome::reason).toList();
  }

  private Outcome aggregate(List<Outcome> outcomes, List<String> failures) {
    long endedAt = outcomes.stream().mapToLong(Outcome::endedAt).max().orElseGet(this::now);
    return failures.isEmpty()
        ? Outcome.succeeded(endedAt)
        : Outcome.failedInternally(Wording.aggregate(failures), endedAt);
  }

  /**
   * The deadline is wall-clock time, so that it holds while the operator is down. What ended before
   * it counts as in time, also if that is only found out afterwards.
   */
  private Outcome timeout(Action.Timeout timeout, String path, Scope scope) {
    long deadline = scope.journal().deadline(path, saturatedSum(now(), timeout.timeoutNanos()));
    try (var inner = scope.cancellation().child()) {
      var work = Siblings.fork(() -> perform(timeout.action(), path + ".0", scope.within(inner)));
      if (!inTime(work, deadline)) {
        inner.cancel();
      }
      var outcome = Siblings.join(work);
      return outcome.endedAt() > deadline ? exceeded(timeout, outcome) : outcome;
    }
  }

  private boolean inTime(CompletableFuture<Outcome> work, long deadline) {
    long left = Math.max(0, deadline - now());
    return Siblings.await(work, Duration.ofNanos(left));
  }

  private static Outcome exceeded(Action.Timeout timeout, Outcome inner) {
    var text = "exceeded " + Wording.duration(timeout.timeoutNanos()) + " timeout";
    var failure = inner.failure();
    if (failure != null && failure.forUsers()) {
      text += "; " + failure.text();
    }
    return Outcome.failed(text, "", inner.endedAt());
  }

  private Outcome emitProgress(Action.EmitProgress progress, String path, Scope scope) {
    var source = scope.withSource(progress.logSource()).logSource();
    if (!progress.startMessage().isEmpty()) {
      scope.log().append(path + "/start", source, false, progress.startMessage());
    }
    var outcome = perform(progress.action(), path + ".0", scope);
    var failure = outcome.failure();
    if (failure == null && !progress.successMessage().isEmpty()) {
      scope.log().append(path + "/end", source, false, progress.successMessage());
    }
    if (failure != null && !progress.failureMessagePrefix().isEmpty()) {
      var suffix = failure.forUsers() ? ": " + failure.text() : "";
      scope.log().append(path + "/end", source, true, progress.failureMessagePrefix() + suffix);
    }
    return outcome;
  }

  private long now() {
    return nanos(clock.instant());
  }

  /** Nanoseconds since the epoch. */
  static long nanos(Instant instant) {
    return Objects.requireNonNull(instant).getEpochSecond() * 1_000_000_000L + instant.getNano();
  }

  private static long saturatedSum(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }
}
