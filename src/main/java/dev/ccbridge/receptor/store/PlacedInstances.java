package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.model.ActualLRPResponse;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which instance is in which container; late reports of other containers are dropped. Copies that
 * are being evacuated are {@link EvacuatedCopies}. Only under the lock of the records.
 */
final class PlacedInstances {
  private final LRPRecords records;

  /** By instance guid. */
  private final Map<String, LRPKey> placed = new HashMap<>();

  /** Instance guids that were asked to stop, so that their end is no crash. */
  private final Set<String> stopping = new HashSet<>();

  PlacedInstances(LRPRecords records) {
    this.records = records;
  }

  void add(String instanceGuid, LRPKey key) {
    placed.put(instanceGuid, key);
  }

  boolean contains(String instanceGuid) {
    return placed.containsKey(instanceGuid);
  }

  /** The record whose container this is; null for one that is over, or never was ours. */
  @Nullable ActualLRPResponse find(String instanceGuid) {
    var key = placed.get(instanceGuid);
    return key == null ? null : records.instance(key);
  }

  void markStopping(String instanceGuid) {
    stopping.add(instanceGuid);
  }

  boolean isStopping(String instanceGuid) {
    return stopping.contains(instanceGuid);
  }

  /**
   * @return whether it was asked to stop
   */
  boolean remove(String instanceGuid) {
    placed.remove(instanceGuid);
    return stopping.remove(instanceGuid);
  }
}
