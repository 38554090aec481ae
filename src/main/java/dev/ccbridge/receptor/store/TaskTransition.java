package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.TaskState;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * All that can happen to a stored task, and in which states. There is no way back from RUNNING to
 * PENDING: a task runs at most once. Source: bbs/db/etcd/task_db.go.
 */
enum TaskTransition {
  /** A cell takes it. */
  START(TaskState.RUNNING, TaskState.PENDING),
  /** Its container ended. */
  COMPLETE(TaskState.COMPLETED, TaskState.RUNNING),
  /** It could not be placed, or is given up. */
  FAIL(TaskState.COMPLETED, TaskState.PENDING, TaskState.RUNNING),
  /** Somebody asked for its end. */
  CANCEL(TaskState.COMPLETED, TaskState.PENDING, TaskState.RUNNING),
  /** One resolver claims it, to tell of its outcome and delete it. */
  RESOLVE(TaskState.RESOLVING, TaskState.COMPLETED),
  /** The resolver did not succeed. */
  UNRESOLVE(TaskState.COMPLETED, TaskState.RESOLVING);

  private final TaskState to;
  private final Set<TaskState> from;

  TaskTransition(TaskState to, TaskState... from) {
    this.to = to;
    this.from = EnumSet.copyOf(Set.of(from));
  }

  TaskState to() {
    return to;
  }

  boolean isAllowedFrom(TaskState state) {
    return from.contains(state);
  }

  /**
   * @throws ReceptorException UnknownError, in the original's words
   */
  void requireAllowedFrom(TaskState state) {
    if (!isAllowedFrom(state)) {
      throw new ReceptorException(
          ReceptorErrorName.UnknownError,
          "Cannot transition from " + spoken(state) + " to " + spoken(to));
    }
  }

  private static String spoken(TaskState state) {
    return state.name().charAt(0) + state.name().substring(1).toLowerCase(Locale.ROOT);
  }
}
