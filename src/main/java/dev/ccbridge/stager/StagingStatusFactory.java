package dev.ccbridge.stager;

import dev.ccbridge.api.StagingReasons;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus;
import dev.ccbridge.api.StagingRequestStatus.Delivery;
import dev.ccbridge.api.StagingRequestStatus.Failure;
import dev.ccbridge.api.StagingRequestStatus.Phase;
import dev.ccbridge.api.StagingRequestStatus.Result;
import dev.ccbridge.api.StagingRequestStatus.Step;
import dev.ccbridge.api.StagingRequestStatus.StepState;
import dev.ccbridge.kube.Conditions;
import dev.ccbridge.receptor.EgressGaps;
import dev.ccbridge.receptor.model.TaskProgress;
import dev.ccbridge.receptor.model.TaskResponse;
import dev.ccbridge.receptor.model.TaskState;
import dev.ccbridge.secrets.SecretMask;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The statuses that a StagingRequest can have; the only place that makes them. Pure but for the
 * time of day; times are in whole seconds.
 */
final class StagingStatusFactory {
  static final String DELIVERED = "Delivered";
  private static final long NANOS_PER_MILLI = 1_000_000;
  private final Clock clock;
  private final EgressGaps egressGaps;

  StagingStatusFactory(Clock clock, EgressGaps egressGaps) {
    this.clock = clock;
    this.egressGaps = egressGaps;
  }

  /**
   * Stored before the task is created: from now on there may be one. What is said of egress rules
   * stays, as they do.
   */
  StagingRequestStatus creating(StagingRequest request) {
    return reconciling(
        request,
        StagingReasons.TASK_CREATED,
        "the task waits for a cell",
        draft ->
            draft
                .phase(Phase.STAGING)
                .task(Staging.taskGuid(request), now())
                .conditions(egress(request), clock.instant()));
  }

  private List<Condition> egress(StagingRequest request) {
    var rules = StagingRecipes.egressRules(request.getSpec());
    return Conditions.egress(
        Staging.generation(request), StagingReasons.NOT_ENFORCED, egressGaps.of(rules));
  }

  /** The task is not finished. */
  StagingRequestStatus progressed(StagingRequest request, TaskResponse task) {
    var steps = steps(request, task);
    var running = task.state() == TaskState.RUNNING;
    return reconciling(
        request,
        running ? StagingReasons.STAGING : StagingReasons.TASK_CREATED,
        running ? runningMessage(steps) : "the task waits for a cell",
        draft ->
            draft
                .phase(Phase.STAGING)
                .task(task.taskGuid(), time(task.createdAt()))
                .cell(task.cellId())
                .steps(steps));
  }

  StagingRequestStatus cancelling(StagingRequest request) {
    return reconciling(
        request, StagingReasons.CANCELLING, "the task is told to stop", draft -> draft);
  }

  /** {@code problem}: in the Receptor's words. */
  StagingRequestStatus receptorUnavailable(StagingRequest request, String problem) {
    return reconciling(
        request,
        StagingReasons.RECEPTOR_UNAVAILABLE,
        "the Receptor cannot be used for now, which is tried again by itself: " + problem,
        draft -> draft);
  }

  /** {@code problem}: what went wrong with asking for the caching registry. */
  StagingRequestStatus registriesUnavailable(StagingRequest request, String problem) {
    return reconciling(
        request,
        StagingReasons.DOCKER_REGISTRY_UNAVAILABLE,
        problem + "; tried again by itself",
        draft -> draft);
  }

  /** Needs a person; {@code message} says what to do. */
  StagingRequestStatus stalled(StagingRequest request, String reason, String message) {
    var draft = new StatusDraft(request);
    return draft
        .conditions(Conditions.stalled(draft.generation(), reason, message), clock.instant())
        .build();
  }

  StagingRequestStatus succeeded(StagingRequest request, TaskResponse task, Result result) {
    var draft = ended(request, task).phase(Phase.SUCCEEDED).result(result);
    var by = result.detectedBuildpack() != null ? result.detectedBuildpack() : result.buildpack();
    return draft
        .conditions(
            Conditions.ready(
                draft.generation(),
                StagingReasons.STAGED,
                by == null ? "staged" : "staged by " + by),
            clock.instant())
        .build();
  }

