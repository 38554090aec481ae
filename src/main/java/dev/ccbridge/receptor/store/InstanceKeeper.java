package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.backend.Backend;
import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.ContainerOutcome;
import dev.ccbridge.receptor.backend.PlacementException;
import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.receptor.model.PortMapping;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings instances onto cells and keeps their records in step with what becomes of them: claim,
 * run, evacuate, crash, restart, stop.
 *
 * <p>Methods marked "under the lock" expect their caller to hold it and to flush the records; the
 * others take it themselves. The backend is never called under the lock.
 *
 * <p>Differs from Diego: a restart that is due, and the replacement of an instance that was stopped
 * while it is wanted, happen at once and not in the next round of convergence. Source:
 * bbs/db/etcd/actual_lrp_db.go, evacuation_db.go.
 */
final class InstanceKeeper {
  private static final Logger LOG = LoggerFactory.getLogger(InstanceKeeper.class);

  private final LRPRecords records;
  private final Backend backend;
  private final Clock clock;
  private final Scheduler scheduler;
  private final Executor placements;
  private final ReentrantLock lock;
  private final EvacuatedCopies copies;

  /** What is on a cell, by instance guid; late reports of others are dropped. Under the lock. */
  private final Map<String, LRPKey> placed = new HashMap<>();

  /** Instance guids that were asked to stop, so that their end is no crash. Under the lock. */
  private final Set<String> stopping = new HashSet<>();

  private boolean frozen;

  /**
   * @param evacuationTimeout how long a replacement is waited for
   * @param placements as many threads as the backend takes placements at a time
   */
  InstanceKeeper(
      LRPRecords records,
      Backend backend,
      Clock clock,
      Scheduler scheduler,
      Duration evacuationTimeout,
      Executor placements,
      ReentrantLock lock) {
    this.records = records;
    this.backend = backend;
    this.clock = clock;
    this.scheduler = scheduler;
    this.placements = placements;
    this.lock = lock;
    this.copies = new EvacuatedCopies(records, scheduler, evacuationTimeout, this::expired);
  }

  /**
   * What may run still after a start, and is wanted still. Until {@link #resetAfterRestart} it is
   * taken to run, as its end may be told before. Under the lock.
   */
  List<Container> believedToRun() {
    var believed = new ArrayList<Container>();
    for (var instance : records.instances()) {
      var lrp = records.desired(instance.processGuid());
      if (isOnCell(instance) && lrp != null && isWanted(instance)) {
        placed.put(instance.instanceGuid(), LRPRecords.keyOf(instance));
        believed.add(Containers.of(lrp, instance.index(), instance.instanceGuid()));
      }
    }
    for (var copy : records.copies()) {
      var lrp = records.desired(copy.processGuid());
      if (lrp != null) {
        copies.goOnWith(copy);
        believed.add(Containers.of(lrp, copy.index(), copy.instanceGuid()));
      }
    }
    return believed;
  }

  /**
   * After a start: of those that were believed to run, the containers of some are gone. Those are
   * to be started again; what nobody wants is done. Under the lock.
   *
   * @param gone instance guids
   */
  void resetAfterRestart(Set<String> gone) {
    var now = Times.now(clock);
    for (var copy : records.copies()) {
      if (gone.contains(copy.instanceGuid())) {
        copies.ended(copy.instanceGuid());
      } else if (!copies.isOne(copy.instanceGuid())) {
        records.removeActual(copy);
      }
    }
    for (var instance : records.instances()) {
      switch (state(instance)) {
        case CLAIMED, RUNNING -> {
          if (!isWanted(instance)) {
            records.removeActual(instance);
          } else if (gone.contains(instance.instanceGuid())) {
            placed.remove(instance.instanceGuid());
            unclaim(instance, now);
          }
        }
        case UNCLAIMED -> place(LRPRecords.keyOf(instance));
        case CRASHED -> restartWhenDue(instance, now);
        case INVALID -> throw new IllegalStateException("never stored: " + instance);
      }
    }
  }

