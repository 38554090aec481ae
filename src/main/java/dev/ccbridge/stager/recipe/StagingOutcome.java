package dev.ccbridge.stager.recipe;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.cloudcontroller.model.StagingRequestFromCC;
import dev.ccbridge.cloudcontroller.model.StagingResponseForCC;
import dev.ccbridge.cloudcontroller.model.StagingResult;
import dev.ccbridge.cloudcontroller.model.StagingTaskAnnotation;
import dev.ccbridge.receptor.model.GoJson;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.receptor.model.TaskResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;

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
      var lifecycle = lifecycle(task);
      return new Staged(lifecycle, result(task.result(), lifecycle));
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
    return bound(GoJson.only(task.annotation(), GoJson.Names.FOLDED), StagingTaskAnnotation.class)
        .lifecycle();
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

  /** Each lifecycle has a result of its own: what only the other one's has is not looked at. */
  private static StagingResult result(String json, String lifecycle)
      throws JsonProcessingException {
    var others =
        lifecycle.equals(StagingRequestFromCC.DOCKER)
            ? List.of("buildpack_key", "detected_buildpack")
            : List.of("docker_image");
    var value = GoJson.only(json, GoJson.Names.AS_THEY_ARE);
    if (value instanceof ObjectNode object) {
      object
          .propertyStream()
          .map(Map.Entry::getKey)
          .filter(name -> others.contains(name.toLowerCase(Locale.ROOT)))
          .toList()
          .forEach(object::remove);
    }
    return bound(value, StagingResult.class);
  }

  private static <T> T bound(JsonNode value, Class<T> type) throws JsonProcessingException {
    if (value.isMissingNode()) {
      throw new JsonParseException("nothing to read");
    }
    return ReceptorJson.mapper()
        .treeToValue(value.isNull() ? JsonNodeFactory.instance.objectNode() : value, type);
  }
}
