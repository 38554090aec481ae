package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A long-running process that is wanted, in {@code instances} copies. Members in wire order. {@code
 * startTimeout} in seconds, 0: none; memory and disk in MB, 0: no limit; {@code ports}: container
 * ports, null when unset; {@code routes}: opaque JSON by router, all values together at most 4096
 * bytes. Source: receptor/resources.go.
 *
 * <p>Differs from the August 2015 server: {@code image_username} and {@code image_password}, both
 * or none, are for a {@code docker} rootfs. A server that does not know them ignores them. Source:
 * bbs/models/desired_lrp.proto, of later years.
 */
public record DesiredLRPCreateRequest(
    @JsonProperty("process_guid") String processGuid,
    @JsonProperty("domain") String domain,
    @JsonProperty("rootfs") String rootfs,
    @JsonProperty("instances") int instances,
    @JsonProperty("env") @JsonInclude(Include.NON_EMPTY) List<EnvironmentVariable> env,
    @JsonProperty("setup") @Nullable Action setup,
    @JsonProperty("action") @Nullable Action action,
    @JsonProperty("monitor") @Nullable Action monitor,
    @JsonProperty("start_timeout") @JsonDeserialize(using = Unsigned.Bits63.class)
        long startTimeout,
    @JsonProperty("disk_mb") int diskMb,
    @JsonProperty("memory_mb") int memoryMb,
    @JsonProperty("cpu_weight") @JsonDeserialize(using = Unsigned.Bits31.class) int cpuWeight,
    @JsonProperty("privileged") boolean privileged,
    @JsonProperty("ports") @JsonDeserialize(contentUsing = Unsigned.Bits16.class)
        @Nullable List<Integer> ports,
    @JsonProperty("routes") @JsonInclude(Include.NON_EMPTY) Map<String, RouteValue> routes,
    @JsonProperty("log_guid") String logGuid,
    @JsonProperty("log_source") String logSource,
    @JsonProperty("metrics_guid") String metricsGuid,
    @JsonProperty("annotation") @JsonInclude(Include.NON_EMPTY) String annotation,
    @JsonProperty("egress_rules") @JsonInclude(Include.NON_EMPTY)
        List<SecurityGroupRule> egressRules,
    @JsonProperty("image_username") @JsonInclude(Include.NON_EMPTY) String imageUsername,
    @JsonProperty("image_password") @JsonInclude(Include.NON_EMPTY) String imagePassword) {
  public DesiredLRPCreateRequest {
    processGuid = Wire.text(processGuid);
    domain = Wire.text(domain);
    rootfs = Wire.text(rootfs);
    env = EnvironmentVariable.list(env);
    ports = ports == null ? null : Wire.list(ports);
    routes = Wire.map(routes);
    logGuid = Wire.text(logGuid);
    logSource = Wire.text(logSource);
    metricsGuid = Wire.text(metricsGuid);
    annotation = Wire.text(annotation);
    egressRules = Wire.list(egressRules);
    imageUsername = Wire.text(imageUsername);
    imagePassword = Wire.text(imagePassword);
  }

  /** The same, with its image pulled as that user of its registry. */
  public DesiredLRPCreateRequest withImageCredentials(ImageCredentials credentials) {
    return new DesiredLRPCreateRequest(
        processGuid,
        domain,
        rootfs,
        instances,
        env,
        setup,
        action,
        monitor,
        startTimeout,
        diskMb,
        memoryMb,
        cpuWeight,
        privileged,
        ports,
        routes,
        logGuid,
        logSource,
        metricsGuid,
        annotation,
        egressRules,
        credentials.username(),
        credentials.password());
  }
}
