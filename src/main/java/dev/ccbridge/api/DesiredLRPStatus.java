package dev.ccbridge.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What runs of a desired LRP. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_EMPTY)
public record DesiredLRPStatus(
    @JsonProperty("observedGeneration")
        @JsonPropertyDescription(
            "Generation of the spec that this status speaks of; -1: not seen yet.")
        @Nullable Long observedGeneration,
    @JsonProperty("conditions")
        @JsonPropertyDescription(
            "Ready (all instances run), Reconciling (work goes on), Stalled (needs a person), EgressEnforced (False: what of egressRules is not).")
        @Nullable List<Condition> conditions,
    @JsonProperty("processGuid")
        @JsonPropertyDescription("Guid of the current version at the Receptor.")
        @Nullable String processGuid,
    @JsonProperty("desiredInstances") @JsonPropertyDescription("Instances wanted.")
        @Nullable Integer desiredInstances,
    @JsonProperty("instances")
        @JsonPropertyDescription("Instances there are of the current version, in any state.")
        @Nullable Integer instances,
    @JsonProperty("readyInstances")
        @JsonPropertyDescription("Instances of the current version that run and are well.")
        @Nullable Integer readyInstances,
    @JsonProperty("ready")
        @JsonPropertyDescription("readyInstances/desiredInstances, for kubectl get.")
        @Nullable String ready,
    @JsonProperty("crashes") @JsonPropertyDescription("Crashes of all current instances together.")
        @Nullable Integer crashes,
    @JsonProperty("actual")
        @JsonPropertyDescription("The instances; of very many, those with the lowest indexes.")
        @Nullable List<Actual> actual,
    @JsonProperty("lastCrash") @JsonPropertyDescription("The latest crash.")
        @Nullable LastCrash lastCrash,
    @JsonProperty("staged")
        @JsonPropertyDescription(
            "What of the StagingRequest is in use; kept so that the process goes on when the request is gone.")
        @Nullable Staged staged,
    @JsonProperty("selector") @JsonPropertyDescription("Label selector of the scale subresource.")
        @Nullable String selector,
    @JsonProperty("crashesTold")
        @JsonPropertyDescription(
            "Of each instance that crashed, the crash that a Cloud Controller was told of last; of very many, the latest.")
        @Nullable List<CrashTold> crashesTold) {

  /** One instance. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(Include.NON_EMPTY)
  public record Actual(
      @JsonProperty("index") @JsonPropertyDescription("Which instance, from 0.") @Required
          Integer index,
      @JsonProperty("state") @JsonPropertyDescription("UNCLAIMED, CLAIMED, RUNNING or CRASHED.")
          @Nullable String state,
      @JsonProperty("instanceGuid")
          @JsonPropertyDescription("Guid of this instance; new at each start.")
          @Nullable String instanceGuid,
      @JsonProperty("cellId") @JsonPropertyDescription("Cell that it runs on.")
          @Nullable String cellId,
      @JsonProperty("address")
          @JsonPropertyDescription("host:port at which its first port is reached.")
          @Nullable String address,
      @JsonProperty("ports") @JsonPropertyDescription("Where its ports are reached.")
          @Nullable List<Port> ports,
      @JsonProperty("since") @JsonPropertyDescription("When it came into this state, RFC 3339.")
          @Nullable String since,
      @JsonProperty("crashCount") @JsonPropertyDescription("Crashes in short succession.")
          @Nullable Integer crashCount,
      @JsonProperty("crashReason") @JsonPropertyDescription("Why it crashed last.")
          @Nullable String crashReason,
      @JsonProperty("placementError") @JsonPropertyDescription("Why no cell takes it.")
          @Nullable String placementError) {}

  /** Where a port is reached. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(Include.NON_EMPTY)
  public record Port(
      @JsonProperty("containerPort") @JsonPropertyDescription("Port in the container.") @Required
          Integer containerPort,
      @JsonProperty("hostPort")
          @JsonPropertyDescription("Port at the address of the cell.")
          @Required
          Integer hostPort) {}

  /** A crash. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(Include.NON_EMPTY)
  public record LastCrash(
      @JsonProperty("index") @JsonPropertyDescription("Which instance.") @Required Integer index,
      @JsonProperty("reason") @JsonPropertyDescription("Why.") @Nullable String reason,
      @JsonProperty("at") @JsonPropertyDescription("When, RFC 3339.") @Nullable String at,
      @JsonProperty("crashCount")
          @JsonPropertyDescription("Which crash in short succession it was.")
          @Nullable Integer crashCount) {}

  /** The latest crash of an instance that a Cloud Controller was told of. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(Include.NON_EMPTY)
  public record CrashTold(
      @JsonProperty("index") @JsonPropertyDescription("Which instance.") @Required Integer index,
      @JsonProperty("crashCount")
          @JsonPropertyDescription("Which crash in short succession it was.")
          @Required
          Integer crashCount,
      @JsonProperty("at")
          @JsonPropertyDescription("When, as the Receptor has it, RFC 3339 with nanoseconds.")
          @Required
          String at,
      @JsonProperty("epoch")
          @JsonPropertyDescription(
              "Epoch of the modification tag of the instance's record; another record counts anew.")
          @Nullable String epoch) {}

  /** What a StagingRequest came to. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(Include.NON_EMPTY)
  public record Staged(
      @JsonProperty("stagingRequest")
          @JsonPropertyDescription("Name of the StagingRequest that it is of.")
          @Required
          String stagingRequest,
      @JsonProperty("dropletUri") @JsonPropertyDescription("Where the droplet is.")
          @Nullable String dropletUri,
      @JsonProperty("dockerImage")
          @JsonPropertyDescription("Image to run, of the docker lifecycle.")
          @Nullable String dockerImage,
      @JsonProperty("startCommand") @JsonPropertyDescription("Command that starts the web process.")
          @Nullable String startCommand,
      @JsonProperty("executionMetadata")
          @JsonPropertyDescription("What the launcher needs to know, as JSON text.")
          @Nullable String executionMetadata) {}
}
