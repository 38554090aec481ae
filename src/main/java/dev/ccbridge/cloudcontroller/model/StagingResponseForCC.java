package dev.ccbridge.cloudcontroller.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Tells of a staging's outcome. {@code executionMetadata}: JSON as text; {@code
 * detectedStartCommand}: command by process type, null when the builder named none. Source:
 * cc_messages/staging_messages.go.
 */
public record StagingResponseForCC(
    @JsonProperty("execution_metadata") String executionMetadata,
    @JsonProperty("detected_start_command") @Nullable Map<String, String> detectedStartCommand,
    @JsonProperty("error") @JsonInclude(Include.NON_NULL) @Nullable StagingError error,
    @JsonProperty("lifecycle_data") @JsonInclude(Include.NON_NULL)
        @Nullable JsonNode lifecycleData) {
  public StagingResponseForCC {
    executionMetadata = Absent.text(executionMetadata);
    detectedStartCommand =
        detectedStartCommand == null
            ? null
            : Collections.unmodifiableMap(new TreeMap<>(detectedStartCommand));
  }

  /** {@code id} is one of {@link StagingErrorId}'s; {@code message} as CC shows it. */
  public record StagingError(
      @JsonProperty("id") String id, @JsonProperty("message") String message) {}

  public static StagingResponseForCC failed(StagingError error) {
    return new StagingResponseForCC("", null, error, null);
  }

  /** Both members of the lifecycle data are always sent. */
  public static StagingResponseForCC buildpack(
      String executionMetadata,
      @Nullable Map<String, String> detectedStartCommand,
      String buildpackKey,
      String detectedBuildpack) {
    return new StagingResponseForCC(
        executionMetadata,
        detectedStartCommand,
        null,
        JsonNodeFactory.instance
            .objectNode()
            .put("buildpack_key", buildpackKey)
            .put("detected_buildpack", detectedBuildpack));
  }

  public static StagingResponseForCC docker(
      String executionMetadata,
      @Nullable Map<String, String> detectedStartCommand,
      String dockerImage) {
    return new StagingResponseForCC(
        executionMetadata,
        detectedStartCommand,
        null,
        JsonNodeFactory.instance.objectNode().put("docker_image", dockerImage));
  }
}
