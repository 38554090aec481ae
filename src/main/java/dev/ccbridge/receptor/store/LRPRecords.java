package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.receptor.model.ReceptorEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The records of desired and actual LRPs. Changes are collected until {@link #flush()} stores all
 * of them as one; once they are on the disk they are told to the event hub.
 *
 * <p>Reads from any thread; changes only under {@link #lock}. Whoever tells somebody outside what
 * was read calls {@code settle} in between, so that nobody is told of what a sudden death would
 * undo.
 */
final class LRPRecords {
  private final Records place;
  private final Consumer<ReceptorEvent> events;
  private final Map<String, DesiredLRPResponse> desired = new ConcurrentHashMap<>();

  /** By process guid, then index; no empty inner map is kept. */
  private final Map<String, ConcurrentSkipListMap<Integer, ActualLRPGroup>> actual =
      new ConcurrentHashMap<>();

  /** Events of one flush. */
  private record Untold(CompletableFuture<@Nullable Void> stored, List<ReceptorEvent> events) {}

  private final ReentrantLock changes = new ReentrantLock();
  private final List<Change> unflushed = new ArrayList<>();
  private final List<ReceptorEvent> unflushedEvents = new ArrayList<>();

  /** Whether there is something in {@link #unflushed}, for those who do not hold the lock. */
  private volatile boolean changing;

  /** In the order of the flushes; held while telling, so that this is the order of the events. */
  private final Queue<Untold> untold = new ArrayDeque<>();

  private final ReentrantLock telling = new ReentrantLock();

  /**
   * @param events must not block
   */
  LRPRecords(Records place, Consumer<ReceptorEvent> events) {
    this.place = place;
    this.events = events;
  }

  void load() {
    desired.putAll(place.load(Table.DESIRED_LRPS, DesiredLRPResponse.class));
    place
        .load(Table.ACTUAL_LRPS, ActualLRPGroup.class)
        .values()
        .forEach(group -> group.resolve().ifPresent(any -> put(keyOf(any), group)));
  }

  /** Held by whoever makes changes, from before the first until they are flushed. */
  ReentrantLock lock() {
    return changes;
  }

  /** Waits until all that can be read of a desired LRP is on the disk. */
  void settleDesired(String processGuid) {
    awaitFlush();
    place.settle(Table.DESIRED_LRPS, processGuid);
  }

  void settleDesired() {
    awaitFlush();
    place.settle(Table.DESIRED_LRPS);
  }

  /** The same for actual LRPs, all of them. */
  void settleActual() {
    awaitFlush();
    place.settle(Table.ACTUAL_LRPS);
  }

  void settleActual(LRPKey key) {
    awaitFlush();
    place.settle(Table.ACTUAL_LRPS, key.asText());
  }

  /** Whoever makes changes flushes them before giving the lock back. */
  private void awaitFlush() {
    if (changing) {
      changes.lock();
      changes.unlock();
    }
  }

  Collection<DesiredLRPResponse> desired() {
    return desired.values();
  }

  @Nullable DesiredLRPResponse desired(String processGuid) {
    return desired.get(processGuid);
  }

  /** The LRP that an index belongs to; null when nobody wants an instance there. */
  @Nullable DesiredLRPResponse wanting(LRPKey key) {
    var lrp = desired.get(key.processGuid());
    return lrp != null && key.index() < lrp.instances() ? lrp : null;
  }

  boolean isWanted(ActualLRPResponse instance) {
    return wanting(keyOf(instance)) != null;
  }

  /** Whether nothing is left of an LRP: it is not desired, and has neither instance nor copy. */
  boolean isGone(String processGuid) {
    return desired(processGuid) == null && actual(processGuid).isEmpty();
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

  /** The copies that are being evacuated. */
  List<ActualLRPResponse> copies() {
    return actual.values().stream()
        .flatMap(groups -> groups.values().stream())
        .flatMap(group -> Optional.ofNullable(group.evacuating()).stream())
        .toList();
  }

  /** In the order of the indices. */
  List<ActualLRPResponse> copies(String processGuid) {
    var groups = actual.get(processGuid);
    return groups == null
        ? List.of()
        : groups.values().stream()
            .flatMap(group -> Optional.ofNullable(group.evacuating()).stream())
            .toList();
  }

  @Nullable ActualLRPResponse copy(LRPKey key) {
    return group(key).map(ActualLRPGroup::evacuating).orElse(null);
  }

  /** Every guid that is desired or has instances. */
  Set<String> processGuids() {
    var guids = new TreeSet<>(desired.keySet());
    guids.addAll(actual.keySet());
    return guids;
  }

  void createDesired(DesiredLRPResponse lrp) {
    changing = true;
    desired.put(lrp.processGuid(), lrp);
    changed(
        Change.put(Table.DESIRED_LRPS, lrp.processGuid(), lrp),
        new ReceptorEvent.DesiredLRPCreated(lrp));
  }

  void changeDesired(DesiredLRPResponse before, DesiredLRPResponse after) {
    changing = true;
    desired.put(after.processGuid(), after);
    changed(
        Change.put(Table.DESIRED_LRPS, after.processGuid(), after),
        new ReceptorEvent.DesiredLRPChanged(before, after));
  }

  void removeDesired(DesiredLRPResponse lrp) {
    changing = true;
    desired.remove(lrp.processGuid());
    changed(
        Change.remove(Table.DESIRED_LRPS, lrp.processGuid()),
        new ReceptorEvent.DesiredLRPRemoved(lrp));
  }

  /** Of a copy that is being evacuated, or of an instance, as the record says; so do the others. */
  void createActual(ActualLRPResponse record) {
    store(record, new ReceptorEvent.ActualLRPCreated(record));
  }

  /**
   * Of an instance that waits for its first place. It is told of, but not stored: each start makes
   * those anew that are wanted and have no record. So an LRP of a thousand instances is one write
   * before it is acknowledged, and each instance one less.
   */
  void createWaiting(ActualLRPResponse instance) {
    changing = true;
    var key = keyOf(instance);
    put(key, group(key).orElse(ActualLRPGroup.NONE).with(instance));
    unflushedEvents.add(new ReceptorEvent.ActualLRPCreated(instance));
  }

  void changeActual(ActualLRPResponse before, ActualLRPResponse after) {
    store(after, new ReceptorEvent.ActualLRPChanged(before, after));
  }

  void removeActual(ActualLRPResponse record) {
    changing = true;
    var key = keyOf(record);
    var left = group(key).orElse(ActualLRPGroup.NONE).without(record);
    var event = new ReceptorEvent.ActualLRPRemoved(record);
    if (left.equals(ActualLRPGroup.NONE)) {
      removeGroup(key);
      changed(Change.remove(Table.ACTUAL_LRPS, key.asText()), event);
    } else {
      put(key, left);
      changed(Change.put(Table.ACTUAL_LRPS, key.asText(), left), event);
    }
  }

  private void removeGroup(LRPKey key) {
    var groups = actual.get(key.processGuid());
    if (groups != null) {
      groups.remove(key.index());
      if (groups.isEmpty()) {
        actual.remove(key.processGuid());
      }
    }
  }

  /**
   * @return completes when all changes since the last call are on the disk
   */
  CompletableFuture<@Nullable Void> flush() {
    var stored = place.write(List.copyOf(unflushed));
    unflushed.clear();
    changing = false;
    if (!unflushedEvents.isEmpty()) {
      tellOnce(stored, List.copyOf(unflushedEvents));
      unflushedEvents.clear();
    }
    return stored;
  }

  /**
   * Also once the disk has refused: the write is kept and tried again, and meanwhile reads tell of
   * it too.
   */
  private void tellOnce(CompletableFuture<@Nullable Void> stored, List<ReceptorEvent> some) {
    telling.lock();
    try {
      untold.add(new Untold(stored, some));
    } finally {
      telling.unlock();
    }
    stored.whenComplete((ok, refused) -> tell());
  }

  private void tell() {
    telling.lock();
    try {
      for (var next = untold.peek(); next != null && next.stored().isDone(); next = untold.peek()) {
        untold.remove();
        next.events().forEach(events);
      }
    } finally {
      telling.unlock();
    }
  }

  private void changed(Change change, ReceptorEvent event) {
    unflushed.add(change);
    unflushedEvents.add(event);
  }

  static LRPKey keyOf(ActualLRPResponse instance) {
    return new LRPKey(instance.processGuid(), instance.index());
  }

  private void store(ActualLRPResponse record, ReceptorEvent event) {
    changing = true;
    var key = keyOf(record);
    var group = group(key).orElse(ActualLRPGroup.NONE).with(record);
    put(key, group);
    changed(Change.put(Table.ACTUAL_LRPS, key.asText(), group), event);
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
