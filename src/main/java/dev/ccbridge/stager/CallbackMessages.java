package dev.ccbridge.stager;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus.Result;
import dev.ccbridge.cloudcontroller.model.StagingResponseForCC;
import dev.ccbridge.stager.recipe.StagingErrors;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the completion callback is told, from what the status holds. Pure. */
final class CallbackMessages {
  private CallbackMessages() {}

  /**
   * Of a request whose outcome is stored.
   *
   * @param buildpackKey the key in the result, whole where the status holds only what may be shown
   */
  static StagingResponseForCC of(StagingRequest request, Function<Result, String> buildpackKey) {
    var status = request.getStatus();
    var result = status == null ? null : status.result();
    if (result == null) {
      var failure = status == null ? null : status.failure();
      return StagingResponseForCC.failed(
          failure == null
              ? StagingErrors.sanitize("")
              : StagingErrors.forCC(failure.id(), text(failure.message())));
    }
    return Staging.isDocker(request)
        ? StagingResponseForCC.docker(
            text(result.executionMetadata()), result.processTypes(), text(result.dockerImage()))
        : StagingResponseForCC.buildpack(
            text(result.executionMetadata()),
            result.processTypes(),
            buildpackKey.apply(result),
            text(result.detectedBuildpack()));
  }

  private static String text(@Nullable String value) {
    return value == null ? "" : value;
  }
}
