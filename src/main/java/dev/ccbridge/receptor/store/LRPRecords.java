package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.receptor.model.ReceptorEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The records of desired and actual LRPs. Each change is told to the event hub and collected until
 * {@link #flush()} stores all of them as one.
 *
 * <p>Reads from any thread; changes only under {@link LRPStore}'s lock.
 */
final class LRPRecords {
  private final StoreFile file;
  private final Consumer<ReceptorEvent> events;
  private final Map<String, DesiredLRPResponse> desired = new ConcurrentHashMap<>();

  /** By process guid, then index; no empty inner map is kept. */
  private final Map<String, ConcurrentSkipListMap<Integer, ActualLRPGroup>> actual =
      new ConcurrentHashMap<>();

  private final List<Change> unflushed = new ArrayList<>();

  LRPRecords(StoreFile file, Consumer<ReceptorEvent> events) {
    this.file = file;
    this.events = events;
  }

  void load() {
    desired.putAll(file.load(Table.DESIRED_LRPS, DesiredLRPResponse.class));
    file.load(Table.ACTUAL_LRPS, ActualLRPGroup.class)
        .values()
        .forEach(group -> group.resolve().ifPresent(any -> put(keyOf(any), group)));
  }

  Collection<DesiredLRPResponse> desired() {
    return desired.values();
  }

  @Nullable DesiredLRPResponse desired(String processGuid) {
    return desired.get(processGuid);
  }

  /** What is told of each index. */
  List<ActualLRPResponse> actual() {
    return actual.values().stream()
        .flatMap(groups -> groups.values().stream())
        .flatMap(group -> group.resolve().stream())
        .toList();
  }

  /** In the order of the indices. */
  List<ActualLRPResponse> actual(String processGuid) {
    var groups = actual.get(processGuid);
    return groups == null
        ? List.of()
        : groups.values().stream().flatMap(group -> group.resolve().stream()).toList();
  }

  Optional<ActualLRPResponse> actual(LRPKey key) {
    return group(key).flatMap(ActualLRPGroup::resolve);
  }

  /** Leaving copies that are being evacuated aside. */
  List<ActualLRPResponse> instances() {
    return actual.values().stream()
        .flatMap(groups -> groups.values().stream())
        .flatMap(group -> Optional.ofNullable(group.instance()).stream())
        .toList();
  }

  List<ActualLRPResponse> instances(String processGuid) {
    var groups = actual.get(processGuid);
    return groups == null
        ? List.of()
        : groups.values().stream()
            .flatMap(group -> Optional.ofNullable(group.instance()).stream())
            .toList();
  }

  @Nullable ActualLRPResponse instance(LRPKey key) {
    return group(key).map(ActualLRPGroup::instance).orElse(null);
  }

  /** Every guid that is desired or has instances. */
  Set<String> processGuids() {
    var guids = new TreeSet<>(desired.keySet());
    guids.addAll(actual.keySet());
    return guids;
  }

  void createDesired(DesiredLRPResponse lrp) {
    desired.put(lrp.processGuid(), lrp);
    unflushed.add(Change.put(Table.DESIRED_LRPS, lrp.processGuid(), lrp));
    events.accept(new ReceptorEvent.DesiredLRPCreated(lrp));
  }

  void changeDesired(DesiredLRPResponse before, DesiredLRPResponse after) {
    desired.put(after.processGuid(), after);
    unflushed.add(Change.put(Table.DESIRED_LRPS, after.processGuid(), after));
    events.accept(new ReceptorEvent.DesiredLRPChanged(before, after));
  }

  void removeDesired(DesiredLRPResponse lrp) {
    desired.remove(lrp.processGuid());
    unflushed.add(Change.remove(Table.DESIRED_LRPS, lrp.processGuid()));
    events.accept(new ReceptorEvent.DesiredLRPRemoved(lrp));
  }

  void createInstance(ActualLRPResponse instance) {
    store(instance);
    events.accept(new ReceptorEvent.ActualLRPCreated(instance));
  }

  void changeInstance(ActualLRPResponse before, ActualLRPResponse after) {
    store(after);
    events.accept(new ReceptorEvent.ActualLRPChanged(before, after));
  }

  void removeInstance(ActualLRPResponse instance) {
    var key = keyOf(instance);
    var groups = actual.get(key.processGuid());
    if (groups != null) {
      groups.remove(key.index());
      if (groups.isEmpty()) {
        actual.remove(key.processGuid());
      }
    }
    unflushed.add(Change.remove(Table.ACTUAL_LRPS, key.asText()));
    events.accept(new ReceptorEvent.ActualLRPRemoved(instance));
  }

  /**
   * @return completes when all changes since the last call are on the disk
   */
  CompletableFuture<@Nullable Void> flush() {
    var changes = List.copyOf(unflushed);
    unflushed.clear();
    return file.write(changes);
  }

  static LRPKey keyOf(ActualLRPResponse instance) {
    return new LRPKey(instance.processGuid(), instance.index());
  }

  private void store(ActualLRPResponse instance) {
    var key = keyOf(instance);
    var group = ActualLRPGroup.of(instance);
    put(key, group);
    unflushed.add(Change.put(Table.ACTUAL_LRPS, key.asText(), group));
  }

  private void put(LRPKey key, ActualLRPGroup group) {
    actual
        .computeIfAbsent(key.processGuid(), guid -> new ConcurrentSkipListMap<>())
        .put(key.index(), group);
  }

  private Optional<ActualLRPGroup> group(LRPKey key) {
    var groups = actual.get(key.processGuid());
    return groups == null ? Optional.empty() : Optional.ofNullable(groups.get(key.index()));
  }
}
