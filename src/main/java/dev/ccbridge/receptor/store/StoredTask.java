package dev.ccbridge.receptor.store;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.ccbridge.receptor.model.TaskCreateRequest;
import dev.ccbridge.receptor.model.TaskProgress;
import dev.ccbridge.receptor.model.TaskResponse;
import dev.ccbridge.receptor.model.TaskState;
import org.jspecify.annotations.Nullable;

/**
 * A task as it is kept. Each method returns the task after a {@link TaskTransition}, or throws when
 * its state does not allow it. Times in nanoseconds since the epoch, 0: not yet; {@code progress}
 * is the last one, kept from the end of the task on.
 */
record StoredTask(
    @JsonProperty("request") TaskCreateRequest request,
    @JsonProperty("state") TaskState state,
    @JsonProperty("cell_id") String cellId,
    @JsonProperty("created_at") long createdAt,
    @JsonProperty("updated_at") long updatedAt,
    @JsonProperty("first_completed_at") long firstCompletedAt,
    @JsonProperty("failed") boolean failed,
    @JsonProperty("failure_reason") String failureReason,
    @JsonProperty("result") String result,
    @JsonProperty("progress") @Nullable TaskProgress progress) {

  static StoredTask created(TaskCreateRequest request, long now) {
    return new StoredTask(
        request, TaskState.PENDING, "", now, now, 0, false, "", "", TaskProgress.NONE);
  }

  String guid() {
    return request.taskGuid();
  }

  boolean hasCallback() {
    return !request.completionCallbackUrl().isEmpty();
  }

  StoredTask started(String cell, long now) {
    TaskTransition.START.requireAllowedFrom(state);
    return in(TaskTransition.START.to(), cell, now);
  }

  StoredTask completed(String itsResult, TaskProgress last, long now) {
    TaskTransition.COMPLETE.requireAllowedFrom(state);
    return finished(false, "", itsResult, last, now);
  }

  /**
   * @param transition FAIL, CANCEL, or COMPLETE when the container itself failed
   */
  StoredTask failed(TaskTransition transition, String reason, TaskProgress last, long now) {
    transition.requireAllowedFrom(state);
    return finished(true, reason, "", last, now);
  }

  StoredTask resolving(long now) {
    TaskTransition.RESOLVE.requireAllowedFrom(state);
    return in(TaskTransition.RESOLVE.to(), cellId, now);
  }

  StoredTask unresolved(long now) {
    TaskTransition.UNRESOLVE.requireAllowedFrom(state);
    return in(TaskTransition.UNRESOLVE.to(), cellId, now);
  }

  /** No change of state: when it was updated stays. */
  StoredTask with(TaskProgress last) {
    return new StoredTask(
        request,
        state,
        cellId,
        createdAt,
        updatedAt,
        firstCompletedAt,
        failed,
        failureReason,
        result,
        last);
  }

  TaskProgress progressOrNone() {
    return progress == null ? TaskProgress.NONE : progress;
  }

  TaskResponse toResponse(@Nullable TaskProgress shown) {
    return new TaskResponse(
        request.action(),
        request.annotation(),
        request.completionCallbackUrl(),
        request.cpuWeight(),
        request.diskMb(),
        request.domain(),
        request.logGuid(),
        request.logSource(),
        request.metricsGuid(),
        request.memoryMb(),
        request.resultFile(),
        request.taskGuid(),
        request.rootfs(),
        request.privileged(),
        request.env(),
        cellId,
        createdAt,
        failed,
        failureReason,
        result,
        state,
        request.egressRules(),
        shown);
  }

  private StoredTask in(TaskState next, String cell, long now) {
    return new StoredTask(
        request,
        next,
        cell,
        createdAt,
        now,
        firstCompletedAt,
        failed,
        failureReason,
        result,
        progress);
  }

  private StoredTask finished(
      boolean itFailed, String reason, String itsResult, TaskProgress last, long now) {
    return new StoredTask(
        request, TaskState.COMPLETED, "", createdAt, now, now, itFailed, reason, itsResult, last);
  }
}
