package dev.ccbridge.uploader;

import java.time.Duration;

/**
 * The moment by which an upload and its job must be done.
 *
 * @param nanoTime on the clock of {@link System#nanoTime}
 * @param timeout that was given, for messages
 */
record Deadline(long nanoTime, Duration timeout) {

  /** As far away as a clock of nanoseconds can tell it safely: 146 years. */
  private static final Duration FURTHEST = Duration.ofNanos(Long.MAX_VALUE / 2);

  static Deadline in(Duration timeout) {
    var bounded = timeout.compareTo(FURTHEST) > 0 ? FURTHEST : timeout;
    var nanos = bounded.isNegative() ? 0 : bounded.toNanos();
    return new Deadline(System.nanoTime() + nanos, timeout);
  }

  /** Negative or zero when it has passed. */
  Duration remaining() {
    return Duration.ofNanos(nanoTime - System.nanoTime());
  }
}
