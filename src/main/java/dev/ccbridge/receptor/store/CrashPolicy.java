package dev.ccbridge.receptor.store;

import java.time.Duration;
import java.util.Optional;

/**
 * How often and when a crashed instance is started again. Source: bbs/models/restart_calculator.go.
 */
final class CrashPolicy {
  private static final int IMMEDIATE_RESTARTS = 2;
  private static final int MAX_RESTARTS = 200;
  private static final Duration FIRST_WAIT = Duration.ofSeconds(30);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(16);
  private static final Duration STABLE_AFTER = Duration.ofMinutes(5);

  private CrashPolicy() {}

  /**
   * The crash count after one more crash: an instance that ran for more than five minutes begins
   * anew.
   *
   * @param ranFor zero when it was not RUNNING
   */
  static int countAfterCrash(int countBefore, Duration ranFor) {
    return ranFor.compareTo(STABLE_AFTER) > 0 ? 1 : countBefore + 1;
  }

  /** Zero: at once; empty: never. */
  static Optional<Duration> restartDelay(int crashCount) {
    if (crashCount <= IMMEDIATE_RESTARTS) {
      return Optional.of(Duration.ZERO);
    }
    if (crashCount >= MAX_RESTARTS) {
      return Optional.empty();
    }
    var doublings = Math.min(crashCount - IMMEDIATE_RESTARTS - 1, 10);
    var wait = FIRST_WAIT.multipliedBy(1L << doublings);
    return Optional.of(wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait);
  }
}
