package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A task to be run at most once. Members in wire order. Memory and disk in MB, 0 is no limit;
 * {@code cpuWeight} 0..100, 0 is unset; {@code annotation} at most 10240 bytes. Source:
 * receptor/resources.go.
 */
public record TaskCreateRequest(
    @JsonProperty("action") @Nullable Action action,
    @JsonProperty("annotation") @JsonInclude(Include.NON_EMPTY) String annotation,
    @JsonProperty("completion_callback_url") String completionCallbackUrl,
    @JsonProperty("cpu_weight") @JsonDeserialize(using = Unsigned.Bits31.class) int cpuWeight,
    @JsonProperty("disk_mb") int diskMb,
    @JsonProperty("domain") String domain,
    @JsonProperty("log_guid") String logGuid,
    @JsonProperty("log_source") String logSource,
    @JsonProperty("metrics_guid") String metricsGuid,
    @JsonProperty("memory_mb") int memoryMb,
    @JsonProperty("result_file") String resultFile,
    @JsonProperty("task_guid") String taskGuid,
    @JsonProperty("rootfs") String rootfs,
    @JsonProperty("privileged") boolean privileged,
    @JsonProperty("env") @JsonInclude(Include.NON_EMPTY) List<EnvironmentVariable> env,
    @JsonProperty("egress_rules") @JsonInclude(Include.NON_EMPTY)
        List<SecurityGroupRule> egressRules) {
  public TaskCreateRequest {
    annotation = Wire.text(annotation);
    completionCallbackUrl = Wire.text(completionCallbackUrl);
    domain = Wire.shared(domain);
    logGuid = Wire.text(logGuid);
    logSource = Wire.shared(logSource);
    metricsGuid = Wire.text(metricsGuid);
    resultFile = Wire.text(resultFile);
    taskGuid = Wire.text(taskGuid);
    rootfs = Wire.shared(rootfs);
    env = EnvironmentVariable.list(env);
    egressRules = Wire.list(egressRules);
  }
}
