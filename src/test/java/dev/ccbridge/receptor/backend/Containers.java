package dev.ccbridge.receptor.backend;

import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Containers for tests. */
public final class Containers {
  private Containers() {}

  public static Container task(Action action) {
    return task(action, "");
  }

  public static Container task(Action action, String resultFile) {
    return container(null, null, action, null, 0, List.of(), resultFile);
  }

  public static Container instance(Action action, Action monitor, long startTimeoutSeconds) {
    return instance("process-" + UUID.randomUUID(), 0, action, monitor, startTimeoutSeconds);
  }

  public static Container instance(
      String processGuid, int index, Action action, Action monitor, long startTimeoutSeconds) {
    return container(
        new Container.Instance(processGuid, index),
        null,
        action,
        monitor,
        startTimeoutSeconds,
        List.of(8080),
        "");
  }

  private static Container container(
      Container.Instance instance,
      Action setup,
      Action action,
      Action monitor,
      long startTimeoutSeconds,
      List<Integer> ports,
      String resultFile) {
    return new Container(
        UUID.randomUUID().toString(),
        instance,
        "domain",
        "preloaded:cflinuxfs4",
        List.of(new EnvironmentVariable("FROM_CONTAINER", "container")),
        setup,
        action,
        monitor,
        startTimeoutSeconds,
        ports,
        64,
        64,
        0,
        false,
        List.of(),
        "log-guid",
        "CELL",
        resultFile,
        Optional.empty());
  }

  public static Container withGuid(Container container, String guid) {
    return new Container(
        guid,
        container.instance(),
        container.domain(),
        container.rootfs(),
        container.env(),
        container.setup(),
        container.action(),
        container.monitor(),
        container.startTimeoutSeconds(),
        container.ports(),
        container.memoryMb(),
        container.diskMb(),
        container.cpuWeight(),
        container.privileged(),
        container.egressRules(),
        container.logGuid(),
        container.logSource(),
        container.resultFile(),
        container.imageCredentials());
  }

  public static Container withSetup(Container container, Action setup) {
    return new Container(
        container.guid(),
        container.instance(),
        container.domain(),
        container.rootfs(),
        container.env(),
        setup,
        container.action(),
        container.monitor(),
        container.startTimeoutSeconds(),
        container.ports(),
        container.memoryMb(),
        container.diskMb(),
        container.cpuWeight(),
        container.privileged(),
        container.egressRules(),
        container.logGuid(),
        container.logSource(),
        container.resultFile(),
        container.imageCredentials());
  }

  public static Container within(String rootfs, Container container) {
    return new Container(
        container.guid(),
        container.instance(),
        container.domain(),
        rootfs,
        container.env(),
        container.setup(),
        container.action(),
        container.monitor(),
        container.startTimeoutSeconds(),
        container.ports(),
        container.memoryMb(),
        container.diskMb(),
        container.cpuWeight(),
        container.privileged(),
        container.egressRules(),
        container.logGuid(),
        container.logSource(),
        container.resultFile(),
        container.imageCredentials());
  }

  /** {@code memoryMb} 0: without a limit. */
  public static Container withMemory(Container container, int memoryMb) {
    return new Container(
        container.guid(),
        container.instance(),
        container.domain(),
        container.rootfs(),
        container.env(),
        container.setup(),
        container.action(),
        container.monitor(),
        container.startTimeoutSeconds(),
        container.ports(),
        memoryMb,
        container.diskMb(),
        container.cpuWeight(),
        container.privileged(),
        container.egressRules(),
        container.logGuid(),
        container.logSource(),
        container.resultFile(),
        container.imageCredentials());
  }

  /** Runs a script of the shell. */
  public static Action.Run sh(String script) {
    return sh(script, "");
  }

  public static Action.Run sh(String script, String logSource) {
    return new Action.Run("/bin/sh", List.of("-c", script), "", List.of(), null, "vcap", logSource);
  }
}
