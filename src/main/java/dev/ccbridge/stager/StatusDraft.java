package dev.ccbridge.stager;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus;
import dev.ccbridge.api.StagingRequestStatus.Delivery;
import dev.ccbridge.api.StagingRequestStatus.Failure;
import dev.ccbridge.api.StagingRequestStatus.Phase;
import dev.ccbridge.api.StagingRequestStatus.Result;
import dev.ccbridge.api.StagingRequestStatus.Step;
import dev.ccbridge.kube.Conditions;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A status in the making: the stored one with changes. What is stored stays as it is; it may belong
 * to a cache. Used by one thread.
 */
final class StatusDraft {
  private final long generation;
  private @Nullable List<Condition> conditions;
  private Phase phase;
  private @Nullable String taskGuid;
  private @Nullable String cellId;
  private @Nullable String createdAt;
  private @Nullable String startedAt;
  private @Nullable String finishedAt;
  private @Nullable List<Step> steps;
  private @Nullable Result result;
  private @Nullable Failure failure;
  private @Nullable Delivery delivery;

  StatusDraft(StagingRequest request) {
    generation = Staging.generation(request);
    phase = Staging.phase(request);
    var stored = request.getStatus();
    if (stored != null) {
      conditions = stored.conditions();
      taskGuid = stored.taskGuid();
      cellId = stored.cellId();
      createdAt = stored.createdAt();
      startedAt = stored.startedAt();
      finishedAt = stored.finishedAt();
      steps = stored.steps();
      result = stored.result();
      failure = stored.failure();
      delivery = stored.delivery();
    }
  }

  StatusDraft phase(Phase value) {
    phase = value;
    return this;
  }

  StatusDraft task(String guid, String created) {
    taskGuid = guid;
    createdAt = createdAt == null ? created : createdAt;
    return this;
  }

  /** Empty: on none. */
  StatusDraft cell(String value) {
    cellId = value.isEmpty() ? null : value;
    return this;
  }

  StatusDraft steps(List<Step> value) {
    if (!value.isEmpty()) {
      steps = value;
      startedAt =
          value.stream()
              .map(Step::startedAt)
              .filter(s -> s != null)
              .min(String::compareTo)
              .orElse(startedAt);
    }
    return this;
  }

  StatusDraft finished(String at) {
    finishedAt = at;
    cellId = null;
    return this;
  }

  StatusDraft result(Result value) {
    result = value;
    return this;
  }

  StatusDraft failure(Failure value) {
    failure = value;
    return this;
  }

  StatusDraft delivery(Delivery value) {
    delivery = value;
    return this;
  }

  StatusDraft conditions(List<Condition> fresh, Instant now) {
    conditions = Conditions.merge(conditions, fresh, now);
    return this;
  }

  long generation() {
    return generation;
  }

  StagingRequestStatus build() {
    return new StagingRequestStatus(
        generation,
        phase,
        conditions,
        taskGuid,
        cellId,
        createdAt,
        startedAt,
        finishedAt,
        steps,
        result,
        failure,
        delivery);
  }
}
