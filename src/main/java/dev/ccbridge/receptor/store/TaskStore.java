package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.backend.Backend;
import dev.ccbridge.receptor.backend.ContainerOutcome;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.TaskCreateRequest;
import dev.ccbridge.receptor.model.TaskProgress;
import dev.ccbridge.receptor.model.TaskResponse;
import dev.ccbridge.receptor.model.TaskState;
import dev.ccbridge.receptor.model.Validation;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The tasks and their lifecycle. Thread-safe: every change is made under one lock, which also puts
 * the writes in order; reads take no lock. The backend is never called under the lock.
 *
 * <p>RESOLVING is a claim of this process and not stored: after a restart nobody resolves any more.
 */
final class TaskStore {
  private static final String CANCELLED = "task was cancelled";

  private final Records records;
  private final Backend backend;
  private final Clock clock;
  private volatile Consumer<StoredTask> onCompleted = task -> {};
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, StoredTask> tasks = new ConcurrentHashMap<>();

  /**
   * Guids of tasks that are being removed: a second removal of the same task would meet the next
   * one of its guid.
   */
  private final Set<String> removing = ConcurrentHashMap.newKeySet();

  /** The latest progress of what runs. */
  private final Map<String, TaskProgress> progress = new ConcurrentHashMap<>();

  TaskStore(Records records, Backend backend, Clock clock) {
    this.records = records;
    this.backend = backend;
    this.clock = clock;
  }

  /**
   * @param listener told when an outcome is on the disk; must not block
   */
  void onCompleted(Consumer<StoredTask> listener) {
    this.onCompleted = listener;
  }

  void load() {
    tasks.putAll(records.load(Table.TASKS, StoredTask.class));
  }

  Collection<StoredTask> all() {
    return tasks.values();
  }

  /** What is told is on the disk. */
  List<TaskResponse> list(String domain) {
    var listed =
        tasks.values().stream()
            .filter(task -> domain.isEmpty() || domain.equals(task.request().domain()))
            .map(this::respond)
            .toList();
    records.settle(Table.TASKS);
    return listed;
  }

  /** What is told is on the disk, also that there is no such task. */
  Optional<TaskResponse> find(String guid) {
    var found = Optional.ofNullable(tasks.get(guid)).map(this::respond);
    records.settle(Table.TASKS, guid);
    return found;
  }

  Optional<StoredTask> stored(String guid) {
    return Optional.ofNullable(tasks.get(guid));
  }

  /**
   * @return completes when the task is on the disk
   */
  CompletableFuture<@Nullable Void> create(TaskCreateRequest request) {
    Validation.check(request);
    return change(
        request.taskGuid(),
        () -> {
          if (tasks.containsKey(request.taskGuid())) {
            throw new ReceptorException(
                ReceptorErrorName.TaskGuidAlreadyExists, "task already exists");
          }
          return put(StoredTask.created(request, now()));
        });
  }

  /**
   * Makes a change under the lock that may be refused. A refusal tells of what is on the disk, as
   * every other answer does.
   */
  private <T> T change(String guid, Supplier<T> change) {
    try {
      lock.lock();
      try {
        return change.get();
      } finally {
        lock.unlock();
      }
    } catch (ReceptorException refusal) {
      records.settle(Table.TASKS, guid);
      throw refusal;
    }
  }

  /**
   * PENDING → RUNNING.
   *
   * @return completes when it is on the disk, and only then the container may be run; empty when
   *     the task is not PENDING any more
   */
  Optional<CompletableFuture<@Nullable Void>> start(StoredTask placed, String cell) {
    lock.lock();
    try {
      return current(placed)
          .filter(task -> TaskTransition.START.isAllowedFrom(task.state()))
          .map(task -> put(task.started(cell, now())));
    } finally {
      lock.unlock();
    }
  }

  void progressed(String guid, TaskProgress latest) {
    progress.put(guid, latest);
    if (!tasks.containsKey(guid)) {
      // Asked afterwards, or a removal in between would leave it here for good.
      progress.remove(guid);
    }
  }

  /**
   * A container has ended. Of a task that was cancelled meanwhile only the progress is kept.
   *
   * @return completes when the outcome is on the disk
   */
  CompletableFuture<@Nullable Void> ended(String guid, ContainerOutcome outcome) {
    var last = lastProgress(guid);
    lock.lock();
    try {
      var task = tasks.get(guid);
      if (task == null) {
        return CompletableFuture.completedFuture(null);
      }
      if (TaskTransition.COMPLETE.isAllowedFrom(task.state())) {
        return finish(
            outcome.failed()
                ? task.failed(TaskTransition.COMPLETE, outcome.reason(), last, now())
                : task.completed(outcome.result(), last, now()));
      }
      return task.state().isFinished() && !last.equals(task.progress())
          ? put(task.with(last))
          : CompletableFuture.completedFuture(null);
    } finally {
      lock.unlock();
    }
  }

  /** Placement or convergence gives the task up; nothing happens when it has finished already. */
  void fail(StoredTask seen, String reason) {
    var last = lastProgress(seen.guid());
    lock.lock();
    try {
      current(seen)
          .filter(task -> TaskTransition.FAIL.isAllowedFrom(task.state()))
          .ifPresent(task -> finish(task.failed(TaskTransition.FAIL, reason, last, now())));
    } finally {
      lock.unlock();
    }
  }

