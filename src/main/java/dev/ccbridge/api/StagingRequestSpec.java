package dev.ccbridge.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to stage, and how. Cannot be changed once created, but for cancel and
 * ttlSecondsAfterFinished.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_EMPTY)
@ValidationRule(
    value = "has(self.buildpack) != has(self.docker)",
    message = "exactly one of buildpack and docker must be set")
@ValidationRule(
    value =
        "!has(self.lifecycle) || (self.lifecycle == 'buildpack' ? has(self.buildpack) : has(self.docker))",
    message = "lifecycle must name the one of buildpack and docker that is set")
@ValidationRule(
    value =
        "has(self.stagingGuid) == has(oldSelf.stagingGuid) && has(self.appId) == has(oldSelf.appId) && has(self.buildpack) == has(oldSelf.buildpack) && has(self.docker) == has(oldSelf.docker) && has(self.logGuid) == has(oldSelf.logGuid) && has(self.environment) == has(oldSelf.environment) && has(self.egressRules) == has(oldSelf.egressRules) && has(self.completionCallback) == has(oldSelf.completionCallback)",
    message =
        "only cancel and ttlSecondsAfterFinished can be changed: delete the StagingRequest and create it anew")
@ValidationRule(
    value = "!(oldSelf.cancel && !self.cancel)",
    message = "cancel cannot be taken back: create a new StagingRequest")
@ValidationRule(
    value = "has(self.stagingGuid) || !has(self.fileDescriptors) || self.fileDescriptors >= -1",
    message = "fileDescriptors must be -1 (no limit) or more")
@ValidationRule(
    value = "has(self.stagingGuid) || !has(self.timeoutSeconds) || self.timeoutSeconds <= 86400",
    message = "timeoutSeconds must be 86400 (a day) or less")
