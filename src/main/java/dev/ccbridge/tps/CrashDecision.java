package dev.ccbridge.tps;

import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.ModificationTag;
import java.time.Duration;
import java.util.Optional;

/**
 * Decides what is a crash that CC has not been told of. Pure.
 *
 * <p>An event tells by itself. A list tells by comparison, and where it leaves doubt, a crash is
 * told once more rather than never.
 */
final class CrashDecision {
  /** Health for longer than this makes the next crash the first again. */
  private static final Duration STABLE_AFTER = Duration.ofMinutes(5);

  private static final Duration FIRST_WAIT = Duration.ofSeconds(30);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(16);

  private CrashDecision() {}

  /**
   * Whether this change is a crash. A rising count is one whatever the states are; that alone the
   * original looks at (tps watcher/watcher.go), and so it misses the first crash after five minutes
   * of health of an instance that had crashed before.
   *
   * @param seen the record as a list or the last event had it
   * @param isEvacuating an instance that moves leaves its cell as one does that crashed
   */
  static boolean isCrash(
      ActualLRPResponse before,
      ActualLRPResponse after,
      Optional<ActualLRPResponse> seen,
      boolean isEvacuating) {
    if (seen.isPresent() && (isOutdated(after, seen.get()) || isSame(after, seen.get()))) {
      // A list was faster, and has been compared already.
      return false;
    }
    return after.crashCount() > before.crashCount()
        || (!isEvacuating && isFirstAfterHealth(before, after));
  }

  private static boolean isFirstAfterHealth(ActualLRPResponse before, ActualLRPResponse after) {
    return before.state() == ActualLRPState.RUNNING
        && after.state() == ActualLRPState.UNCLAIMED
        && after.crashCount() == 1
        && isLonger(after.since() - before.since(), STABLE_AFTER);
  }

  /** Without modification tags nothing else tells that a list has shown the same crash. */
  private static boolean isSame(ActualLRPResponse event, ActualLRPResponse seen) {
    return event.crashCount() == seen.crashCount()
        && event.since() == seen.since()
        && event.state() == seen.state();
  }

  /** Whether an event is no newer than what has been seen. */
  static boolean isOutdated(ActualLRPResponse event, ActualLRPResponse seen) {
    return !seen.modificationTag().succeededBy(event.modificationTag());
  }

  /** Whether a list's entry is older than what has been seen. */
  static boolean isOlder(ActualLRPResponse listed, ActualLRPResponse seen) {
    return isOutdated(listed, seen) && !listed.modificationTag().equals(seen.modificationTag());
  }

  /**
   * Whether an instance, as a list has it, has crashed since CC was told last.
   *
   * @param seen the record as it was before, when this process has seen it
   * @param told empty: never, or it is not known any more; then it is told (again)
   * @param runsWithoutUs whether instances may have run, and crashed, before this process saw the
   *     first list
   */
  static boolean isUntold(
      ActualLRPResponse lrp,
      Optional<ActualLRPResponse> seen,
      Optional<CrashTold> told,
      boolean runsWithoutUs) {
    // What moves shows the record of its old cell; the own one is compared when that is gone.
    if (lrp.crashCount() == 0
        || lrp.evacuating()
        || seen.filter(s -> isOlder(lrp, s)).isPresent()) {
      return false;
    }
    if (told.isEmpty()
        || isOther(lrp.modificationTag(), told.get().epoch())
        || lrp.crashCount() != told.get().crashCount()) {
      // A count changes at crashes only: what is lower has crashed after health.
      return true;
    }
    if (lrp.state() == ActualLRPState.CRASHED) {
      return lrp.since() != told.get().atNanos();
    }
    return seen.isPresent()
        ? hasStartedAnew(lrp, seen.get())
        : runsWithoutUs && cannotBeTheStartAfter(told.get(), lrp);
  }

  /** With the same count there must have been five minutes of health, and then another start. */
  private static boolean hasStartedAnew(ActualLRPResponse lrp, ActualLRPResponse seen) {
    var wasRunning = seen.state() == ActualLRPState.RUNNING;
    var runsOn = lrp.state() == ActualLRPState.RUNNING && lrp.since() == seen.since();
    return wasRunning && !runsOn && isLonger(lrp.since() - seen.since(), STABLE_AFTER);
  }

  /** It changed later than the crash that was told, with its wait for a restart, explains. */
  private static boolean cannotBeTheStartAfter(CrashTold told, ActualLRPResponse lrp) {
    var explained = restartWait(told.crashCount()).plus(STABLE_AFTER);
    return isLonger(lrp.since() - told.atNanos(), explained);
  }

  /** Source: bbs/models/restart_calculator.go. */
  private static Duration restartWait(int crashCount) {
    if (crashCount < 3) {
      return Duration.ZERO;
    }
    var wait = FIRST_WAIT.multipliedBy(1L << Math.min(crashCount - 3, 10));
    return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
  }

  private static boolean isOther(ModificationTag tag, String epoch) {
    return !epoch.isEmpty() && !tag.epoch().isEmpty() && !tag.epoch().equals(epoch);
  }

  private static boolean isLonger(long nanos, Duration than) {
    return nanos > than.toNanos();
  }

  /**
   * Guid of the instance whose crash a list shows: where one crash is all that can lie between, the
   * one that was seen there before; else "".
   */
  static String crashedInstance(ActualLRPResponse lrp, Optional<ActualLRPResponse> seen) {
    return seen.filter(s -> !isOther(lrp.modificationTag(), s.modificationTag().epoch()))
        .filter(s -> lrp.crashCount() == s.crashCount() + 1 || lrp.crashCount() == 1)
        .map(ActualLRPResponse::instanceGuid)
        .filter(guid -> !guid.equals(lrp.instanceGuid()))
        .orElse("");
  }
}
