package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A desired LRP as the Receptor tells of it: {@link DesiredLRPCreateRequest} plus its modification
 * tag; here {@code ports} is never null. Source: receptor/resources.go.
 */
public record DesiredLRPResponse(
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
        List<Integer> ports,
    @JsonProperty("routes") @JsonInclude(Include.NON_EMPTY) Map<String, RouteValue> routes,
    @JsonProperty("log_guid") String logGuid,
    @JsonProperty("log_source") String logSource,
    @JsonProperty("metrics_guid") String metricsGuid,
    @JsonProperty("annotation") @JsonInclude(Include.NON_EMPTY) String annotation,
    @JsonProperty("egress_rules") @JsonInclude(Include.NON_EMPTY)
        List<SecurityGroupRule> egressRules,
    @JsonProperty("modification_tag") ModificationTag modificationTag,
    @JsonProperty("image_username") @JsonInclude(Include.NON_EMPTY) String imageUsername,
    @JsonProperty("image_password") @JsonInclude(Include.NON_EMPTY) String imagePassword) {
  public DesiredLRPResponse {
    processGuid = Wire.text(processGuid);
    domain = Wire.text(domain);
    rootfs = Wire.text(rootfs);
    env = EnvironmentVariable.list(env);
    ports = Wire.list(ports);
    routes = Wire.map(routes);
    logGuid = Wire.text(logGuid);
    logSource = Wire.text(logSource);
    metricsGuid = Wire.text(metricsGuid);
    annotation = Wire.text(annotation);
    egressRules = Wire.list(egressRules);
    modificationTag = ModificationTag.orNone(modificationTag);
    imageUsername = Wire.text(imageUsername);
    imagePassword = Wire.text(imagePassword);
  }
}
