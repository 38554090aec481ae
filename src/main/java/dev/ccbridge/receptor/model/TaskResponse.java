package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A task as the Receptor tells of it, also the body of the completion callback. Members in wire
 * order. {@code createdAt} in nanoseconds since the epoch; {@code cellId} is set only while the
 * task runs; {@code result} only when it did not fail. Source: receptor/resources.go; {@code
 * progress} is ours, see {@link TaskProgress}.
 */
public record TaskResponse(
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
    @JsonProperty("cell_id") String cellId,
    @JsonProperty("created_at") long createdAt,
    @JsonProperty("failed") boolean failed,
    @JsonProperty("failure_reason") String failureReason,
    @JsonProperty("result") String result,
    @JsonProperty("state") @Nullable TaskState state,
    @JsonProperty("egress_rules") @JsonInclude(Include.NON_EMPTY)
        List<SecurityGroupRule> egressRules,
    @JsonProperty("progress") @JsonInclude(Include.NON_NULL) @Nullable TaskProgress progress) {
  public TaskResponse {
    annotation = Wire.text(annotation);
    completionCallbackUrl = Wire.text(completionCallbackUrl);
    domain = Wire.text(domain);
    logGuid = Wire.text(logGuid);
    logSource = Wire.text(logSource);
    metricsGuid = Wire.text(metricsGuid);
    resultFile = Wire.text(resultFile);
    taskGuid = Wire.text(taskGuid);
    rootfs = Wire.text(rootfs);
    env = EnvironmentVariable.list(env);
    cellId = Wire.text(cellId);
    failureReason = Wire.text(failureReason);
    result = Wire.text(result);
    egressRules = Wire.list(egressRules);
  }

  /** As the original tells of it. */
  public TaskResponse withoutProgress() {
    return new TaskResponse(
        action,
        annotation,
        completionCallbackUrl,
        cpuWeight,
        diskMb,
        domain,
        logGuid,
        logSource,
        metricsGuid,
        memoryMb,
        resultFile,
        taskGuid,
        rootfs,
        privileged,
        env,
        cellId,
        createdAt,
        failed,
        failureReason,
        result,
        state,
        egressRules,
        null);
  }
}
