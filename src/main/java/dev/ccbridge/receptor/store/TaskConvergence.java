package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.model.TaskState;
import java.time.Clock;
import java.util.Set;

/**
 * Repairs what events missed: tasks that were not placed, whose cell is gone, whose outcome nobody
 * fetched.
 *
 * <p>Differs from Diego: a task failed here gets its callback at once instead of in a later round.
 * Source: bbs/db/etcd/task_convergence.go.
 */
final class TaskConvergence {
  private final TaskStore tasks;
  private final TaskRunner runner;
  private final CompletionCallbacks callbacks;
  private final ReceptorStoreConfig config;
  private final Clock clock;

  TaskConvergence(
      TaskStore tasks,
      TaskRunner runner,
      CompletionCallbacks callbacks,
      ReceptorStoreConfig config,
      Clock clock) {
    this.tasks = tasks;
    this.runner = runner;
    this.callbacks = callbacks;
    this.config = config;
    this.clock = clock;
  }

  /**
   * One round.
   *
   * @param cells that were there at {@code asOf}, nanoseconds since the epoch
   */
  void converge(Set<String> cells, long asOf) {
    var now = Times.now(clock);
    for (var task : tasks.all()) {
      switch (task.state()) {
        case PENDING -> pending(task, now);
        case RUNNING -> {
          // One that was started after the cells were read may be on a newer cell.
          if (task.updatedAt() < asOf && !cells.contains(task.cellId())) {
            tasks.fail(task, "cell disappeared before completion");
          }
        }
        case COMPLETED, RESOLVING -> finished(task, now);
        case INVALID -> throw new IllegalStateException("never stored: " + task.guid());
      }
    }
  }

  private void pending(StoredTask task, long now) {
    if (Times.isOlder(task.createdAt(), config.expirePending(), now)) {
      tasks.fail(task, "not started within time limit");
    } else if (Times.isOlder(task.updatedAt(), config.kickInterval(), now)) {
      runner.place(task.guid());
    }
  }

  private void finished(StoredTask task, long now) {
    if (Times.isOlder(task.firstCompletedAt(), config.expireCompleted(), now)) {
      expire(task);
      return;
    }
    if (!Times.isOlder(task.updatedAt(), config.kickInterval(), now)
        || callbacks.isUnderWay(task.guid())) {
      return;
    }
    if (task.state() == TaskState.RESOLVING) {
      tasks.unresolve(task.guid());
    }
    callbacks.submit(task);
  }

  private void expire(StoredTask task) {
    if (task.state() == TaskState.RESOLVING || tasks.resolve(task.guid()).isPresent()) {
      // Nobody waits for it; a removal that cannot be stored is kept and tried again by the file.
      tasks.removeResolving(task);
    }
  }
}
