package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.backend.Backend;
import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.ContainerOutcome;
import dev.ccbridge.receptor.backend.PlacementException;
import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import java.time.Clock;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of an UNCLAIMED instance onto a cell: place, claim, run. It calls the backend on threads
 * of its own, and never under the lock. Thread-safe.
 */
final class InstancePlacer {
  private static final Logger LOG = LoggerFactory.getLogger(InstancePlacer.class);

  private final LRPRecords records;
  private final PlacedInstances placed;
  private final EvacuatedCopies copies;
  private final Backend backend;
  private final Executor placements;
  private final Clock clock;
  private final BiConsumer<String, ContainerOutcome> ended;
  private final ReentrantLock lock;

  /**
   * @param placements as many threads as the backend takes placements at a time
   * @param ended is told of an instance guid that was claimed, and could not be run
   */
  InstancePlacer(
      LRPRecords records,
      PlacedInstances placed,
      EvacuatedCopies copies,
      Backend backend,
      Executor placements,
      Clock clock,
      BiConsumer<String, ContainerOutcome> ended) {
    this.records = records;
    this.placed = placed;
    this.copies = copies;
    this.backend = backend;
    this.placements = placements;
    this.clock = clock;
    this.ended = ended;
    this.lock = records.lock();
  }

  /** Brings an UNCLAIMED instance onto a cell soon. */
  void place(LRPKey key) {
    placements.execute(() -> placeNow(key));
  }

  /** Drops what is kept of an LRP that is gone, unless it has come back meanwhile. */
  void forget(String processGuid) {
    placements.execute(
        () -> {
          if (records.isGone(processGuid) && !copies.isAnyOf(processGuid)) {
            backend.forget(processGuid);
          }
        });
  }

  private void placeNow(LRPKey key) {
    var unplaced = records.instance(key);
    var lrp = records.wanting(key);
    if (unplaced == null || lrp == null || unplaced.state() != ActualLRPState.UNCLAIMED) {
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
      if (!unplaced.equals(records.instance(key)) || !records.isWanted(unplaced)) {
        return false;
      }
      placed.add(instanceGuid, key);
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
      ended.accept(container.guid(), ContainerOutcome.failed(TaskRunner.RUN_FAILED));
      return;
    }
    boolean stop;
    lock.lock();
    try {
      stop = placed.isStopping(container.guid()) || copies.isLeaving(container.guid());
    } finally {
      lock.unlock();
    }
    if (stop) {
      // Race with InstanceKeeper.retire and Evacuation: their stop came before there was anything
      // to stop.
      backend.stop(container.guid());
    }
  }
}
