package dev.ccbridge.cloudcontroller.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import dev.ccbridge.receptor.model.SecurityGroupRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a staging. {@code timeout} in seconds, 0 or less: the stager's default; memory and disk
 * in MB; {@code fileDescriptors}: the builder's limit of open files, as it is; {@code
 * lifecycleData} depends on the lifecycle. Source: cc_messages/staging_messages.go.
 */
public record StagingRequestFromCC(
    @JsonProperty("app_id") String appId,
    @JsonProperty("file_descriptors") long fileDescriptors,
    @JsonProperty("memory_mb") int memoryMb,
    @JsonProperty("disk_mb") int diskMb,
    @JsonProperty("environment") List<EnvironmentVariable> environment,
    @JsonProperty("egress_rules") @JsonInclude(Include.NON_EMPTY)
        List<SecurityGroupRule> egressRules,
    @JsonProperty("timeout") long timeoutSeconds,
    @JsonProperty("log_guid") String logGuid,
    @JsonProperty("lifecycle") String lifecycle,
    @JsonProperty("lifecycle_data") @JsonInclude(Include.NON_NULL)
        @Nullable JsonNode lifecycleData) {
  public static final String BUILDPACK = "buildpack";
  public static final String DOCKER = "docker";
  private static final SecurityGroupRule NO_RULE =
      new SecurityGroupRule("", List.of(), List.of(), null, null, false);

  public StagingRequestFromCC {
    appId = Absent.text(appId);
    environment = Absent.list(environment, new EnvironmentVariable("", ""));
    egressRules = Absent.list(egressRules, NO_RULE);
    logGuid = Absent.text(logGuid);
    lifecycle = Absent.text(lifecycle);
    lifecycleData = lifecycleData == null || lifecycleData.isNull() ? null : lifecycleData;
  }

  /** Only what names the app: the rest may hold credentials. */
  @Override
  public String toString() {
    return "StagingRequestFromCC[appId=" + appId + ", lifecycle=" + lifecycle + "]";
  }
}
