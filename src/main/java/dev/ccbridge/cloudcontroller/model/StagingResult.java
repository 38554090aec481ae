package dev.ccbridge.cloudcontroller.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a builder writes into its result file, of either lifecycle. Source:
 * buildpackapplifecycle/models.go, dockerapplifecycle/models.go.
 */
public record StagingResult(
    @JsonProperty("buildpack_key") String buildpackKey,
    @JsonProperty("detected_buildpack") String detectedBuildpack,
    @JsonProperty("execution_metadata") String executionMetadata,
    @JsonProperty("detected_start_command") @Nullable Map<String, String> detectedStartCommand,
    @JsonProperty("docker_image") String dockerImage) {
  public StagingResult {
    buildpackKey = Absent.text(buildpackKey);
    detectedBuildpack = Absent.text(detectedBuildpack);
    executionMetadata = Absent.text(executionMetadata);
    dockerImage = Absent.text(dockerImage);
    detectedStartCommand = Absent.texts(detectedStartCommand);
  }
}
