package dev.ccbridge.stager.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import dev.ccbridge.cloudcontroller.model.StagingRequestFromCC;
import dev.ccbridge.cloudcontroller.model.StagingResponseForCC;
import dev.ccbridge.cloudcontroller.model.StagingResult;
import dev.ccbridge.cloudcontroller.model.StagingTaskAnnotation;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.receptor.model.TaskResponse;
import org.jspecify.annotations.Nullable;

/** What became of a finished task. */
public sealed interface StagingOutcome {

  /** {@code lifecycle}: whose result it is. */
  record Staged(String lifecycle, StagingResult result) implements StagingOutcome {}

  /** {@code reason}: the task's own words, not fit for CC. */
  record Failed(String reason) implements StagingOutcome {}

  /** The task succeeded, but what it left cannot be read; {@code problem} says why. */
  record Unreadable(String problem) implements StagingOutcome {}

  /** The outcome of a finished task. */
  static StagingOutcome of(TaskResponse task) {
    if (task.failed()) {
      return new Failed(task.failureReason());
    }
    try {
      return new Staged(lifecycle(task), read(task.result(), StagingResult.class));
    } catch (JsonProcessingException unreadable) {
      return new Unreadable(unreadable.getOriginalMessage());
    }
  }

  /**
   * The lifecycle that the task's annotation names.
   *
   * @throws JsonProcessingException when the annotation is no JSON object
   */
  static String lifecycle(TaskResponse task) throws JsonProcessingException {
    return read(task.annotation(), StagingTaskAnnotation.class).lifecycle();
  }

  /** What CC is told of it. */
  default StagingResponseForCC forCC() {
    return switch (this) {
      case Failed(var reason) -> StagingResponseForCC.failed(StagingErrors.sanitize(reason));
      case Unreadable unreadable -> StagingResponseForCC.failed(StagingErrors.sanitize(""));
      case Staged(var lifecycle, var result) ->
          lifecycle.equals(StagingRequestFromCC.DOCKER)
              ? StagingResponseForCC.docker(
                  result.executionMetadata(), result.detectedStartCommand(), result.dockerImage())
              : StagingResponseForCC.buildpack(
                  result.executionMetadata(),
                  result.detectedStartCommand(),
                  result.buildpackKey(),
                  result.detectedBuildpack());
    };
  }

  private static <T> T read(String json, Class<T> type) throws JsonProcessingException {
    var reader =
        ReceptorJson.mapper().readerFor(type).with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    var value = reader.<@Nullable T>readValue(json);
    return value == null ? reader.readValue("{}") : value;
  }
}
