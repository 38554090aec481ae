package dev.ccbridge.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What became of a staging request. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_EMPTY)
public record StagingRequestStatus(
    @JsonProperty("observedGeneration")
        @JsonPropertyDescription(
            "Generation of the spec that this status speaks of; -1: not seen yet.")
        @Nullable Long observedGeneration,
    @JsonProperty("phase") @JsonPropertyDescription("Where the staging stands.")
        @Nullable Phase phase,
    @JsonProperty("conditions")
        @JsonPropertyDescription(
            "Ready (the droplet is there), Reconciling (work goes on), Stalled (needs a person), Delivered (the callback was acknowledged), EgressEnforced (False: what of egressRules is not).")
        @Nullable List<Condition> conditions,
    @JsonProperty("taskGuid") @JsonPropertyDescription("Guid of the task at the Receptor.")
        @Nullable String taskGuid,
    @JsonProperty("cellId") @JsonPropertyDescription("Cell that the task runs on, while it runs.")
        @Nullable String cellId,
    @JsonProperty("createdAt") @JsonPropertyDescription("When the task was created, RFC 3339.")
        @Nullable String createdAt,
    @JsonProperty("startedAt") @JsonPropertyDescription("When the first step began, RFC 3339.")
        @Nullable String startedAt,
    @JsonProperty("finishedAt") @JsonPropertyDescription("When the task ended, RFC 3339.")
        @Nullable String finishedAt,
    @JsonProperty("steps") @JsonPropertyDescription("The task's downloads, runs and uploads.")
        @Nullable List<Step> steps,
    @JsonProperty("result") @JsonPropertyDescription("What came out of a successful staging.")
        @Nullable Result result,
    @JsonProperty("failure") @JsonPropertyDescription("Why staging failed.")
        @Nullable Failure failure,
    @JsonProperty("delivery") @JsonPropertyDescription("How telling completionCallback went.")
        @Nullable Delivery delivery) {

  /** Where a staging stands. */
  public enum Phase {
    @JsonProperty("Pending")
    PENDING,
    @JsonProperty("Staging")
    STAGING,
    @JsonProperty("Succeeded")
    SUCCEEDED,
    @JsonProperty("Failed")
    FAILED,
    @JsonProperty("Cancelled")
    CANCELLED;

    /** Whether the outcome is known; nothing but the delivery changes after that. */
    public boolean isFinal() {
      return this == SUCCEEDED || this == FAILED || this == CANCELLED;
    }
  }

  /** Where a step stands. */
  public enum StepState {
    @JsonProperty("Pending")
    PENDING,
    @JsonProperty("Running")
    RUNNING,
    @JsonProperty("Succeeded")
    SUCCEEDED,
    @JsonProperty("Failed")
    FAILED,
    @JsonProperty("Cancelled")
    CANCELLED
  }

  /** One action of the task. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(Include.NON_EMPTY)
  public record Step(
      @JsonProperty("name") @JsonPropertyDescription("What it does.") @Required String name,
      @JsonProperty("state") @JsonPropertyDescription("Where it stands.") @Nullable StepState state,
      @JsonProperty("startedAt") @JsonPropertyDescription("When it began, RFC 3339.")
          @Nullable String startedAt,
      @JsonProperty("finishedAt") @JsonPropertyDescription("When it ended, RFC 3339.")
          @Nullable String finishedAt,
      @JsonProperty("message") @JsonPropertyDescription("Why it failed.")
          @Nullable String message) {}

  /** What came out of a staging. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(Include.NON_EMPTY)
  public record Result(
      @JsonProperty("buildpack")
          @JsonPropertyDescription("Key of the buildpack that was used, Diego's buildpack_key.")
          @Nullable String buildpack,
      @JsonProperty("buildpackFrom")
          @JsonPropertyDescription(
              "Where that key is when it holds credentials; buildpack is then what can be shown of it.")
          @Nullable ValueSource buildpackFrom,
      @JsonProperty("detectedBuildpack")
          @JsonPropertyDescription("What the buildpack calls itself, Diego's detected_buildpack.")
          @Nullable String detectedBuildpack,
      @JsonProperty("startCommand") @JsonPropertyDescription("Command that starts the web process.")
          @Nullable String startCommand,
      @JsonProperty("processTypes")
          @JsonPropertyDescription("Command by process type; absent: the builder named none.")
          @JsonInclude(Include.NON_NULL)
          @Nullable Map<String, String> processTypes,
      @JsonProperty("executionMetadata")
          @JsonPropertyDescription(
              "What the launcher needs to know, as JSON text, Diego's execution_metadata.")
          @Nullable String executionMetadata,
      @JsonProperty("dockerImage")
          @JsonPropertyDescription("Image to run, of the docker lifecycle.")
          @Nullable String dockerImage,
      @JsonProperty("dropletUri")
          @JsonPropertyDescription(
              "Where the droplet is: http(s) URI, or an absolute path at the built-in blob store.")
          @Nullable String dropletUri) {}

  /** Why staging failed. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(Include.NON_EMPTY)
  public record Failure(
      @JsonProperty("id")
          @JsonPropertyDescription(
              "Diego's error id: StagingError, NoAppDetectedError, BuildpackCompileFailed, BuildpackReleaseFailed, InsufficientResources, NoCompatibleCell.")
          @Required
          String id,
      @JsonProperty("message")
          @JsonPropertyDescription(
              "What happened, for a person, with the last lines of output where they help.")
          @Nullable String message) {}

  /** How telling completionCallback goes. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(Include.NON_EMPTY)
  public record Delivery(
      @JsonProperty("attempts") @JsonPropertyDescription("Attempts so far.")
          @Nullable Integer attempts,
      @JsonProperty("lastError") @JsonPropertyDescription("Why the last attempt failed.")
          @Nullable String lastError,
      @JsonProperty("lastAttemptAt")
          @JsonPropertyDescription("When the last attempt was made, RFC 3339.")
          @Nullable String lastAttemptAt,
      @JsonProperty("deliveredAt") @JsonPropertyDescription("When it was acknowledged, RFC 3339.")
          @Nullable String deliveredAt) {}
}
