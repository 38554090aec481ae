package dev.ccbridge.receptor;

import static dev.ccbridge.receptor.FakeReceptor.refused;

import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.TaskCreateRequest;
import dev.ccbridge.receptor.model.TaskProgress;
import dev.ccbridge.receptor.model.TaskResponse;
import dev.ccbridge.receptor.model.TaskState;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;

/** The tasks of a {@link FakeReceptor}. */
final class FakeTasks {
  private final Clock clock;
  private final Map<String, TaskResponse> tasks = new LinkedHashMap<>();
  private final List<TaskCreateRequest> created = new ArrayList<>();

  FakeTasks(Clock clock) {
    this.clock = clock;
  }

  synchronized List<TaskCreateRequest> created() {
    return List.copyOf(created);
  }

  synchronized List<TaskResponse> list(String domain) {
    return tasks.values().stream()
        .filter(t -> domain.isEmpty() || t.domain().equals(domain))
        .toList();
  }

  synchronized Optional<TaskResponse> find(String guid) {
    return Optional.ofNullable(tasks.get(guid));
  }

  synchronized void create(TaskCreateRequest request) {
    if (request.action() == null || request.domain().isEmpty() || request.taskGuid().isEmpty()) {
      throw refused(ReceptorErrorName.InvalidTask, "Invalid field: task_guid");
    }
    if (tasks.containsKey(request.taskGuid())) {
      throw refused(ReceptorErrorName.TaskGuidAlreadyExists, "task already exists");
    }
    created.add(request);
    tasks.put(request.taskGuid(), pending(request));
  }

  synchronized void cancel(String guid) {
    var task = get(guid);
    if (task.state() == TaskState.COMPLETED || task.state() == TaskState.RESOLVING) {
      throw refused(
          ReceptorErrorName.UnknownError, "Cannot transition from Completed to Completed");
    }
    tasks.put(guid, with(task, TaskState.COMPLETED, "", true, "task was cancelled", "", null));
  }

  synchronized void delete(String guid) {
    if (get(guid).state() != TaskState.COMPLETED) {
      throw refused(
          ReceptorErrorName.TaskNotDeletable,
          "This task has not been completed. Please retry when it is completed.");
    }
    tasks.remove(guid);
  }

  synchronized void start(String guid, String cellId) {
    var task = get(guid);
    expect(task, TaskState.PENDING);
    tasks.put(guid, with(task, TaskState.RUNNING, cellId, false, "", "", null));
  }

  synchronized void complete(String guid, boolean failed, String reason, String result) {
    var task = get(guid);
    expect(task, TaskState.PENDING, TaskState.RUNNING);
    tasks.put(guid, with(task, TaskState.COMPLETED, "", failed, reason, result, null));
  }

  synchronized void setProgress(String guid, TaskProgress progress) {
    var task = get(guid);
    tasks.put(
        guid,
        with(
            task,
            task.state(),
            task.cellId(),
            task.failed(),
            task.failureReason(),
            task.result(),
            progress));
  }

  synchronized void lose(String guid) {
    get(guid);
    tasks.remove(guid);
  }

  int resolve(String guid, ToIntFunction<TaskResponse> post) {
    TaskResponse completed;
    synchronized (this) {
      completed = get(guid);
      expect(completed, TaskState.COMPLETED);
      tasks.put(guid, inState(completed, TaskState.RESOLVING));
    }
    var status = post.applyAsInt(completed);
    synchronized (this) {
      if (status == 503 || status == 504) {
        tasks.put(guid, completed);
      } else {
        tasks.remove(guid);
      }
    }
    return status;
  }

  private TaskResponse get(String guid) {
    return find(guid)
        .orElseThrow(
            () ->
                refused(ReceptorErrorName.TaskNotFound, "task with guid '" + guid + "' not found"));
  }

  private static void expect(TaskResponse task, TaskState... states) {
    if (!List.of(states).contains(task.state())) {
      throw new IllegalStateException("task " + task.taskGuid() + " is " + task.state());
    }
  }

  private TaskResponse pending(TaskCreateRequest request) {
    var now = clock.instant();
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
        "",
        now.getEpochSecond() * 1_000_000_000L + now.getNano(),
        false,
        "",
        "",
        TaskState.PENDING,
        request.egressRules(),
        TaskProgress.NONE);
  }

  private static TaskResponse inState(TaskResponse task, TaskState state) {
    return with(
        task, state, task.cellId(), task.failed(), task.failureReason(), task.result(), null);
  }

  /** {@code progress} null: as before. */
  private static TaskResponse with(
      TaskResponse task,
      TaskState state,
      String cellId,
      boolean failed,
      String reason,
      String result,
      TaskProgress progress) {
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
        cellId,
        task.createdAt(),
        failed,
        reason,
        result,
        state,
        task.egressRules(),
        progress == null ? task.progress() : progress);
  }
}
