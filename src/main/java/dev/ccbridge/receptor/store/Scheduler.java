package dev.ccbridge.receptor.store;

import java.time.Duration;

/** Runs work later; its time and that of the store's clock must be the same. */
public interface Scheduler extends AutoCloseable {

  /**
   * Runs {@code work} once, {@code delay} from now. The work must not block. After {@link #close()}
   * nothing is run or taken.
   */
  void schedule(Duration delay, Runnable work);

  @Override
  void close();
}
