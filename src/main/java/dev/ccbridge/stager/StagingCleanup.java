package dev.ccbridge.stager;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.TaskResponse;
import dev.ccbridge.receptor.model.TaskState;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes away what is left of a request that is being deleted. Thread-safe. */
final class StagingCleanup {
  private static final Logger LOG = LoggerFactory.getLogger(StagingCleanup.class);

  /** Cancel, delete, and see that it is gone. */
  private static final int ATTEMPTS = 3;

  private final Receptor receptor;
  private final ArtifactUrls artifacts;
  private final CallbackTokens tokens;
  private final StagingState state;

  StagingCleanup(
      Receptor receptor, ArtifactUrls artifacts, CallbackTokens tokens, StagingState state) {
    this.receptor = receptor;
    this.artifacts = artifacts;
    this.tokens = tokens;
    this.state = state;
  }

  /** Whether nothing is left; until then, come again. */
  boolean isDone(StagingRequest request) {
    if (!isTaskGone(Staging.taskGuid(request), task -> tokens.belongs(task, request))) {
      return false;
    }
    var droplet = Staging.dropletUri(request.getStatus());
    if (droplet != null) {
      artifacts.discardDroplet(droplet);
    }
    return true;
  }

  /** The same for a task whose request is gone, by the uid of the request. */
  boolean isOrphanGone(String taskGuid, String uid) {
    return isTaskGone(taskGuid, task -> tokens.uidOf(task).filter(uid::equals).isPresent());
  }

  /** Cancels the task if it is not finished, deletes it if it is. */
  private boolean isTaskGone(String taskGuid, Predicate<TaskResponse> isOurs) {
    for (var attempt = 0; attempt < ATTEMPTS; attempt++) {
      var task = receptor.findTask(taskGuid).filter(isOurs);
      if (task.isEmpty()) {
        state.knownTasks().remove(taskGuid);
        return true;
      }
      if (task.get().state() == TaskState.RESOLVING) {
        return false;
      }
      removeOneStep(taskGuid, Stager.isFinished(task.get()));
    }
    return false;
  }

  /** What the Receptor refuses because the task has moved on shows at the next look. */
  private void removeOneStep(String taskGuid, boolean finished) {
    try {
      if (finished) {
        receptor.deleteTask(taskGuid);
        return;
      }
      receptor.cancelTask(taskGuid);
      LOG.info("task cancelled taskGuid={} because its request is gone", taskGuid);
    } catch (ReceptorException movedOn) {
      if (!hasMovedOn(movedOn)) {
        throw movedOn;
      }
    }
  }

  private static boolean hasMovedOn(ReceptorException answer) {
    return answer.name() == ReceptorErrorName.TaskNotFound
        || answer.name() == ReceptorErrorName.TaskNotDeletable
        || answer.name() == ReceptorErrorName.UnknownError
            && answer.message().startsWith("Cannot transition");
  }
}
