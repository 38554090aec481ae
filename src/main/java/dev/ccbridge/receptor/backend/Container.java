package dev.ccbridge.receptor.backend;

import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import dev.ccbridge.receptor.model.ImageCredentials;
import dev.ccbridge.receptor.model.SecurityGroupRule;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A container to be run: a task, or one instance of an LRP.
 *
 * @param guid the task guid, or the instance guid: unique over all containers, and never used a
 *     second time
 * @param instance null for a task
 * @param setup runs once before {@code action}; null: nothing
 * @param monitor the health check; null: none
 * @param startTimeoutSeconds how long the monitor may take to pass for the first time; 0: for ever
 * @param ports container ports to be reachable from outside
 * @param memoryMb, diskMb 0: no limit
 * @param resultFile absolute path in the container whose content is a task's result; empty: no
 *     result
 * @param imageCredentials for the registry of a {@code docker} root file system
 */
public record Container(
    String guid,
    @Nullable Instance instance,
    String domain,
    String rootfs,
    List<EnvironmentVariable> env,
    @Nullable Action setup,
    Action action,
    @Nullable Action monitor,
    long startTimeoutSeconds,
    List<Integer> ports,
    int memoryMb,
    int diskMb,
    int cpuWeight,
    boolean privileged,
    List<SecurityGroupRule> egressRules,
    String logGuid,
    String logSource,
    String resultFile,
    Optional<ImageCredentials> imageCredentials) {

  /** Which instance of which LRP a container is. */
  public record Instance(String processGuid, int index) {}

  public boolean isTask() {
    return instance == null;
  }
}
