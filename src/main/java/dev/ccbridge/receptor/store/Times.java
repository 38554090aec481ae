package dev.ccbridge.receptor.store;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The time as the wire has it: nanoseconds since the epoch. */
final class Times {
  private Times() {}

  static long now(Clock clock) {
    var instant = clock.instant();
    return TimeUnit.SECONDS.toNanos(instant.getEpochSecond()) + instant.getNano();
  }

  /** Whether at least {@code age} has passed since {@code then}. */
  static boolean isOlder(long then, Duration age, long now) {
    return now - then >= age.toNanos();
  }
}
