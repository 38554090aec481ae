package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.ModificationTag;
import dev.ccbridge.receptor.model.PortMapping;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The record of an instance before and after each {@link ActualLRPTransition}; pure. {@code now}:
 * nanoseconds since the epoch. Source: bbs/db/etcd/actual_lrp_db.go.
 */
final class InstanceRecords {
  private InstanceRecords() {}

  /** Whether it has a container. */
  static boolean isOnCell(ActualLRPResponse instance) {
    return instance.state() == ActualLRPState.CLAIMED || instance.state() == ActualLRPState.RUNNING;
  }

  static ActualLRPResponse created(LRPKey key, String domain, long now) {
    return new ActualLRPResponse(
        key.processGuid(),
        "",
        "",
        domain,
        key.index(),
        "",
        null,
        ActualLRPState.UNCLAIMED,
        0,
        "",
        "",
        now,
        false,
        newTag());
  }

  /** {@code since} stays: waiting for a cell and starting on it count as one time. */
  static ActualLRPResponse claimed(ActualLRPResponse before, String instanceGuid, String cell) {
    return new Draft(before, ActualLRPState.CLAIMED, before.since())
        .on(instanceGuid, cell)
        .finish(ActualLRPTransition.CLAIM);
  }

  static ActualLRPResponse placementFailed(ActualLRPResponse before, String error, long now) {
    return new Draft(before, ActualLRPState.UNCLAIMED, now)
        .notPlaced(error)
        .finish(ActualLRPTransition.FAIL_PLACEMENT);
  }

  static ActualLRPResponse running(
      ActualLRPResponse before, String address, List<PortMapping> ports, long now) {
    return new Draft(before, ActualLRPState.RUNNING, now)
        .on(before.instanceGuid(), before.cellId())
        .reachedAt(address, ports)
        .finish(ActualLRPTransition.RUN);
  }

  /** The copy that a running instance leaves behind on its cell; it counts no crashes. */
  static ActualLRPResponse evacuating(ActualLRPResponse instance, long now) {
    var ports = instance.ports();
    return new Draft(instance, ActualLRPState.RUNNING, now)
        .on(instance.instanceGuid(), instance.cellId())
        .reachedAt(instance.address(), ports == null ? List.of() : ports)
        .afterCrash(0, "")
        .asCopy()
        .finish(ActualLRPTransition.EVACUATE);
  }

  private static ModificationTag newTag() {
    return new ModificationTag(UUID.randomUUID().toString(), 0);
  }

  static ActualLRPResponse crashed(ActualLRPResponse before, String reason, long now) {
    var ranFor =
        before.state() == ActualLRPState.RUNNING
            ? Duration.ofNanos(now - before.since())
            : Duration.ZERO;
    var count = CrashPolicy.countAfterCrash(before.crashCount(), ranFor);
    var atOnce = CrashPolicy.restartDelay(count).filter(Duration::isZero).isPresent();
    var next = atOnce ? ActualLRPState.UNCLAIMED : ActualLRPState.CRASHED;
    return new Draft(before, next, now).afterCrash(count, reason).finish(ActualLRPTransition.CRASH);
  }

  static ActualLRPResponse unclaimed(ActualLRPResponse before, long now) {
    return new Draft(before, ActualLRPState.UNCLAIMED, now).finish(ActualLRPTransition.UNCLAIM);
  }

  /**
   * The next record in the making: unless said otherwise on no cell, and with the crashes of
   * before. Used by one thread.
   */
  private static final class Draft {
    private final ActualLRPResponse before;
    private final ActualLRPState state;
    private final long since;
    private String instanceGuid = "";
    private String cellId = "";
    private String address = "";
    private @Nullable List<PortMapping> ports;
    private String placementError = "";
    private int crashCount;
    private String crashReason;
    private boolean isCopy;
    private ModificationTag tagBefore;

    Draft(ActualLRPResponse before, ActualLRPState state, long since) {
      this.before = before;
      this.state = state;
      this.since = since;
      this.crashCount = before.crashCount();
      this.crashReason = before.crashReason();
      this.tagBefore = before.modificationTag();
    }

    Draft on(String itsInstanceGuid, String cell) {
      this.instanceGuid = itsInstanceGuid;
      this.cellId = cell;
      return this;
    }

    Draft reachedAt(String itsAddress, List<PortMapping> itsPorts) {
      this.address = itsAddress;
      this.ports = itsPorts;
      return this;
    }

    Draft notPlaced(String error) {
      this.placementError = error;
      return this;
    }

    Draft afterCrash(int count, String reason) {
      this.crashCount = count;
      this.crashReason = reason;
      return this;
    }

    /** Another record, with an epoch of its own. */
    Draft asCopy() {
      this.isCopy = true;
      this.tagBefore = newTag();
      return this;
    }

    ActualLRPResponse finish(ActualLRPTransition transition) {
      var stateBefore = Objects.requireNonNull(before.state());
      if (!transition.isAllowed(stateBefore, state)) {
        throw new IllegalStateException(
            transition + " does not lead from " + stateBefore + " to " + state);
      }
      return new ActualLRPResponse(
          before.processGuid(),
          instanceGuid,
          cellId,
          before.domain(),
          before.index(),
          address,
          ports,
          state,
          crashCount,
          crashReason,
          placementError,
          since,
          isCopy,
          new ModificationTag(tagBefore.epoch(), tagBefore.index() + 1));
    }
  }
}
