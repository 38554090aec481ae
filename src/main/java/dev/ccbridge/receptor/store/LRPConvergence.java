package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Repairs what events missed. Nothing is stopped for its absence from a domain that is not fresh.
 * Source: runtime-schema/bbs/lrp_bbs/convergence_logic.go.
 */
final class LRPConvergence {
  private final LRPRecords records;
  private final EvacuatedCopies copies;
  private final InstanceKeeper instances;
  private final DomainStore domains;
  private final Duration kickInterval;
  private final Clock clock;
  private final ReentrantLock lock;

  LRPConvergence(
      LRPRecords records,
      EvacuatedCopies copies,
      InstanceKeeper instances,
      DomainStore domains,
      Duration kickInterval,
      Clock clock) {
    this.records = records;
    this.copies = copies;
    this.instances = instances;
    this.domains = domains;
    this.kickInterval = kickInterval;
    this.clock = clock;
    this.lock = records.lock();
  }

  /**
   * One round; the lock is taken per LRP, so that nobody waits for the whole of it. Copies that are
   * being evacuated take part only in that their cell may be gone, or their stop have been lost.
   *
   * @param seen the instances as they were before {@code cells} were read
   * @param cells that are there
   */
  void converge(Set<ActualLRPResponse> seen, Set<String> cells) {
    for (var processGuid : records.processGuids()) {
      var stops = new ArrayList<String>();
      lock.lock();
      try {
        converge(processGuid, seen, cells, stops);
        records.flush();
      } finally {
        lock.unlock();
      }
      stops.forEach(instances::stop);
    }
    convergeCopies(cells);
  }

  private void convergeCopies(Set<String> cells) {
    List<String> stops;
    lock.lock();
    try {
      copies.keepThoseOn(cells);
      stops = copies.leaving();
      records.flush();
    } finally {
      lock.unlock();
    }
    stops.forEach(instances::stop);
  }

  private void converge(
      String processGuid, Set<ActualLRPResponse> seen, Set<String> cells, List<String> stops) {
    var now = Times.now(clock);
    for (var instance : records.instances(processGuid)) {
      // One that changed since may be on a newer cell; it was looked after just now.
      if (seen.contains(instance)) {
        converge(instance, cells, now, stops);
      }
    }
    var lrp = records.desired(processGuid);
    if (lrp != null) {
      instances.createMissing(lrp, now);
    }
  }

  private void converge(
      ActualLRPResponse instance, Set<String> cells, long now, List<String> stops) {
    if (InstanceRecords.isOnCell(instance) && !cells.contains(instance.cellId())) {
      instances.lost(instance, now);
    } else if (isExtra(instance) || instances.isStopping(instance)) {
      instances.retire(instance, now).ifPresent(stops::add);
    } else if (isRestartDue(instance, now)) {
      instances.unclaim(instance, now);
    } else if (instance.state() == ActualLRPState.UNCLAIMED
        && Times.isOlder(instance.since(), kickInterval, now)) {
      instances.placeAgain(instance);
    }
  }

  private boolean isExtra(ActualLRPResponse instance) {
    var lrp = records.desired(instance.processGuid());
    return lrp == null
        ? domains.isFresh(instance.domain())
        : instance.index() >= lrp.instances() && domains.isFresh(lrp.domain());
  }

  private static boolean isRestartDue(ActualLRPResponse instance, long now) {
    return instance.state() == ActualLRPState.CRASHED
        && CrashPolicy.restartDelay(instance.crashCount())
            .filter(wait -> Times.isOlder(instance.since(), wait, now))
            .isPresent();
  }
}
