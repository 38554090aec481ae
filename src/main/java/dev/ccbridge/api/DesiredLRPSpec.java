package dev.ccbridge.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What to run, and how. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_EMPTY)
@ValidationRule(
    value = "has(self.processGuid) == has(oldSelf.processGuid)",
    message = "processGuid cannot be added or taken away: create a new DesiredLRP")
@ValidationRule(
    value = "has(self.processGuid) || !has(self.instances) || self.instances <= 10000",
    message = "instances must be 10000 or less")
@ValidationRule(
    value =
        "has(self.processGuid) || !has(self.healthCheck) || !has(self.healthCheck.timeoutSeconds) || self.healthCheck.timeoutSeconds <= 86400",
    message = "healthCheck.timeoutSeconds must be 86400 (a day) or less")
public record DesiredLRPSpec(
    @JsonProperty("processGuid")
        @JsonPropertyDescription(
            "Cloud Controller's guid of this process, Diego's process_guid. Absent for resources made by hand: made of the resource's uid and a hash of what the Receptor cannot update.")
        @Pattern("^[a-zA-Z0-9_-]+$")
        @Size(max = 253)
        @ValidationRule(
            value = "self == oldSelf",
            message = "processGuid cannot be changed: create a new DesiredLRP")
        @Nullable String processGuid,
    @JsonProperty("source")
        @JsonPropertyDescription("What to run; exactly one member must be set.")
        @Required
        Source source,
    @JsonProperty("stack")
        @JsonPropertyDescription("Root filesystem to run on, Diego's stack. Not for docker.")
        @Size(min = 1, max = 128)
        @Default("cflinuxfs4")
        @Nullable String stack,
    @JsonProperty("startCommand")
        @JsonPropertyDescription(
            "Command that starts the process. Default: the one found in staging.")
        @Size(max = 8192)
        @Nullable String startCommand,
    @JsonProperty("executionMetadata")
        @JsonPropertyDescription(
            "What the launcher needs to know, as JSON text, Diego's execution_metadata. Default: from the staging request.")
        @Size(max = 16384)
        @Nullable String executionMetadata,
    @JsonProperty("memoryMB")
        @JsonPropertyDescription("Memory of one instance in MB, Diego's memory_mb. 0: no limit.")
        @Min(0)
        @Default("256")
        @Nullable Integer memoryMB,
    @JsonProperty("diskMB")
        @JsonPropertyDescription("Disk of one instance in MB, Diego's disk_mb. 0: no limit.")
        @Min(0)
        @Default("1024")
        @Nullable Integer diskMB,
    @JsonProperty("fileDescriptors")
        @JsonPropertyDescription(
            "Open files that the process may have, Diego's file_descriptors. 0: 1024.")
        @Min(0)
        @Default("16384")
        @Nullable Long fileDescriptors,
    @JsonProperty("instances")
        @JsonPropertyDescription("How many instances, Diego's num_instances.")
        @Min(0)
        @Default("1")
        @Nullable Integer instances,
    @JsonProperty("environment")
        @JsonPropertyDescription(
            "Environment of the process, Diego's environment. The order is kept; of two with the same name the last counts.")
        @Size(max = 1000)
        @Nullable List<EnvironmentVariable> environment,
    @JsonProperty("egressRules")
        @JsonPropertyDescription("Traffic that the process may send out, Diego's egress_rules.")
        @Size(max = 1000)
        @Nullable List<EgressRule> egressRules,
    @JsonProperty("routes")
        @JsonInclude(Include.NON_NULL)
        @JsonPropertyDescription("Host names that lead to the process, Diego's routes.")
        @Size(max = 1000)
        @Nullable List<Route> routes,
    @JsonProperty("ports")
        @JsonPropertyDescription(
            "Container ports to be reachable, Diego's ports. Default: 8080. The first one is given to the process as PORT.")
        @Size(min = 1, max = 32)
        @Nullable List<Integer> ports,
    @JsonProperty("healthCheck")
        @JsonPropertyDescription("How it is known that an instance is well.")
        @Default("{}")
        @Nullable HealthCheck healthCheck,
    @JsonProperty("allowSSH")
        @JsonPropertyDescription(
            "Whether an ssh server runs beside the process, Diego's allow_ssh.")
        @Default("false")
        @Nullable Boolean allowSSH,
    @JsonProperty("logGuid")
        @JsonPropertyDescription(
            "Guid under which log lines are found, Diego's log_guid. Default: the name of the resource.")
        @Size(max = 253)
        @Nullable String logGuid,
    @JsonProperty("etag")
        @JsonPropertyDescription(
            "Cloud Controller's version of the app, Diego's etag, kept as the annotation of the LRP.")
        @Size(max = 1024)
        @Nullable String etag,
    @JsonProperty("update")
        @JsonPropertyDescription("How a new version takes the place of the old one.")
        @Default("{}")
        @Nullable Update update) {

  /** What to run. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(Include.NON_EMPTY)
  @ValidationRule(
      value =
          "(has(self.droplet) ? 1 : 0) + (has(self.stagingRequestRef) ? 1 : 0) + (has(self.docker) ? 1 : 0) == 1",
      message = "exactly one of droplet, stagingRequestRef and docker must be set")
  public record Source(
      @JsonProperty("droplet") @JsonPropertyDescription("A droplet.") @Nullable Droplet droplet,
      @JsonProperty("stagingRequestRef")
          @JsonPropertyDescription(
              "What a StagingRequest of the same namespace staged; waits for it and follows it.")
          @Nullable StagingRequestRef stagingRequestRef,
      @JsonProperty("docker") @JsonPropertyDescription("A docker image.")
          @Nullable DockerImage docker) {}

  /** A droplet. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(Include.NON_EMPTY)
  @ValidationRule(
      value = "has(self.uri) != has(self.uriFrom)",
      message = "exactly one of uri and uriFrom must be set")
  public record Droplet(
      @JsonProperty("uri")
          @JsonPropertyDescription("http(s) URI, or an absolute path at the built-in blob store.")
          @Pattern("^(https?://|/).+")
          @Size(max = 4096)
          @Nullable String uri,
      @JsonProperty("uriFrom")
          @JsonPropertyDescription(
              "Where the URI comes from instead: for one with credentials or a signature in it.")
          @Nullable ValueSource uriFrom) {}

  /** A StagingRequest of the same namespace. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(Include.NON_EMPTY)
  public record StagingRequestRef(
      @JsonProperty("name")
          @JsonPropertyDescription("Name of the StagingRequest.")
          @Required
          @Size(min = 1, max = 253)
          String name) {}

  /** A docker image. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(Include.NON_EMPTY)
  public record DockerImage(
      @JsonProperty("image")
          @JsonPropertyDescription("Image reference, without a scheme.")
          @Required
          @Size(min = 1, max = 1024)
          String image,
      @JsonProperty("credentialsSecretRef")
          @JsonPropertyDescription("Secret with the keys username and password.")
          @Nullable SecretRef credentialsSecretRef) {}

  /** A host name that leads to the process. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(Include.NON_EMPTY)
  public record Route(
      @JsonProperty("hostname")
          @JsonPropertyDescription("Host name with its domain.")
          @Required
          @Size(min = 1, max = 253)
          String hostname,
      @JsonProperty("port")
          @JsonPropertyDescription("Container port that it leads to. Default: the first of ports.")
          @Min(1)
          @Max(65535)
          @Nullable Integer port) {}

  /** How it is known that an instance is well. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(Include.NON_EMPTY)
  @ValidationRule(
      value = "(has(self.type) && self.type == 'http') == has(self.endpoint)",
      message = "endpoint is required for type http and forbidden otherwise")
  public record HealthCheck(
      @JsonProperty("type")
          @JsonPropertyDescription(
              "port: the first port accepts connections; http: endpoint answers 200; process: the process runs; none: never asked.")
          @Default("port")
          @Nullable HealthCheckType type,
      @JsonProperty("endpoint")
          @JsonPropertyDescription("Path that is asked, for http.")
          @Pattern("^/.*")
          @Size(max = 1024)
          @Nullable String endpoint,
      @JsonProperty("timeoutSeconds")
          @JsonPropertyDescription(
              "Seconds that an instance may take to become well, Diego's health_check_timeout_in_seconds. 0: for ever.")
          @Min(0)
          @Default("60")
          @Nullable Long timeoutSeconds) {}

  /** How a new version takes the place of the old one. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(Include.NON_EMPTY)
  public record Update(
      @JsonProperty("strategy")
          @JsonPropertyDescription(
              "Rolling: the old version goes when the new one is ready. Recreate: the old version goes first.")
          @Default("Rolling")
          @Nullable UpdateStrategy strategy) {}

  /** Kinds of health check. */
  public enum HealthCheckType {
    @JsonProperty("port")
    PORT,
    @JsonProperty("http")
    HTTP,
    @JsonProperty("process")
    PROCESS,
    @JsonProperty("none")
    NONE
  }

  /** How versions follow each other. */
  public enum UpdateStrategy {
    @JsonProperty("Rolling")
    ROLLING,
    @JsonProperty("Recreate")
    RECREATE
  }
}
