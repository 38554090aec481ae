package dev.ccbridge.stager;

import dev.ccbridge.receptor.model.TaskResponse;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tasks that were seen at the Receptor although the outcome of their request is stored, so that
 * they are still to be deleted there. Saves asking the Receptor about every finished request.
 * Thread-safe.
 */
final class KnownTasks {
  private final Map<String, TaskResponse> tasks = new ConcurrentHashMap<>();

  void put(TaskResponse task) {
    tasks.put(task.taskGuid(), task);
  }

  void remove(String taskGuid) {
    tasks.remove(taskGuid);
  }

  Optional<TaskResponse> find(String taskGuid) {
    return Optional.ofNullable(tasks.get(taskGuid));
  }
}