  /** Creates a record for each wanted index that has none. Under the lock. */
  void createMissing(DesiredLRPResponse lrp, long now) {
    for (var index = 0; index < lrp.instances(); index++) {
      var key = new LRPKey(lrp.processGuid(), index);
      if (records.instance(key) == null) {
        create(key, lrp.domain(), now);
      }
    }
  }

  /**
   * Ends an instance on purpose. Under the lock.
   *
   * @return the guid to {@link #stop} after the lock is released; empty when nothing runs
   */
  Optional<String> retire(ActualLRPResponse instance, long now) {
    return switch (state(instance)) {
      case CLAIMED, RUNNING -> {
        stopping.add(instance.instanceGuid());
        yield Optional.of(instance.instanceGuid());
      }
      case UNCLAIMED, CRASHED, INVALID -> {
        remove(instance, now);
        yield Optional.empty();
      }
    };
  }

  /**
   * Ends the copy of an index that is being evacuated, if there is one. Under the lock.
   *
   * @return the guid to {@link #stop} after the lock is released
   */
  Optional<String> retireCopy(LRPKey key) {
    return copies.drop(key);
  }

  /** Copies that were asked to stop and have not ended yet. Under the lock. */
  List<String> leaving() {
    return copies.leaving();
  }

  /** Asks the backend, not under the lock; the listener hears of the end. */
  void stop(String instanceGuid) {
    backend.stop(instanceGuid);
  }

  /** The record of an instance whose cell is gone goes too. Under the lock. */
  void lost(ActualLRPResponse instance, long now) {
    placed.remove(instance.instanceGuid());
    stopping.remove(instance.instanceGuid());
    remove(instance, now);
  }

  /** What was left behind on cells that are gone is gone, too. Under the lock. */
  void keepCopiesOn(Set<String> cells) {
    copies.keepThoseOn(cells);
  }

  /** Whether a stop was asked for that has not happened yet. Under the lock. */
  boolean isStopping(ActualLRPResponse instance) {
    return stopping.contains(instance.instanceGuid());
  }

  /** CLAIMED, RUNNING or CRASHED → UNCLAIMED, and onto a cell. Under the lock. */
  void unclaim(ActualLRPResponse instance, long now) {
    records.changeActual(instance, InstanceRecords.unclaimed(instance, now));
    place(LRPRecords.keyOf(instance));
  }

  /**
   * A copy of a running instance stays where it is, until {@link #running} is told of its
   * replacement; an instance that does not run yet, or is wanted no more, is stopped.
   */
  void evacuating(String instanceGuid) {
    Optional<String> stop = Optional.empty();
    lock.lock();
    try {
      var instance = onCell(instanceGuid);
      if (instance != null && !frozen && !stopping.contains(instanceGuid)) {
        var now = Times.now(clock);
        stop = isWanted(instance) ? leaveCell(instance, now) : retire(instance, now);
        records.flush();
      }
    } finally {
      lock.unlock();
    }
    stop.ifPresent(this::stop);
  }

  private Optional<String> leaveCell(ActualLRPResponse instance, long now) {
    LOG.info(
        "instance leaves its cell processGuid={} index={} cell={}",
        instance.processGuid(),
        instance.index(),
        instance.cellId());
    placed.remove(instance.instanceGuid());
    var stop = Optional.<String>empty();
    if (instance.state() == ActualLRPState.RUNNING) {
      copies.keep(instance, now);
    } else {
      stop = Optional.of(copies.leave(instance));
    }
    unclaim(instance, now);
    return stop;
  }

  private void expired(ActualLRPResponse copy) {
    Optional<String> stop = Optional.empty();
    lock.lock();
    try {
      var key = LRPRecords.keyOf(copy);
      if (!frozen && copy.equals(records.copy(key))) {
        LOG.warn(
            "no replacement within the time, the instance is stopped processGuid={} index={}",
            copy.processGuid(),
            copy.index());
        stop = copies.drop(key);
        records.flush();
      }
    } finally {
      lock.unlock();
    }
    stop.ifPresent(this::stop);
  }

