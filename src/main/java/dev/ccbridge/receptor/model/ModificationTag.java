package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * The version of a record: {@code epoch} is new whenever the record is created anew, {@code index}
 * counts its changes from 0. Source: receptor/resources.go.
 */
public record ModificationTag(
    @JsonProperty("epoch") String epoch, @JsonProperty("index") long index) {
  private static final ModificationTag NONE = new ModificationTag("", 0);

  public ModificationTag {
    epoch = Wire.text(epoch);
  }

  static ModificationTag orNone(@Nullable ModificationTag tag) {
    return tag == null ? NONE : tag;
  }

  /**
   * Whether {@code other} may be newer: an epoch is missing, the epochs differ, or its index is
   * larger.
   */
  public boolean succeededBy(ModificationTag other) {
    return epoch.isEmpty()
        || other.epoch.isEmpty()
        || !epoch.equals(other.epoch)
        || index < other.index;
  }
}
