package dev.ccbridge.stager;

import dev.ccbridge.api.StagingRequestStatus.Result;
import dev.ccbridge.receptor.model.TaskResponse;
import dev.ccbridge.stager.recipe.StagingOutcome;
import org.jspecify.annotations.Nullable;

/**
 * What a task left that did not fail, in the words of the status: a result, or the problem of
 * reading it.
 */
record Outcomes(@Nullable Result result, @Nullable String problem) {

  /** {@code dropletUri}: where the droplet is; null when it is not in the built-in blob store. */
  static Outcomes read(TaskResponse task, @Nullable String dropletUri) {
    return switch (StagingOutcome.of(task)) {
      case StagingOutcome.Failed(var reason) -> new Outcomes(null, reason);
      case StagingOutcome.Unreadable(var problem) -> new Outcomes(null, problem);
      case StagingOutcome.Staged(var lifecycle, var result) -> {
        var commands = result.detectedStartCommand();
        yield new Outcomes(
            new Result(
                orNull(result.buildpackKey()),
                null,
                orNull(result.detectedBuildpack()),
                commands == null ? null : commands.get("web"),
                commands,
                orNull(result.executionMetadata()),
                orNull(result.dockerImage()),
                dropletUri),
            null);
      }
    };
  }

  private static @Nullable String orNull(String value) {
    return value.isEmpty() ? null : value;
  }
}
