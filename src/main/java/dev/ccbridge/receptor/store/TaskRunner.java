package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.backend.Backend;
import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.ContainerOutcome;
import dev.ccbridge.receptor.backend.PlacementException;
import dev.ccbridge.receptor.model.TaskState;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings PENDING tasks onto a cell. The order of effects makes a task run at most once: RUNNING is
 * on the disk before the backend is asked to run it, and nothing leads back to PENDING.
 */
final class TaskRunner {
  private static final Logger LOG = LoggerFactory.getLogger(TaskRunner.class);
  static final String RUN_FAILED = "failed to run container";

  private final TaskStore tasks;
  private final Records records;
  private final Backend backend;
  private final Executor executor;

  /**
   * @param executor as many threads as the backend takes placements at a time
   */
  TaskRunner(TaskStore tasks, Records records, Backend backend, Executor executor) {
    this.tasks = tasks;
    this.records = records;
    this.backend = backend;
    this.executor = executor;
  }

  /** Places the task soon, if it is still PENDING then. */
  void place(String guid) {
    executor.execute(() -> placeNow(guid));
  }

  /** Places a new task once it is on the disk. */
  void placeWhenStored(String guid, CompletableFuture<@Nullable Void> stored) {
    whenStored(stored, () -> placeNow(guid));
  }

  private void placeNow(String guid) {
    var task = tasks.stored(guid);
    if (task.isEmpty() || task.get().state() != TaskState.PENDING) {
      return;
    }
    var container = Containers.of(task.get().request());
    try {
      var cell = backend.place(container);
      tasks
          .start(task.get(), cell)
          .ifPresentOrElse(
              stored -> whenStored(stored, () -> run(task.get(), container)),
              () -> destroyUnlessAnothers(task.get()));
    } catch (PlacementException nowhere) {
      tasks.fail(task.get(), nowhere.message());
    } catch (RuntimeException failure) {
      // It stays PENDING; convergence tries again.
      LOG.error("placing a task failed taskGuid={}", guid, failure);
    }
  }

  /** Goes on trying: while the disk fails, the change is kept and covered by the next write. */
  private void whenStored(CompletableFuture<@Nullable Void> stored, Runnable next) {
    stored.whenCompleteAsync(
        (ok, failure) -> {
          if (failure == null) {
            next.run();
            return;
          }
          var again = records.write(List.of());
          if (!again.isCompletedExceptionally()) {
            whenStored(again, next);
          }
        },
        executor);
  }

  private void run(StoredTask placed, Container container) {
    var guid = placed.guid();
    if (!isStillRunning(placed)) {
      destroyUnlessAnothers(placed);
      return;
    }
    try {
      backend.run(container);
    } catch (RuntimeException failure) {
      LOG.error("running a task failed taskGuid={}", guid, failure);
      tasks.ended(guid, ContainerOutcome.failed(RUN_FAILED));
    }
    if (!isStillRunning(placed)) {
      // Race with cancel(): its stop came before there was anything to stop.
      backend.stop(guid);
    }
  }

  private boolean isStillRunning(StoredTask placed) {
    return tasks.current(placed).filter(task -> task.state() == TaskState.RUNNING).isPresent();
  }

  /** The container of a task that came after this one went would be destroyed in its place. */
  private void destroyUnlessAnothers(StoredTask placed) {
    var guid = placed.guid();
    if (tasks.current(placed).isPresent() || tasks.stored(guid).isEmpty()) {
      backend.destroy(guid);
    }
  }
}
