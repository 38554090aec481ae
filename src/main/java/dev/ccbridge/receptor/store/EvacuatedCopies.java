package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.model.ActualLRPResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Containers of instances that have been given up for another cell: a copy with a record stays
 * reachable until it is dropped; one without is being stopped. Changes only under the lock of the
 * records. Source: bbs/db/etcd/evacuation_db.go.
 */
final class EvacuatedCopies {
  private final LRPRecords records;

  /** What runs, as it was when it was given up, by instance guid. */
  private final Map<String, ActualLRPResponse> containers = new ConcurrentHashMap<>();

  EvacuatedCopies(LRPRecords records) {
    this.records = records;
  }

  /**
   * Leaves a copy of a running instance where it is. Before it ran, an older one was dropped.
   *
   * @return the copy's record
   */
  ActualLRPResponse keep(ActualLRPResponse instance, long now) {
    var copy = InstanceRecords.evacuating(instance, now);
    records.createActual(copy);
    goOnWith(copy);
    return copy;
  }

  /** One that has its record already. */
  void goOnWith(ActualLRPResponse copy) {
    containers.put(copy.instanceGuid(), copy);
  }

  /**
   * Gives up an instance that nobody could reach yet.
   *
   * @return its guid, to be stopped
   */
  String leave(ActualLRPResponse instance) {
    containers.put(instance.instanceGuid(), instance);
    return instance.instanceGuid();
  }

  /**
   * @return the guid of the copy whose record is gone now, to be stopped
   */
  Optional<String> drop(LRPKey key) {
    var copy = Optional.ofNullable(records.copy(key));
    copy.ifPresent(records::removeActual);
    return copy.map(ActualLRPResponse::instanceGuid);
  }

  boolean isOne(String instanceGuid) {
    return containers.containsKey(instanceGuid);
  }

  boolean isAnyOf(String processGuid) {
    return containers.values().stream().anyMatch(copy -> copy.processGuid().equals(processGuid));
  }

  /** Whether it is to be stopped, or has been asked to. */
  boolean isLeaving(String instanceGuid) {
    var container = containers.get(instanceGuid);
    return container != null && !hasRecord(container);
  }

  List<String> leaving() {
    return containers.values().stream()
        .filter(container -> !hasRecord(container))
        .map(ActualLRPResponse::instanceGuid)
        .toList();
  }

  /**
   * @return its process guid
   */
  String ended(String instanceGuid) {
    var copy = containers.remove(instanceGuid);
    if (copy == null) {
      throw new IllegalStateException("no copy of an instance: " + instanceGuid);
    }
    removeRecord(copy);
    return copy.processGuid();
  }

  /** Those on other cells have ended. */
  void keepThoseOn(Set<String> cells) {
    for (var copy : containers.values()) {
      if (!cells.contains(copy.cellId())) {
        containers.remove(copy.instanceGuid());
        removeRecord(copy);
      }
    }
  }

  private void removeRecord(ActualLRPResponse copy) {
    if (hasRecord(copy)) {
      records.removeActual(copy);
    }
  }

  private boolean hasRecord(ActualLRPResponse container) {
    return container.equals(records.copy(LRPRecords.keyOf(container)));
  }
}