  void cancel(String guid) {
    var last = lastProgress(guid);
    var cancelled =
        change(
            guid,
            () -> {
              var before = require(guid);
              return new Cancelled(
                  before, finish(before.failed(TaskTransition.CANCEL, CANCELLED, last, now())));
            });
    Records.await(cancelled.stored());
    if (cancelled.before().state() == TaskState.RUNNING) {
      // Not destroyed yet: its log is of use until the task is deleted.
      backend.stop(guid);
    }
  }

  private record Cancelled(StoredTask before, CompletableFuture<@Nullable Void> stored) {}

  void delete(String guid) {
    var claimed =
        change(
            guid,
            () -> {
              var task = require(guid);
              if (!TaskTransition.RESOLVE.isAllowedFrom(task.state())) {
                throw new ReceptorException(
                    ReceptorErrorName.TaskNotDeletable,
                    "This task has not been completed. Please retry when it is completed.");
              }
              tasks.put(guid, task.resolving(now()));
              // Together with the claim: convergence must not take one back that is at work.
              removing.add(guid);
              return task;
            });
    Records.await(removeClaimed(claimed));
  }

  /** Claims a COMPLETED task for its callback; empty when somebody else resolves it. */
  Optional<StoredTask> resolve(String guid) {
    lock.lock();
    try {
      var task = tasks.get(guid);
      if (task == null || !TaskTransition.RESOLVE.isAllowedFrom(task.state())) {
        return Optional.empty();
      }
      tasks.put(guid, task.resolving(now()));
      return Optional.of(task);
    } finally {
      lock.unlock();
    }
  }

  /** Back to COMPLETED; nothing happens unless it is RESOLVING, and nobody is removing it. */
  void unresolve(String guid) {
    lock.lock();
    try {
      if (!removing.contains(guid)) {
        unclaim(guid);
      }
    } finally {
      lock.unlock();
    }
  }

  private void unclaim(String guid) {
    lock.lock();
    try {
      var task = tasks.get(guid);
      if (task != null && TaskTransition.UNRESOLVE.isAllowedFrom(task.state())) {
        tasks.put(guid, task.unresolved(now()));
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Deletes a task that was claimed by {@link #resolve}; nothing happens when it is gone already.
   * Its container goes first: once the record is gone, the guid may come again.
   *
   * @return completes when the removal is on the disk
   */
  CompletableFuture<@Nullable Void> removeResolving(StoredTask claimed) {
    var guid = claimed.guid();
    return removing.add(guid) ? removeClaimed(claimed) : CompletableFuture.completedFuture(null);
  }

  private CompletableFuture<@Nullable Void> removeClaimed(StoredTask claimed) {
    var guid = claimed.guid();
    try {
      return isClaimed(claimed) ? remove(guid) : CompletableFuture.completedFuture(null);
    } finally {
      removing.remove(guid);
    }
  }

  private CompletableFuture<@Nullable Void> remove(String guid) {
    try {
      // As long as it is RUNNING on the disk, it is run again by whoever finds it without
      // container.
      Records.await(records.stored(Table.TASKS, guid));
      backend.destroy(guid);
    } catch (RuntimeException failure) {
      unclaim(guid);
      throw failure;
    }
    lock.lock();
    try {
      // Written first: who finds no task waits for that.
      var stored = records.write(List.of(Change.remove(Table.TASKS, guid)));
      tasks.remove(guid);
      progress.remove(guid);
      return stored;
    } finally {
      lock.unlock();
    }
  }

  private boolean isClaimed(StoredTask claimed) {
    return current(claimed).filter(task -> task.state() == TaskState.RESOLVING).isPresent();
  }

  /** A task as it is now; empty when it is gone, also if another one has its guid. */
  Optional<StoredTask> current(StoredTask seen) {
    return stored(seen.guid()).filter(task -> task.createdAt() == seen.createdAt());
  }

  private CompletableFuture<@Nullable Void> finish(StoredTask task) {
    progress.remove(task.guid());
    var stored = put(task);
    stored.thenRun(() -> onCompleted.accept(task));
    return stored;
  }

  private CompletableFuture<@Nullable Void> put(StoredTask task) {
    var stored = records.write(List.of(Change.put(Table.TASKS, task.guid(), task)));
    tasks.put(task.guid(), task);
    return stored;
  }

  private StoredTask require(String guid) {
    var task = tasks.get(guid);
    if (task == null) {
      throw new ReceptorException(
          ReceptorErrorName.TaskNotFound, "task with guid '" + guid + "' not found");
    }
    return task;
  }

  private TaskResponse respond(StoredTask task) {
    return task.toResponse(lastProgress(task));
  }

  /** Asks the backend, so not under the lock. */
  private TaskProgress lastProgress(String guid) {
    var task = tasks.get(guid);
    return task == null ? TaskProgress.NONE : lastProgress(task);
  }

  private TaskProgress lastProgress(StoredTask task) {
    var latest = progress.get(task.guid());
    if (latest != null) {
      return latest;
    }
    return task.state() == TaskState.RUNNING
        ? backend.progress(task.guid())
        : task.progressOrNone();
  }

  private long now() {
    return Times.now(clock);
  }
}
