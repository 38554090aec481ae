package dev.ccbridge.stager;

import dev.ccbridge.receptor.model.TaskResponse;
import dev.ccbridge.receptor.model.TaskState;

/** Copies of tasks. */
final class Tasks {
  private Tasks() {}

  /**
   * A task as a callback told of it: the Receptor keeps it until it has its answer, and then
   * deletes it. {@code callbackUrl}: the one that was called, which a short body does not hold.
   */
  static TaskResponse told(TaskResponse task, String callbackUrl) {
    return new TaskResponse(
        task.action(),
        task.annotation(),
        callbackUrl,
        task.cpuWeight(),
        task.diskMb(),
        task.domain(),
        task.logGuid(),
        task.logSource(),
        task.metricsGuid(),
        task.memoryMb(),
        task.resultFile(),
        task.taskGuid(),
        task.rootfs(),
        task.privileged(),
        task.env(),
        task.cellId(),
        task.createdAt(),
        task.failed(),
        task.failureReason(),
        task.result(),
        TaskState.RESOLVING,
        task.egressRules(),
        task.progress());
  }

  /** {@code full}, ended as {@code told}. */
  static TaskResponse withOutcomeOf(TaskResponse full, TaskResponse told) {
    return new TaskResponse(
        full.action(),
        told.annotation(),
        told.completionCallbackUrl(),
        full.cpuWeight(),
        full.diskMb(),
        full.domain(),
        full.logGuid(),
        full.logSource(),
        full.metricsGuid(),
        full.memoryMb(),
        full.resultFile(),
        full.taskGuid(),
        full.rootfs(),
        full.privileged(),
        full.env(),
        full.cellId(),
        full.createdAt(),
        told.failed(),
        told.failureReason(),
        told.result(),
        told.state(),
        full.egressRules(),
        full.progress());
  }
}
