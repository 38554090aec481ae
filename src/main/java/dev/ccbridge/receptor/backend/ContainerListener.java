package dev.ccbridge.receptor.backend;

import dev.ccbridge.receptor.model.PortMapping;
import dev.ccbridge.receptor.model.TaskProgress;
import java.util.List;

/**
 * Hears from a {@link Backend} what becomes of its containers. Calls come from any thread, for one
 * container in order.
 */
public interface ContainerListener {

  /**
   * An LRP instance is healthy for the first time, or has no monitor and its action has started.
   * Not called for tasks.
   */
  void running(String containerGuid, String address, List<PortMapping> ports);

  /** A task has come further. The latest call counts. */
  void progressed(String containerGuid, TaskProgress progress);

  /**
   * The container has ended and nothing of it runs any more. The last call for this container.
   * Returns when the outcome is stored, so that what the backend keeps of it may go.
   */
  void ended(String containerGuid, ContainerOutcome outcome);
}
