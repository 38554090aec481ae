package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.backend.Backend;
import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.ContainerOutcome;
import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.receptor.model.PortMapping;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the records of instances in step with what is wanted, and with what becomes of them: run,
 * crash, restart, stop. An {@link InstancePlacer} brings them onto cells, and the {@link
 * Evacuation} away from one.
 *
 * <p>Methods marked "under the lock" expect their caller to hold it and to flush the records; the
 * others take it themselves. The backend is never called under the lock.
 *
 * <p>Differs from Diego: a restart that is due, and the replacement of an instance that was stopped
 * while it is wanted, happen at once and not in the next round of convergence. Source:
 * bbs/db/etcd/actual_lrp_db.go.
 */
final class InstanceKeeper {
  private static final Logger LOG = LoggerFactory.getLogger(InstanceKeeper.class);

  private final LRPRecords records;
  private final EvacuatedCopies copies;
  private final Backend backend;
  private final Clock clock;
  private final Scheduler scheduler;
  private final PlacedInstances placed;
  private final InstancePlacer placer;
  private final ReentrantLock lock;
  private boolean frozen;

  /**
   * @param copies that end when their replacement runs
   * @param placements as many threads as the backend takes placements at a time
   */
  InstanceKeeper(
      LRPRecords records,
      EvacuatedCopies copies,
      Backend backend,
      Clock clock,
      Scheduler scheduler,
      Executor placements) {
    this.records = records;
    this.copies = copies;
    this.backend = backend;
    this.clock = clock;
    this.scheduler = scheduler;
    this.placed = new PlacedInstances(records);
    this.placer =
        new InstancePlacer(records, placed, copies, backend, placements, clock, this::ended);
    this.lock = records.lock();
  }

  /**
   * What may run still after a start, and is wanted still. Until {@link #resetAfterRestart} it is
   * taken to run, as its end may be told before. Under the lock.
   */
  List<Container> believedToRun() {
    var believed = new ArrayList<Container>();
    for (var instance : records.instances()) {
      var key = LRPRecords.keyOf(instance);
      var lrp = records.wanting(key);
      if (InstanceRecords.isOnCell(instance) && lrp != null) {
        placed.add(instance.instanceGuid(), key);
        believed.add(Containers.of(lrp, instance.index(), instance.instanceGuid()));
      }
    }
    return believed;
  }

  /**
   * After a start: of those that were believed to run, the containers of some are gone. Those are
   * to be started again, as are those that waited for their first place, which have no record; what
   * nobody wants is done. Under the lock.
   *
   * @param gone instance guids
   */
  void resetAfterRestart(Set<String> gone) {
    var now = Times.now(clock);
    for (var instance : records.instances()) {
      switch (state(instance)) {
        case CLAIMED, RUNNING -> {
          if (!records.isWanted(instance)) {
            records.removeActual(instance);
          } else if (gone.contains(instance.instanceGuid())) {
            unclaim(instance, now);
          }
        }
        case UNCLAIMED -> placer.place(LRPRecords.keyOf(instance));
        case CRASHED -> restartWhenDue(instance, now);
        case INVALID -> throw new IllegalStateException("never stored: " + instance);
      }
    }
    for (var lrp : records.desired()) {
      createMissing(lrp, now);
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
        placed.markStopping(instance.instanceGuid());
        yield Optional.of(instance.instanceGuid());
      }
      case UNCLAIMED, CRASHED, INVALID -> {
        remove(instance, now);
        yield Optional.empty();
      }
    };
  }

  /** Asks the backend, not under the lock; the listener hears of the end. */
  void stop(String instanceGuid) {
    backend.stop(instanceGuid);
  }

  /** The record of an instance whose cell is gone goes too. Under the lock. */
  void lost(ActualLRPResponse instance, long now) {
    placed.remove(instance.instanceGuid());
    remove(instance, now);
  }

  /**
   * The instance in a container; null when it is over, was asked to stop, or ends with us. Under
   * the lock.
   */
  @Nullable ActualLRPResponse findStaying(String instanceGuid) {
    return frozen || placed.isStopping(instanceGuid) ? null : placed.find(instanceGuid);
  }

  /** Whether a stop was asked for that has not happened yet. Under the lock. */
  boolean isStopping(ActualLRPResponse instance) {
    return placed.isStopping(instance.instanceGuid());
  }

  /** CLAIMED, RUNNING or CRASHED → UNCLAIMED, and onto another cell. Under the lock. */
  void unclaim(ActualLRPResponse instance, long now) {
    placed.remove(instance.instanceGuid());
    records.changeActual(instance, InstanceRecords.unclaimed(instance, now));
    placer.place(LRPRecords.keyOf(instance));
  }

  /** Once more, for an UNCLAIMED instance that has waited for long. */
  void placeAgain(ActualLRPResponse unclaimed) {
    placer.place(LRPRecords.keyOf(unclaimed));
  }

  /** What the backend keeps of an LRP goes with the last of its records. Under the lock. */
  void forgetIfGone(String processGuid) {
    if (records.isGone(processGuid)) {
      placer.forget(processGuid);
    }
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

  /** Under the lock. */
  boolean isFrozen() {
    return frozen;
  }

  /** Whether it is the guid of an instance's container, or of a copy's. */
  boolean isOnCell(String instanceGuid) {
    lock.lock();
    try {
      return placed.contains(instanceGuid) || copies.isOne(instanceGuid);
    } finally {
      lock.unlock();
    }
  }

  void running(String instanceGuid, String address, List<PortMapping> ports) {
    Optional<String> stop = Optional.empty();
    lock.lock();
    try {
      var instance = placed.find(instanceGuid);
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
      var instance = placed.find(instanceGuid);
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
    var now = Times.now(clock);
    if (placed.remove(instance.instanceGuid()) || !records.isWanted(instance)) {
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
      placer.place(LRPRecords.keyOf(crashed));
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
    records.createWaiting(InstanceRecords.created(key, domain, now));
    placer.place(key);
  }

  /** And creates it anew when it is wanted still. */
  private void remove(ActualLRPResponse instance, long now) {
    records.removeActual(instance);
    var key = LRPRecords.keyOf(instance);
    var lrp = records.wanting(key);
    if (lrp != null) {
      create(key, lrp.domain(), now);
    } else {
      forgetIfGone(instance.processGuid());
    }
  }

  private static boolean isRunningAt(
      ActualLRPResponse instance, String address, List<PortMapping> ports) {
    return instance.state() == ActualLRPState.RUNNING
        && instance.address().equals(address)
        && ports.equals(Objects.requireNonNullElse(instance.ports(), List.of()));
  }

  private static ActualLRPState state(ActualLRPResponse instance) {
    return Objects.requireNonNull(instance.state());
  }
}
