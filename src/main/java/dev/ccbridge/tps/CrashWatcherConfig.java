package dev.ccbridge.tps;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import java.time.Duration;
import java.util.stream.Stream;

/**
 * How crashes are watched and told.
 *
 * @param compareInterval from one full list to the next
 * @param pause after a stream that ended or could not be opened, and between two lists
 * @param listGrace from taking a list to comparing it, so that an event under way comes first: it
 *     knows the instance's guid
 * @param firstRetry pause after a first try at CC that failed, doubled each time
 * @param maxRetry longest pause between two tries
 * @param postsAtATime requests to CC at a time
 * @param instancesRunWithoutUs whether the Receptor's instances run on when this process ends:
 *     false for the built-in one with processes, which starts them anew with us, and that is no
 *     crash
 */
public record CrashWatcherConfig(
    Duration compareInterval,
    Duration pause,
    Duration listGrace,
    Duration firstRetry,
    Duration maxRetry,
    int postsAtATime,
    boolean instancesRunWithoutUs) {

  public CrashWatcherConfig {
    var durations = Stream.of(compareInterval, pause, listGrace, firstRetry, maxRetry);
    if (!durations.allMatch(Duration::isPositive) || postsAtATime < 1) {
      throw new CcBridgeException(
          ErrorKind.INVALID_REQUEST,
          "all durations of the crash watcher must be longer than zero, and postsAtATime 1 or"
              + " more, was "
              + postsAtATime);
    }
  }

  /** The originals' numbers where they had any. Source: tps watcher/watcher.go. */
  public static CrashWatcherConfig of(boolean instancesRunWithoutUs) {
    return new CrashWatcherConfig(
        Duration.ofMinutes(1),
        Duration.ofSeconds(1),
        Duration.ofSeconds(1),
        Duration.ofSeconds(1),
        Duration.ofMinutes(1),
        500,
        instancesRunWithoutUs);
  }
}
