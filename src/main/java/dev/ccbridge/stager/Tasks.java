package dev.ccbridge.stager;

import dev.ccbridge.receptor.model.TaskResponse;
import dev.ccbridge.receptor.model.TaskState;

/** Copies of tasks. */
final class Tasks {
  private Tasks() {}

  static TaskResponse inState(TaskResponse task, TaskState state) {
    return new TaskResponse(
        task.action(),
        task.annotation(),
        task.completionCallbackUrl(),
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
        state,
        task.egressRules(),
        task.progress());
  }

  /** {@code full}, ended as {@code told}. */
  static TaskResponse withOutcomeOf(TaskResponse full, TaskResponse told) {
    return new TaskResponse(
        full.action(),
        told.annotation(),
        full.completionCallbackUrl(),
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
