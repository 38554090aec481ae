package dev.ccbridge.cloudcontroller.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import dev.ccbridge.receptor.model.SecurityGroupRule;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An app that shall run. Exactly one of {@code dropletUri} and {@code dockerImage} is not empty in
 * a request that can be carried out. {@code startCommand} empty: the one found in staging; {@code
 * executionMetadata}: JSON text for the launcher; memory and disk in MB; {@code fileDescriptors}:
 * unsigned 64 bits, 0: the default; {@code routes}: host names with their domain, null and the
 * empty list are told apart on the way to the router; {@code healthCheckTimeoutInSeconds} 0: none;
 * {@code etag}: version of the app. Source: cc_messages/desired_messages.go @7565d97.
 */
public record DesireAppRequestFromCC(
    @JsonProperty("process_guid") String processGuid,
    @JsonProperty("droplet_uri") String dropletUri,
    @JsonProperty("docker_image") String dockerImage,
    @JsonProperty("docker_login_server") @JsonInclude(Include.NON_EMPTY) String dockerLoginServer,
    @JsonProperty("docker_user") @JsonInclude(Include.NON_EMPTY) String dockerUser,
    @JsonProperty("docker_password") @JsonInclude(Include.NON_EMPTY) String dockerPassword,
    @JsonProperty("docker_email") @JsonInclude(Include.NON_EMPTY) String dockerEmail,
    @JsonProperty("stack") String stack,
    @JsonProperty("start_command") String startCommand,
    @JsonProperty("execution_metadata") String executionMetadata,
    @JsonProperty("environment") List<EnvironmentVariable> environment,
    @JsonProperty("memory_mb") int memoryMb,
    @JsonProperty("disk_mb") int diskMb,
    @JsonProperty("file_descriptors") BigInteger fileDescriptors,
    @JsonProperty("num_instances") int numInstances,
    @JsonProperty("routes") @Nullable List<String> routes,
    @JsonProperty("allow_ssh") boolean allowSsh,
    @JsonProperty("log_guid") String logGuid,
    @JsonProperty("health_check_type") String healthCheckType,
    @JsonProperty("health_check_timeout_in_seconds") long healthCheckTimeoutInSeconds,
    @JsonProperty("egress_rules") @JsonInclude(Include.NON_EMPTY)
        List<SecurityGroupRule> egressRules,
    @JsonProperty("etag") String etag) {
  private static final int UINT64_BITS = 64;
  private static final EnvironmentVariable NO_VARIABLE = new EnvironmentVariable("", "");
  private static final SecurityGroupRule NO_RULE =
      new SecurityGroupRule("", List.of(), List.of(), null, null, false);

  /**
   * @throws IllegalArgumentException for a negative number of file descriptors or of seconds, which
   *     the original cannot decode
   */
  public DesireAppRequestFromCC {
    processGuid = text(processGuid);
    dropletUri = text(dropletUri);
    dockerImage = text(dockerImage);
    dockerLoginServer = text(dockerLoginServer);
    dockerUser = text(dockerUser);
    dockerPassword = text(dockerPassword);
    dockerEmail = text(dockerEmail);
    stack = text(stack);
    startCommand = text(startCommand);
    executionMetadata = text(executionMetadata);
    environment = Absent.list(environment, NO_VARIABLE);
    fileDescriptors = fileDescriptors == null ? BigInteger.ZERO : fileDescriptors;
    routes = routes == null ? null : Absent.list(routes, "");
    logGuid = text(logGuid);
    healthCheckType = text(healthCheckType);
    egressRules = Absent.list(egressRules, NO_RULE);
    etag = text(etag);
    if (fileDescriptors.signum() < 0 || fileDescriptors.bitLength() > UINT64_BITS) {
      throw new IllegalArgumentException(
          "file_descriptors: must be from 0 to 2^64-1, was " + fileDescriptors);
    }
    if (healthCheckTimeoutInSeconds < 0) {
      throw new IllegalArgumentException(
          "health_check_timeout_in_seconds: must be >= 0, was " + healthCheckTimeoutInSeconds);
    }
  }

  private static String text(@Nullable String value) {
    return value == null ? "" : value;
  }

  /** Only what names the app: the rest may hold credentials. */
  @Override
  public String toString() {
    return "DesireAppRequestFromCC[processGuid=" + processGuid + ", etag=" + etag + "]";
  }
}
