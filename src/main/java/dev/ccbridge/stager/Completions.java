package dev.ccbridge.stager;

import dev.ccbridge.receptor.model.TaskResponse;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finished tasks that the Receptor told us of, each waiting to be stored: the callback is answered
 * by one thread and the status written by another. Thread-safe; bounded by the callbacks that wait.
 */
final class Completions {
  private record Waiting(TaskResponse task, CompletableFuture<Boolean> stored) {}

  private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();

  /**
   * Hands over a finished task. The future is completed when its outcome is stored; a repeat shares
   * the future of the first.
   */
  CompletableFuture<Boolean> tell(TaskResponse task) {
    return waiting
        .computeIfAbsent(task.taskGuid(), guid -> new Waiting(task, new CompletableFuture<>()))
        .stored();
  }

  Optional<TaskResponse> find(String taskGuid) {
    return Optional.ofNullable(waiting.get(taskGuid)).map(Waiting::task);
  }

  /** The outcome is stored, or nobody wants it any more. */
  void stored(String taskGuid) {
    var done = waiting.remove(taskGuid);
    if (done != null) {
      done.stored().complete(true);
    }
  }

  /** The callback has waited long enough. */
  void giveUp(String taskGuid) {
    waiting.remove(taskGuid);
  }
}
