package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A place where containers run. {@code capacity} is the total, not what is free; {@code
 * rootfsProviders}: URI scheme to the names it has, no names meaning any. Source:
 * receptor/resources.go.
 */
public record CellResponse(
    @JsonProperty("cell_id") String cellId,
    @JsonProperty("zone") String zone,
    @JsonProperty("capacity") Capacity capacity,
    @JsonProperty("rootfs_providers") Map<String, List<String>> rootfsProviders) {
  public CellResponse {
    cellId = Wire.text(cellId);
    zone = Wire.text(zone);
    capacity = orNone(capacity);
    rootfsProviders = Wire.map(rootfsProviders);
  }

  private static Capacity orNone(@Nullable Capacity capacity) {
    return capacity == null ? new Capacity(0, 0, 0) : capacity;
  }

  public record Capacity(
      @JsonProperty("memory_mb") int memoryMb,
      @JsonProperty("disk_mb") int diskMb,
      @JsonProperty("containers") int containers) {}
}
