package dev.ccbridge.executor;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of a container's actions, by their path in the tree ({@code 0.2.1}: the second
 * child of the third child of the action). Thread-safe.
 */
public interface Journal {

  /** {@code startedAt} in nanoseconds since the epoch; {@code outcome} null: not finished. */
  record Entry(long startedAt, @Nullable Outcome outcome) {}

  Optional<Entry> find(String path);

  /**
   * Remembers that a leaf begins. When this returns, how others ended before is durable: that this
   * one begins need not be, as nothing has come of it. A second call changes nothing.
   */
  void started(String path, long at);

  /** Remembers how a leaf ended; durable before the next begins. */
  void finished(String path, Outcome outcome);

  /**
   * The deadline that the first call for this path set, nanoseconds since the epoch.
   *
   * @param wanted the deadline if none is set yet
   */
  long deadline(String path, long wanted);

  /** Remembers nothing beyond the life of this process. */
  static Journal inMemory() {
    return new Journal() {
      private final ConcurrentMap<String, Long> deadlines = new ConcurrentHashMap<>();

      @Override
      public Optional<Entry> find(String path) {
        return Optional.empty();
      }

      @Override
      public void started(String path, long at) {
        // Each action of an LRP instance happens in this life or not at all.
      }

      @Override
      public void finished(String path, Outcome outcome) {
        deadlines.remove(path);
      }

      @Override
      public long deadline(String path, long wanted) {
        return wanted;
      }
    };
  }
}
