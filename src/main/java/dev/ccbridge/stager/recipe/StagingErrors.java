package dev.ccbridge.stager.recipe;

import dev.ccbridge.cloudcontroller.model.StagingErrorId;
import dev.ccbridge.cloudcontroller.model.StagingResponseForCC.StagingError;
import java.util.Set;

/**
 * What CC is told of a failure, and no more. Source: stager backend/backend.go,
 * SanitizeErrorMessage @1847376.
 */
public final class StagingErrors {
  private static final String HIDDEN = "staging failed";
  private static final String INSUFFICIENT_RESOURCES = "insufficient resources";
  private static final String NO_COMPATIBLE_CELL = "found no compatible cell";
  private static final Set<String> DOCKER_MESSAGES =
      Set.of(
          "missing docker image download url",
          "missing docker registry",
          "missing docker credentials",
          "invalid docker registry address");

  private StagingErrors() {}

  /**
   * @param reason a task's failure reason, or the text of a recipe's or the Receptor's error
   */
  public static StagingError sanitize(String reason) {
    if (reason.endsWith("222")) {
      return error(StagingErrorId.NoAppDetectedError, HIDDEN);
    }
    if (reason.endsWith("223")) {
      return error(StagingErrorId.BuildpackCompileFailed, HIDDEN);
    }
    if (reason.endsWith("224")) {
      return error(StagingErrorId.BuildpackReleaseFailed, HIDDEN);
    }
    return switch (reason) {
      case INSUFFICIENT_RESOURCES -> error(StagingErrorId.InsufficientResources, reason);
      case NO_COMPATIBLE_CELL -> error(StagingErrorId.NoCompatibleCell, reason);
      default ->
          error(StagingErrorId.StagingError, DOCKER_MESSAGES.contains(reason) ? reason : HIDDEN);
    };
  }

  /** Whether CC is told this very text, as it is told no other of id StagingError. */
  public static boolean isForCC(String text) {
    return DOCKER_MESSAGES.contains(text);
  }

  /**
   * The same error, found again by what is kept of it.
   *
   * @param message for a person; of the four docker texts CC gets the text itself
   */
  public static StagingError forCC(String id, String message) {
    return new StagingError(
        id,
        switch (id) {
          case "InsufficientResources" -> INSUFFICIENT_RESOURCES;
          case "NoCompatibleCell" -> NO_COMPATIBLE_CELL;
          default -> DOCKER_MESSAGES.contains(message) ? message : HIDDEN;
        });
  }

  private static StagingError error(StagingErrorId id, String message) {
    return new StagingError(id.name(), message);
  }
}
