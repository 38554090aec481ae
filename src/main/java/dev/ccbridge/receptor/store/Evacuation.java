package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Instances leave a cell that is being emptied: a copy of one that runs stays where it is until its
 * replacement runs, which {@link InstanceKeeper#running} is told, or until the time for that is
 * over. Thread-safe; methods marked "under the lock" as in {@link InstanceKeeper}. Source:
 * bbs/db/etcd/evacuation_db.go.
 */
final class Evacuation {
  private static final Logger LOG = LoggerFactory.getLogger(Evacuation.class);

  private final LRPRecords records;
  private final EvacuatedCopies copies;
  private final InstanceKeeper instances;
  private final Clock clock;
  private final Scheduler scheduler;
  private final Duration timeout;
  private final ReentrantLock lock;

  /**
   * @param timeout how long a replacement is waited for
   */
  Evacuation(
      LRPRecords records,
      EvacuatedCopies copies,
      InstanceKeeper instances,
      Clock clock,
      Scheduler scheduler,
      Duration timeout) {
    this.records = records;
    this.copies = copies;
    this.instances = instances;
    this.clock = clock;
    this.scheduler = scheduler;
    this.timeout = timeout;
    this.lock = records.lock();
  }

  /** Copies that an earlier life has left may run on; their time begins anew. Under the lock. */
  List<Container> believedToRun() {
    var believed = new ArrayList<Container>();
    for (var copy : records.copies()) {
      var lrp = records.desired(copy.processGuid());
      if (lrp != null) {
        copies.goOnWith(copy);
        expireLater(copy);
        believed.add(Containers.of(lrp, copy.index(), copy.instanceGuid()));
      }
    }
    return believed;
  }

  /**
   * After a start: copies whose containers are gone, or that nobody wants, are over. Under the
   * lock.
   *
   * @param gone instance guids
   */
  void resetAfterRestart(Set<String> gone) {
    for (var copy : records.copies()) {
      if (gone.contains(copy.instanceGuid())) {
        copies.ended(copy.instanceGuid());
      } else if (!copies.isOne(copy.instanceGuid())) {
        records.removeActual(copy);
      }
    }
  }

  /**
   * The cell of an instance is being emptied. One that does not run yet, or is wanted no more, is
   * stopped, and leaves no copy.
   */
  void evacuating(String instanceGuid) {
    Optional<String> stop = Optional.empty();
    lock.lock();
    try {
      var instance = instances.findStaying(instanceGuid);
      if (instance != null) {
        var now = Times.now(clock);
        stop =
            records.isWanted(instance) ? leaveCell(instance, now) : instances.retire(instance, now);
        records.flush();
      }
    } finally {
      lock.unlock();
    }
    stop.ifPresent(instances::stop);
  }

  private Optional<String> leaveCell(ActualLRPResponse instance, long now) {
    LOG.info(
        "instance leaves its cell processGuid={} index={} cell={}",
        instance.processGuid(),
        instance.index(),
        instance.cellId());
    var stop = Optional.<String>empty();
    if (instance.state() == ActualLRPState.RUNNING) {
      expireLater(copies.keep(instance, now));
    } else {
      stop = Optional.of(copies.leave(instance));
    }
    instances.unclaim(instance, now);
    return stop;
  }

  private void expireLater(ActualLRPResponse copy) {
    scheduler.schedule(timeout, () -> expired(copy));
  }

  /** Unless it has been dropped since. */
  private void expired(ActualLRPResponse copy) {
    Optional<String> stop = Optional.empty();
    lock.lock();
    try {
      var key = LRPRecords.keyOf(copy);
      if (!instances.isFrozen() && copy.equals(records.copy(key))) {
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
    stop.ifPresent(instances::stop);
  }
}
