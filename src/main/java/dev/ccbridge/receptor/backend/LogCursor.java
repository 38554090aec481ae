package dev.ccbridge.receptor.backend;

import dev.ccbridge.receptor.model.LogLine;
import java.time.Duration;
import java.util.List;

/**
 * A place in a log, from which one reads on. It holds no line and no file. Used by one thread at a
 * time.
 */
public interface LogCursor {

  /**
   * The lines that follow, oldest first, some hundred kilobytes at a time; the place is behind them
   * then. Also a log that is not there yet may be waited for.
   *
   * @param patience how long to wait for the first one
   * @return empty when none came
   */
  List<LogLine> next(Duration patience) throws InterruptedException;

  /** Whether a container still writes to this log, or may have since {@link #next} was called. */
  boolean mayGrow();
}