  /** Drops what is kept of an LRP that is gone, unless it has come back meanwhile. */
  void forget(String processGuid) {
    placements.execute(
        () -> {
          if (records.desired(processGuid) == null
              && records.actual(processGuid).isEmpty()
              && !copies.isAnyOf(processGuid)) {
            backend.forget(processGuid);
          }
        });
  }

  /** Brings an UNCLAIMED instance onto a cell soon. */
  void place(LRPKey key) {
    placements.execute(() -> placeNow(key));
  }

  /** From now on instances may end because we do, so that is no crash. */
  void freeze() {
    lock.lock();
    try {
      frozen = true;
    } finally {
      lock.unlock();
    }
  }

  boolean isOnCell(String instanceGuid) {
    lock.lock();
    try {
      return placed.containsKey(instanceGuid) || copies.isOne(instanceGuid);
    } finally {
      lock.unlock();
    }
  }

  void running(String instanceGuid, String address, List<PortMapping> ports) {
    Optional<String> stop = Optional.empty();
    lock.lock();
    try {
      var instance = onCell(instanceGuid);
      // One that is gone on with after a start is told of again.
      if (instance != null && !isRunningAt(instance, address, ports)) {
        var now = Times.now(clock);
        records.changeActual(instance, InstanceRecords.running(instance, address, ports, now));
        stop = copies.drop(LRPRecords.keyOf(instance));
        records.flush();
      }
    } finally {
      lock.unlock();
    }
    stop.ifPresent(this::stop);
  }

  /**
   * @return completes when that is on the disk; empty when this was no instance's container
   */
  Optional<CompletableFuture<@Nullable Void>> ended(String instanceGuid, ContainerOutcome outcome) {
    CompletableFuture<@Nullable Void> stored;
    Optional<String> stop = Optional.empty();
    lock.lock();
    try {
      var instance = onCell(instanceGuid);
      if (instance == null && !copies.isOne(instanceGuid)) {
        return Optional.empty();
      }
      if (!frozen && instance != null) {
        stop = ended(instance, outcome);
      } else if (!frozen) {
        forgetIfGone(copies.ended(instanceGuid));
      }
      stored = records.flush();
    } finally {
      lock.unlock();
    }
    stop.ifPresent(this::stop);
    return Optional.of(stored);
  }

  /**
   * @return the guid of a copy to stop
   */
  private Optional<String> ended(ActualLRPResponse instance, ContainerOutcome outcome) {
    placed.remove(instance.instanceGuid());
    var now = Times.now(clock);
    if (stopping.remove(instance.instanceGuid()) || !isWanted(instance)) {
      remove(instance, now);
      return Optional.empty();
    }
    return crash(instance, outcome.reason(), now);
  }

  private Optional<String> crash(ActualLRPResponse instance, String reason, long now) {
    var crashed = InstanceRecords.crashed(instance, reason, now);
    records.changeActual(instance, crashed);
    LOG.info(
        "instance crashed processGuid={} index={} crashCount={}",
        crashed.processGuid(),
        crashed.index(),
        crashed.crashCount());
    if (crashed.state() == ActualLRPState.UNCLAIMED) {
      place(LRPRecords.keyOf(crashed));
      return Optional.empty();
    }
    restartWhenDue(crashed, now);
    return copies.drop(LRPRecords.keyOf(crashed));
  }

  private void restartWhenDue(ActualLRPResponse crashed, long now) {
    CrashPolicy.restartDelay(crashed.crashCount())
        .map(wait -> wait.minusNanos(now - crashed.since()))
        .map(left -> left.isNegative() ? Duration.ZERO : left)
        .ifPresent(left -> scheduler.schedule(left, () -> restart(crashed)));
  }

  /** Unless anything has happened to it since. */
  private void restart(ActualLRPResponse crashed) {
    lock.lock();
    try {
      if (crashed.equals(records.instance(LRPRecords.keyOf(crashed)))) {
        unclaim(crashed, Times.now(clock));
        records.flush();
      }
    } finally {
      lock.unlock();
    }
  }

