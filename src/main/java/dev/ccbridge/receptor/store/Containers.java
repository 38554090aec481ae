package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.receptor.model.ImageCredentials;
import dev.ccbridge.receptor.model.TaskCreateRequest;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The container that a task or an instance is run in. */
final class Containers {
  private Containers() {}

  static Container of(TaskCreateRequest task) {
    return new Container(
        task.taskGuid(),
        null,
        task.domain(),
        task.rootfs(),
        task.env(),
        null,
        required(task.action(), task.taskGuid()),
        null,
        0,
        List.of(),
        task.memoryMb(),
        task.diskMb(),
        task.cpuWeight(),
        task.privileged(),
        task.egressRules(),
        task.logGuid(),
        task.logSource(),
        task.resultFile(),
        Optional.empty());
  }

  static Container of(DesiredLRPResponse lrp, int index, String instanceGuid) {
    return new Container(
        instanceGuid,
        new Container.Instance(lrp.processGuid(), index),
        lrp.domain(),
        lrp.rootfs(),
        lrp.env(),
        lrp.setup(),
        required(lrp.action(), lrp.processGuid()),
        lrp.monitor(),
        lrp.startTimeout(),
        lrp.ports(),
        lrp.memoryMb(),
        lrp.diskMb(),
        lrp.cpuWeight(),
        lrp.privileged(),
        lrp.egressRules(),
        lrp.logGuid(),
        lrp.logSource(),
        "",
        credentials(lrp));
  }

  private static Optional<ImageCredentials> credentials(DesiredLRPResponse lrp) {
    return lrp.imageUsername().isEmpty()
        ? Optional.empty()
        : Optional.of(new ImageCredentials(lrp.imageUsername(), lrp.imagePassword()));
  }

  private static Action required(@Nullable Action action, String guid) {
    if (action == null) {
      throw new IllegalStateException(
          "stored without an action, which validation refuses: " + guid);
    }
    return action;
  }
}
