package dev.ccbridge.executor;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Settings of the interpreter.
 *
 * @param directory for what is on its way in, and for the cache of downloads
 * @param cacheBytes the most that the cache keeps
 * @param allowLoopback whether actions may reach this machine's own addresses
 * @param stopGrace from SIGTERM to SIGKILL
 * @param killGrace from SIGKILL to giving up on a program
 * @param retryPause before the second attempt of a transfer; the third waits four times as long,
 *     and who waits for a server to come back looks after twice as long each time
 * @param awayPatience how long a server may be away until that counts as an attempt
 * @param stallTimeout how long a download may bring nothing. Differs from Diego, whose 5 s a busy
 *     server can miss
 * @param limits what an archive may unpack to
 */
public record ExecutorConfig(
    Path directory,
    long cacheBytes,
    boolean allowLoopback,
    Duration stopGrace,
    Duration killGrace,
    Duration retryPause,
    Duration awayPatience,
    Duration stallTimeout,
    ArchiveLimits limits) {

  /** Diego's graces, 10 GB of cache, no loopback, no patience with a server that is away. */
  public static ExecutorConfig defaults(Path directory) {
    return new ExecutorConfig(
        directory,
        10_000_000_000L,
        false,
        Duration.ofSeconds(10),
        Duration.ofMinutes(1),
        Duration.ofMillis(500),
        Duration.ZERO,
        Duration.ofSeconds(30),
        ArchiveLimits.DEFAULT);
  }
}
