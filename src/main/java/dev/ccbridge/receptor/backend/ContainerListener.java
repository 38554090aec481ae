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

  /**
   * The cell that this container is on is to be emptied. The container of an LRP instance runs on
   * while a replacement is placed, so that for a time two containers have the same {@link
   * Container.Instance}: {@link Backend#place} is called at once and must choose another cell. Once
   * the replacement runs, or is CRASHED, or after {@code ReceptorStoreConfig.evacuationTimeout},
   * {@link Backend#stop} is called for this container, perhaps before this method returns, and
   * {@link #ended} is to follow. One that does not run yet, or is not wanted any more, is stopped
   * at once.
   *
   * <p>May be told again. A task is left to come to its end, as a cell of Diego's leaves it.
   */
  void evacuating(String containerGuid);

  /** A task has come further. The latest call counts. */
  void progressed(String containerGuid, TaskProgress progress);

  /**
   * The container has ended and nothing of it runs any more. The last call for this container.
   * Returns when the outcome is stored, so that what the backend keeps of it may go.
   */
  void ended(String containerGuid, ContainerOutcome outcome);
}