  /** {@code task} null: there is none, or none any more. */
  StagingRequestStatus failed(
      StagingRequest request, @Nullable TaskResponse task, Failure failure) {
    var draft = ended(request, task).phase(Phase.FAILED).failure(failure);
    var message = failure.message() == null ? "" : failure.message();
    return draft
        .conditions(Conditions.stalled(draft.generation(), failure.id(), message), clock.instant())
        .build();
  }

  /** {@code task} null: there is none, or none any more. */
  StagingRequestStatus cancelled(StagingRequest request, @Nullable TaskResponse task) {
    var message = "cancelled as asked for: create a new StagingRequest to stage the app";
    var draft =
        ended(request, task).phase(Phase.CANCELLED).failure(new Failure("StagingError", message));
    return draft
        .conditions(
            Conditions.stalled(draft.generation(), StagingReasons.CANCELLED, message),
            clock.instant())
        .build();
  }

  StagingRequestStatus delivered(StagingRequest request) {
    var now = now();
    return delivery(
        request,
        new Delivery(attempts(request), null, now, now),
        delivered(request, true, StagingReasons.ACKNOWLEDGED, ""));
  }

  /** Tried again by itself. */
  StagingRequestStatus deliveryFailed(StagingRequest request, String error) {
    return delivery(
        request,
        new Delivery(attempts(request), error, now(), null),
        delivered(request, false, StagingReasons.RETRYING, error + "; tried again by itself"));
  }

  /** Not tried again. */
  StagingRequestStatus deliveryRefused(StagingRequest request, String error) {
    return delivery(
        request,
        new Delivery(attempts(request), error, now(), null),
        delivered(request, false, StagingReasons.REFUSED, error + "; not tried again"));
  }

  /** Whether the callback was acknowledged, or refused for good. */
  static boolean deliveryEnded(@Nullable StagingRequestStatus status) {
    var conditions = status == null ? null : status.conditions();
    return Conditions.isTrue(conditions, DELIVERED)
        || Conditions.hasReason(conditions, DELIVERED, StagingReasons.REFUSED);
  }

  private StagingRequestStatus delivery(
      StagingRequest request, Delivery delivery, Condition condition) {
    return new StatusDraft(request)
        .delivery(delivery)
        .conditions(List.of(condition), clock.instant())
        .build();
  }

  private static Condition delivered(
      StagingRequest request, boolean status, String reason, String message) {
    return Conditions.of(DELIVERED, status, reason, message, Staging.generation(request));
  }

  private static int attempts(StagingRequest request) {
    var status = request.getStatus();
    return 1 + Stager.attempts(status == null ? null : status.delivery());
  }

  private StagingRequestStatus reconciling(
      StagingRequest request, String reason, String message, UnaryOperator<StatusDraft> changes) {
    var draft = changes.apply(new StatusDraft(request));
    return draft
        .conditions(Conditions.reconciling(draft.generation(), reason, message), clock.instant())
        .build();
  }

  private StatusDraft ended(StagingRequest request, @Nullable TaskResponse task) {
    var draft = new StatusDraft(request).finished(now());
    if (task == null) {
      return draft;
    }
    return draft
        .task(task.taskGuid(), task.createdAt() == 0 ? now() : time(task.createdAt()))
        .steps(steps(request, task));
  }

  private static List<Step> steps(StagingRequest request, TaskResponse task) {
    var progress = task.progress();
    if (progress == null) {
      return List.of();
    }
    var mask = SecretMask.of(request.getSpec().environment(), task.action());
    return progress.steps().stream().map(step -> step(step, mask)).toList();
  }

  private static Step step(TaskProgress.Step step, SecretMask mask) {
    return new Step(
        step.name(),
        switch (step.state()) {
          case PENDING -> StepState.PENDING;
          case RUNNING -> StepState.RUNNING;
          case SUCCEEDED -> StepState.SUCCEEDED;
          case FAILED -> StepState.FAILED;
          case CANCELLED -> StepState.CANCELLED;
        },
        step.startedAt() == 0 ? null : time(step.startedAt()),
        step.finishedAt() == 0 ? null : time(step.finishedAt()),
        step.message().isEmpty() ? null : mask.apply(step.message()));
  }

  private static String runningMessage(List<Step> steps) {
    return steps.stream()
        .filter(step -> step.state() == StepState.RUNNING)
        .map(step -> "in step: " + step.name())
        .findFirst()
        .orElse("the task runs");
  }

  private String now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** To the millisecond: most steps take less than a second. */
  private static String time(long nanos) {
    return Instant.ofEpochMilli(nanos / NANOS_PER_MILLI).toString();
  }
}
