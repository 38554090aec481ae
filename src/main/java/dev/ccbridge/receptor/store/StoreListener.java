package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.backend.ContainerListener;
import dev.ccbridge.receptor.backend.ContainerOutcome;
import dev.ccbridge.receptor.model.PortMapping;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.TaskProgress;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells apart whose container a report is about. */
final class StoreListener implements ContainerListener {
  private static final Logger LOG = LoggerFactory.getLogger(StoreListener.class);

  private final TaskStore tasks;
  private final InstanceKeeper instances;
  private final Evacuation evacuation;

  StoreListener(TaskStore tasks, InstanceKeeper instances, Evacuation evacuation) {
    this.tasks = tasks;
    this.instances = instances;
    this.evacuation = evacuation;
  }

  @Override
  public void running(String containerGuid, String address, List<PortMapping> ports) {
    instances.running(containerGuid, address, ports);
  }

  @Override
  public void evacuating(String containerGuid) {
    evacuation.evacuating(containerGuid);
  }

  @Override
  public void progressed(String containerGuid, TaskProgress progress) {
    tasks.progressed(containerGuid, progress);
  }

  /** Returns when it is on the disk, so that the backend may forget the container. */
  @Override
  public void ended(String containerGuid, ContainerOutcome outcome) {
    var stored =
        instances
            .ended(containerGuid, outcome)
            .orElseGet(() -> tasks.ended(containerGuid, outcome));
    try {
      Records.await(stored);
    } catch (ReceptorException notYet) {
      // The file keeps it and tries again; it has logged why.
      LOG.warn("the end of a container is not on the disk yet containerGuid={}", containerGuid);
    }
  }
}
