package dev.ccbridge.receptor;

import dev.ccbridge.receptor.model.LogLine;
import java.util.List;

/**
 * A log that is being followed. It is read where it is kept, so a slow reader holds nothing up; one
 * that is overtaken by the log's bound finds a line that says how much it missed. Used by one
 * thread; {@link #close()} may come from any other.
 */
public interface LogSource extends AutoCloseable {

  /**
   * Waits for the next lines.
   *
   * @return at least one line, oldest first; none when the log is over, at this and every further
   *     call
   * @throws EventStreamEndedException when it was closed or cut: go on after the last line's
   *     timestamp
   * @throws InterruptedException when the waiting thread is interrupted
   */
  List<LogLine> next() throws InterruptedException;

  /** Ends following, also for a {@link #next()} that waits. */
  @Override
  void close();
}
