package dev.ccbridge.stager;

import dev.ccbridge.receptor.model.TaskResponse;
import java.time.Duration;

/** The next thing to be done for a StagingRequest. */
sealed interface StagingStep {

  /** The Receptor has a task with this guid that is not the request's own. */
  record RefuseGuid() implements StagingStep {}

  /** There never was a task: note that there is one from now on, and create it. */
  record DesireTask() implements StagingStep {}

  /**
   * The create was noted a moment ago, and the Receptor does not know the task: whatever came
   * between, create it (again).
   */
  record DesireTaskAgain() implements StagingStep {}

  /** The task is not finished; show how far it is. */
  record AwaitTask(TaskResponse task) implements StagingStep {}

  /** The task is not finished, and nobody wants it any more. */
  record CancelTask(TaskResponse task) implements StagingStep {}

  /** The task has ended; store how, before anybody is told or anything is deleted. */
  record RecordOutcome(TaskResponse task) implements StagingStep {}

  /** Cancelled before there was a task, or the task is gone already. */
  record RecordCancelled() implements StagingStep {}

  /** There was a task, the Receptor has forgotten it, and how it ended is unknown. */
  record RecordLost() implements StagingStep {}

  /** The outcome is stored; tell who asked. */
  record Deliver() implements StagingStep {}

  /** The last attempt to tell failed; wait before the next. */
  record AwaitDelivery(Duration pause) implements StagingStep {}

  /** Outcome and delivery are stored: the Receptor need not keep the task. */
  record ForgetTask(TaskResponse task) implements StagingStep {}

  /** The request's time is up. */
  record Expire() implements StagingStep {}

  /** Nothing, until its time is up. */
  record Done(Duration untilExpiry) implements StagingStep {}
}