  private void create(LRPKey key, String domain, long now) {
    records.createActual(InstanceRecords.created(key, domain, now));
    place(key);
  }

  /** And creates it anew when it is wanted still. */
  private void remove(ActualLRPResponse instance, long now) {
    records.removeActual(instance);
    var lrp = records.desired(instance.processGuid());
    if (lrp != null && instance.index() < lrp.instances()) {
      create(LRPRecords.keyOf(instance), lrp.domain(), now);
    } else {
      forgetIfGone(instance.processGuid());
    }
  }

  private void forgetIfGone(String processGuid) {
    if (records.desired(processGuid) == null && records.actual(processGuid).isEmpty()) {
      forget(processGuid);
    }
  }

  private void placeNow(LRPKey key) {
    var unplaced = records.instance(key);
    var lrp = records.desired(key.processGuid());
    if (unplaced == null
        || lrp == null
        || key.index() >= lrp.instances()
        || unplaced.state() != ActualLRPState.UNCLAIMED) {
      return;
    }
    var container = Containers.of(lrp, key.index(), UUID.randomUUID().toString());
    try {
      var cell = backend.place(container);
      if (claim(unplaced, container.guid(), cell)) {
        run(container);
      } else {
        backend.destroy(container.guid());
      }
    } catch (PlacementException nowhere) {
      placementFailed(unplaced, nowhere.message());
    } catch (RuntimeException failure) {
      // It stays UNCLAIMED; convergence tries again.
      LOG.error(
          "placing an instance failed processGuid={} index={}",
          key.processGuid(),
          key.index(),
          failure);
    }
  }

  private boolean claim(ActualLRPResponse unplaced, String instanceGuid, String cell) {
    lock.lock();
    try {
      var key = LRPRecords.keyOf(unplaced);
      if (!unplaced.equals(records.instance(key)) || !isWanted(unplaced)) {
        return false;
      }
      placed.put(instanceGuid, key);
      records.changeActual(unplaced, InstanceRecords.claimed(unplaced, instanceGuid, cell));
      records.flush();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void placementFailed(ActualLRPResponse unplaced, String error) {
    lock.lock();
    try {
      if (unplaced.equals(records.instance(LRPRecords.keyOf(unplaced)))) {
        var now = Times.now(clock);
        records.changeActual(unplaced, InstanceRecords.placementFailed(unplaced, error, now));
        records.flush();
      }
    } finally {
      lock.unlock();
    }
  }

  private void run(Container container) {
    try {
      backend.run(container);
    } catch (RuntimeException failure) {
      LOG.error("running an instance failed instanceGuid={}", container.guid(), failure);
      ended(container.guid(), ContainerOutcome.failed(TaskRunner.RUN_FAILED));
      return;
    }
    boolean stop;
    lock.lock();
    try {
      stop = stopping.contains(container.guid()) || copies.isLeaving(container.guid());
    } finally {
      lock.unlock();
    }
    if (stop) {
      // Race with retire() and evacuating(): their stop came before there was anything to stop.
      backend.stop(container.guid());
    }
  }

  /** The record whose container this is; null for one that is over, or never was ours. */
  private @Nullable ActualLRPResponse onCell(String instanceGuid) {
    var key = placed.get(instanceGuid);
    return key == null ? null : records.instance(key);
  }

  private boolean isWanted(ActualLRPResponse instance) {
    var lrp = records.desired(instance.processGuid());
    return lrp != null && instance.index() < lrp.instances();
  }

  private static boolean isRunningAt(
      ActualLRPResponse instance, String address, List<PortMapping> ports) {
    return instance.state() == ActualLRPState.RUNNING
        && instance.address().equals(address)
        && ports.equals(Objects.requireNonNullElse(instance.ports(), List.of()));
  }

  private static boolean isOnCell(ActualLRPResponse instance) {
    return state(instance) == ActualLRPState.CLAIMED || state(instance) == ActualLRPState.RUNNING;
  }

  private static ActualLRPState state(ActualLRPResponse instance) {
    return Objects.requireNonNull(instance.state());
  }
}
