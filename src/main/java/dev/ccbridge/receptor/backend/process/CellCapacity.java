package dev.ccbridge.receptor.backend.process;

import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.PlacementException;
import dev.ccbridge.receptor.model.CellResponse.Capacity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Who has how much of the cell. Thread-safe. */
final class CellCapacity {
  private static final String PRELOADED = "preloaded:";

  private final Capacity total;
  private final List<String> rootfsNames;
  private final Map<String, Container> placed = new HashMap<>();

  CellCapacity(Capacity total, List<String> rootfsNames) {
    this.total = total;
    this.rootfsNames = rootfsNames;
  }

  /**
   * @throws PlacementException when the cell has not what the container needs, or not enough of it
   */
  synchronized void reserve(Container container) {
    if (!isCompatible(container.rootfs())) {
      throw new PlacementException(PlacementException.NO_COMPATIBLE_CELL);
    }
    if (placed.containsKey(container.guid())) {
      return;
    }
    long memory = container.memoryMb();
    long disk = container.diskMb();
    for (var other : placed.values()) {
      memory += other.memoryMb();
      disk += other.diskMb();
    }
    if (memory > total.memoryMb() || disk > total.diskMb() || placed.size() >= total.containers()) {
      throw new PlacementException(PlacementException.INSUFFICIENT_RESOURCES);
    }
    placed.put(container.guid(), container);
  }

  /** For what has begun already, whether there is room or not. */
  synchronized void reserveRegardless(Container container) {
    placed.put(container.guid(), container);
  }

  synchronized void release(String containerGuid) {
    placed.remove(containerGuid);
  }

  private boolean isCompatible(String rootfs) {
    return ImageRoots.isImage(rootfs)
        || rootfs.startsWith(PRELOADED)
            && (rootfsNames.isEmpty()
                || rootfsNames.contains(rootfs.substring(PRELOADED.length())));
  }
}
