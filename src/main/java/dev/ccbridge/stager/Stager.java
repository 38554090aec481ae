package dev.ccbridge.stager;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus;
import dev.ccbridge.api.StagingRequestStatus.Phase;
import dev.ccbridge.receptor.model.TaskResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides. Pure but for the time of day.
 *
 * <p>At most one task per request, ever: that a task is created is stored (phase Staging) before it
 * is created. As long as the phase is Pending there never was a task. When it is Staging and the
 * Receptor does not know the task, the create may have failed or the task may be over and
 * forgotten. No Receptor forgets a task sooner than {@link #CREATE_WINDOW} after it was created
 * unless it was told to, and nobody but us tells it; so within that time it was never there, and
 * after that nobody can know.
 */
final class Stager {
  /** Source: bbs task_convergence.go keeps what is completed for 120 s. */
  static final Duration CREATE_WINDOW = Duration.ofSeconds(60);

  static final String CANCELLED_REASON = "task was cancelled";
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
  private static final int DOUBLINGS = 9;

  /** As in the schema; met only where the schema's default was not applied. */
  private static final int DEFAULT_TTL_SECONDS = 86_400;

  private final CallbackTokens tokens;
  private final Clock clock;

  Stager(CallbackTokens tokens, Clock clock) {
    this.tokens = tokens;
    this.clock = clock;
  }

  /**
   * The next step.
   *
   * @param task what the Receptor says now; for a request whose outcome is stored, what it said
   *     last
   */
  StagingStep next(StagingRequest request, Optional<TaskResponse> task) {
    var own = task.filter(known -> tokens.belongs(known, request));
    if (Staging.isFinal(request)) {
      return afterOutcome(request, own);
    }
    if (task.isPresent() && own.isEmpty()) {
      return new StagingStep.RefuseGuid();
    }
    return task.map(known -> withTask(request, known)).orElseGet(() -> withoutTask(request));
  }

  private static StagingStep withTask(StagingRequest request, TaskResponse task) {
    if (isFinished(task)) {
      return new StagingStep.RecordOutcome(task);
    }
    return request.getSpec().cancelRequested()
        ? new StagingStep.CancelTask(task)
        : new StagingStep.AwaitTask(task);
  }

  private StagingStep withoutTask(StagingRequest request) {
    if (request.getSpec().cancelRequested()) {
      return new StagingStep.RecordCancelled();
    }
    if (Staging.phase(request) == Phase.PENDING) {
      return new StagingStep.DesireTask();
    }
    var created = instant(request.getStatus() == null ? null : request.getStatus().createdAt());
    var certain = created.isPresent() && now().isBefore(created.get().plus(CREATE_WINDOW));
    return certain ? new StagingStep.DesireTaskAgain() : new StagingStep.RecordLost();
  }

  private StagingStep afterOutcome(StagingRequest request, Optional<TaskResponse> task) {
    if (Staging.awaitsDelivery(request)) {
      var pause = pauseBeforeDelivery(request.getStatus());
      return pause.isPositive() ? new StagingStep.AwaitDelivery(pause) : new StagingStep.Deliver();
    }
    if (task.isPresent()) {
      return new StagingStep.ForgetTask(task.get());
    }
    var untilExpiry = untilExpiry(request);
    return untilExpiry.isPositive() ? new StagingStep.Done(untilExpiry) : new StagingStep.Expire();
  }

  /** Doubles from attempt to attempt and never ends. */
  private Duration pauseBeforeDelivery(@Nullable StagingRequestStatus status) {
    var delivery = status == null ? null : status.delivery();
    var last = instant(delivery == null ? null : delivery.lastAttemptAt());
    if (delivery == null || last.isEmpty()) {
      return Duration.ZERO;
    }
    return Duration.between(now(), last.get().plus(pauseAfter(attempts(delivery))));
  }

  static Duration pauseAfter(int attempts) {
    var doubled = FIRST_PAUSE.multipliedBy(1L << Math.clamp(attempts - 1, 0, DOUBLINGS));
    return doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
  }

  static int attempts(StagingRequestStatus.@Nullable Delivery delivery) {
    return delivery == null || delivery.attempts() == null ? 0 : delivery.attempts();
  }

  private Duration untilExpiry(StagingRequest request) {
    var ttl = request.getSpec().ttlSecondsAfterFinished();
    var finished = instant(request.getStatus() == null ? null : request.getStatus().finishedAt());
    return Duration.between(
        now(), finished.orElse(now()).plusSeconds(ttl == null ? DEFAULT_TTL_SECONDS : ttl));
  }

  static boolean isFinished(TaskResponse task) {
    return task.state() != null && task.state().isFinished();
  }

  private Instant now() {
    return clock.instant();
  }

  /** Our own writing; what a stranger may have put there counts as absent. */
  private static Optional<Instant> instant(@Nullable String time) {
    try {
      return Optional.ofNullable(time).map(Instant::parse);
    } catch (DateTimeParseException notOurs) {
      return Optional.empty();
    }
  }
}