public record StagingRequestSpec(
    @JsonProperty("stagingGuid")
        @JsonPropertyDescription(
            "Cloud Controller's guid of this staging, Diego's staging_guid. Absent for resources made by hand: the resource's uid is used.")
        @Pattern("^[a-zA-Z0-9_-]+$")
        @Size(max = 253)
        @ValidationRule(
            value = "self == oldSelf",
            message = "stagingGuid cannot be changed: delete the StagingRequest and create it anew")
        @Nullable String stagingGuid,
    @JsonProperty("appId")
        @JsonPropertyDescription(
            "Guid of the app, Diego's app_id. Default: the name of the resource.")
        @Size(min = 1, max = 253)
        @ValidationRule(
            value = "self == oldSelf",
            message = "appId cannot be changed: delete the StagingRequest and create it anew")
        @Nullable String appId,
    @JsonProperty("lifecycle")
        @JsonPropertyDescription("How the source becomes runnable: buildpack or docker.")
        @Default("buildpack")
        @ValidationRule(
            value = "self == oldSelf",
            message = "lifecycle cannot be changed: delete the StagingRequest and create it anew")
        @Nullable Lifecycle lifecycle,
    @JsonProperty("buildpack")
        @JsonPropertyDescription(
            "Settings of the buildpack lifecycle. Exactly one of buildpack and docker must be set.")
        @ValidationRule(
            value = "self == oldSelf",
            message = "buildpack cannot be changed: delete the StagingRequest and create it anew")
        @Nullable Buildpack buildpack,
    @JsonProperty("docker")
        @JsonPropertyDescription(
            "Settings of the docker lifecycle. Exactly one of buildpack and docker must be set.")
        @ValidationRule(
            value = "self == oldSelf",
            message = "docker cannot be changed: delete the StagingRequest and create it anew")
        @Nullable Docker docker,
    @JsonProperty("memoryMB")
        @JsonPropertyDescription(
            "Memory of the staging container in MB, Diego's memory_mb. 0: no limit.")
        @Min(0)
        @Default("1024")
        @ValidationRule(
            value = "self == oldSelf",
            message = "memoryMB cannot be changed: delete the StagingRequest and create it anew")
        @Nullable Integer memoryMB,
    @JsonProperty("diskMB")
        @JsonPropertyDescription(
            "Disk of the staging container in MB, Diego's disk_mb. 0: no limit.")
        @Min(0)
        @Default("4096")
        @ValidationRule(
            value = "self == oldSelf",
            message = "diskMB cannot be changed: delete the StagingRequest and create it anew")
        @Nullable Integer diskMB,
    @JsonProperty("fileDescriptors")
        @JsonPropertyDescription(
            "Open files that the builder may have, Diego's file_descriptors. -1: no limit.")
        @Default("16384")
        @ValidationRule(
            value = "self == oldSelf",
            message =
                "fileDescriptors cannot be changed: delete the StagingRequest and create it anew")
        @Nullable Long fileDescriptors,
    @JsonProperty("timeoutSeconds")
        @JsonPropertyDescription("How long staging may take, in seconds, Diego's timeout.")
        @Min(1)
        @Default("900")
        @ValidationRule(
            value = "self == oldSelf",
            message =
                "timeoutSeconds cannot be changed: delete the StagingRequest and create it anew")
        @Nullable Integer timeoutSeconds,
    @JsonProperty("logGuid")
        @JsonPropertyDescription(
            "Guid under which log lines are found, Diego's log_guid. Default: appId.")
        @Size(max = 253)
        @ValidationRule(
            value = "self == oldSelf",
            message = "logGuid cannot be changed: delete the StagingRequest and create it anew")
        @Nullable String logGuid,
    @JsonProperty("environment")
        @JsonPropertyDescription(
            "Environment of the builder, Diego's environment. The order is kept; of two with the same name the last counts.")
        @Size(max = 1000)
        @ValidationRule(
            value = "self == oldSelf",
            message = "environment cannot be changed: delete the StagingRequest and create it anew")
        @Nullable List<EnvironmentVariable> environment,
    @JsonProperty("egressRules")
        @JsonPropertyDescription("Traffic that staging may send out, Diego's egress_rules.")
        @Size(max = 1000)
        @ValidationRule(
            value = "self == oldSelf",
            message = "egressRules cannot be changed: delete the StagingRequest and create it anew")
        @Nullable List<EgressRule> egressRules,
    @JsonProperty("completionCallback")
        @JsonPropertyDescription(
            "URL that is told of the outcome; set by the stager endpoint for Cloud Controller.")
        @Pattern("^https?://.+")
        @Size(max = 4096)
        @ValidationRule(
            value = "self == oldSelf",
            message =
                "completionCallback cannot be changed: delete the StagingRequest and create it anew")
        @Nullable String completionCallback,
    @JsonProperty("cancel")
        @JsonPropertyDescription("True stops the staging and keeps the record.")
        @Default("false")
        @Nullable Boolean cancel,
    @JsonProperty("ttlSecondsAfterFinished")
        @JsonPropertyDescription(
            "Seconds after which a finished request is deleted, with what it staged unless that still runs. 0: at once.")
        @Min(0)
        @Default("86400")
        @Nullable Integer ttlSecondsAfterFinished) {

  /** Whether the request asks to be stopped. */
  public boolean cancelRequested() {
    return Boolean.TRUE.equals(cancel);
  }

  /** How source becomes something that runs. */
  public enum Lifecycle {
    @JsonProperty("buildpack")
    BUILDPACK,
    @JsonProperty("docker")
    DOCKER
  }

  /** Settings of the buildpack lifecycle. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(Include.NON_EMPTY)
  public record Buildpack(
      @JsonProperty("appBits")
          @JsonPropertyDescription("The source of the app, as an archive (tgz, tar or zip).")
          @Required
          Source appBits,
      @JsonProperty("stack")
          @JsonPropertyDescription("Root filesystem to stage on and to run on, Diego's stack.")
          @Size(min = 1, max = 128)
          @Default("cflinuxfs4")
          @Nullable String stack,
      @JsonProperty("buildpacks")
          @JsonPropertyDescription(
              "Buildpacks to try, in this order. Absent: the built-in ones; with a stagingGuid none, as Diego does.")
          @Size(min = 1, max = 64)
          @Nullable List<BuildpackRef> buildpacks,
      @JsonProperty("buildArtifactsCache")
          @JsonPropertyDescription(
              "Where what the buildpack keeps between stagings comes from and goes to.")
          @Nullable BuildArtifactsCache buildArtifactsCache,
      @JsonProperty("droplet")
          @JsonPropertyDescription("Where the droplet goes. Absent: the built-in blob store.")
          @Nullable DropletTarget droplet) {}

  /** Something to be fetched. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(Include.NON_EMPTY)
  @ValidationRule(
      value = "has(self.uri) != has(self.uriFrom)",
      message = "exactly one of uri and uriFrom must be set")
  public record Source(
      @JsonProperty("uri")
          @JsonPropertyDescription("http(s) URI, or an absolute path at the built-in file server.")
          @Pattern("^(https?://|/).+")
          @Size(max = 4096)
          @Nullable String uri,
      @JsonProperty("uriFrom")
          @JsonPropertyDescription(
              "Where the URI comes from instead: for one with credentials or a signature in it.")
          @Nullable ValueSource uriFrom) {}

  /** One buildpack. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(Include.NON_EMPTY)
  @ValidationRule(
      value = "self.name != 'custom' || has(self.uri) || has(self.uriFrom)",
      message = "a custom buildpack needs a uri")
  @ValidationRule(
      value = "!(has(self.uri) && has(self.uriFrom)) && !(has(self.key) && has(self.keyFrom))",
      message = "a URI or a key and where it comes from instead cannot both be set")
  public record BuildpackRef(
      @JsonProperty("name")
          @JsonPropertyDescription(
              "Name of the buildpack, for the log; \"custom\" for one that the builder fetches itself.")
          @Required
          @Size(min = 1, max = 253)
          String name,
      @JsonProperty("key")
          @JsonPropertyDescription(
              "Key by which it is cached and named in the result, Diego's key. Default: the name, or the URI of a custom one.")
          @Size(min = 1, max = 4096)
          @Nullable String key,
      @JsonProperty("keyFrom")
          @JsonPropertyDescription(
              "Where the key comes from instead: for one that is a URI with credentials in it.")
          @Nullable ValueSource keyFrom,
      @JsonProperty("uri")
          @JsonPropertyDescription(
              "http(s) URI of its archive, or an absolute path at the built-in file server. Absent: the built-in buildpack of this name.")
          @Pattern("^(https?://|git://|ssh://|/).+")
          @Size(max = 4096)
          @Nullable String uri,
      @JsonProperty("uriFrom") @JsonPropertyDescription("Where the URI comes from instead.")
          @Nullable ValueSource uriFrom,
      @JsonProperty("skipDetect")
          @JsonPropertyDescription(
              "Whether it is taken without asking it; only has an effect on a single buildpack.")
          @Default("false")
          @Nullable Boolean skipDetect) {}

  /** What a buildpack keeps between stagings. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(Include.NON_EMPTY)
  @ValidationRule(
      value =
          "!(has(self.downloadUri) && has(self.downloadUriFrom)) && !(has(self.uploadUri) && has(self.uploadUriFrom))",
      message = "a URI and where it comes from instead cannot both be set")
  public record BuildArtifactsCache(
      @JsonProperty("downloadUri")
          @JsonPropertyDescription("Where the cache of the last staging is; absent: none.")
          @Pattern("^(https?://|/).+")
          @Size(max = 4096)
          @Nullable String downloadUri,
      @JsonProperty("downloadUriFrom")
          @JsonPropertyDescription("Where downloadUri comes from instead.")
          @Nullable ValueSource downloadUriFrom,
      @JsonProperty("uploadUri")
          @JsonPropertyDescription("Where the cache goes; absent: the built-in blob store.")
          @Pattern("^https?://.+")
          @Size(max = 4096)
          @Nullable String uploadUri,
      @JsonProperty("uploadUriFrom") @JsonPropertyDescription("Where uploadUri comes from instead.")
          @Nullable ValueSource uploadUriFrom) {}

  /** Where a droplet goes. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(Include.NON_EMPTY)
  @ValidationRule(
      value = "!(has(self.uploadUri) && has(self.uploadUriFrom))",
      message = "at most one of uploadUri and uploadUriFrom can be set")
  public record DropletTarget(
      @JsonProperty("uploadUri")
          @JsonPropertyDescription(
              "http(s) URI that takes the droplet by POST; absent: the built-in blob store.")
          @Pattern("^https?://.+")
          @Size(max = 4096)
          @Nullable String uploadUri,
      @JsonProperty("uploadUriFrom") @JsonPropertyDescription("Where uploadUri comes from instead.")
          @Nullable ValueSource uploadUriFrom) {}

  /** Settings of the docker lifecycle. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(Include.NON_EMPTY)
  public record Docker(
      @JsonProperty("image")
          @JsonPropertyDescription("Image reference, without a scheme.")
          @Required
          @Size(min = 1, max = 1024)
          String image,
      @JsonProperty("credentialsSecretRef")
          @JsonPropertyDescription(
              "Secret with the keys username, password and, optionally, email.")
          @Nullable SecretRef credentialsSecretRef,
      @JsonProperty("loginServer")
          @JsonPropertyDescription("Registry to log in to; default: the public index.")
          @Size(max = 1024)
          @Nullable String loginServer,
      @JsonProperty("cache")
          @JsonPropertyDescription("Whether the image is copied to the caching registry.")
          @Default("false")
          @Nullable Boolean cache) {}
}
