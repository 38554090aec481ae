package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.EventStreamEndedException;
import dev.ccbridge.receptor.LogSource;
import dev.ccbridge.receptor.backend.LogCursor;
import dev.ccbridge.receptor.model.LogLine;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Reads a log on until what it belongs to is over, which the store knows. */
final class LogFollower implements LogSource {
  /** How long an end may go unnoticed while nothing is printed. */
  private static final Duration LOOK_UP = Duration.ofMillis(500);

  /** Whether lines may still come. */
  enum Written {
    STILL,
    UNTIL_ITS_CONTAINER_ENDS,
    NO_MORE
  }

  private final LogCursor cursor;
  private final Supplier<Written> written;
  private final BooleanSupplier shutDown;
  private volatile boolean closed;

  LogFollower(LogCursor cursor, Supplier<Written> written, BooleanSupplier shutDown) {
    this.cursor = cursor;
    this.written = written;
    this.shutDown = shutDown;
  }

  @Override
  public List<LogLine> next() throws InterruptedException {
    while (true) {
      if (closed) {
        throw new EventStreamEndedException("the log was closed by its reader", null);
      }
      if (shutDown.getAsBoolean()) {
        throw new EventStreamEndedException("the Receptor is shutting down", null);
      }
      // Asked before it is read, so that no line that came in between is lost.
      var isOver = isOver();
      var lines = cursor.next(isOver ? Duration.ZERO : LOOK_UP);
      if (isOver || !lines.isEmpty()) {
        return lines;
      }
    }
  }

  private boolean isOver() {
    return switch (written.get()) {
      case STILL -> false;
      case UNTIL_ITS_CONTAINER_ENDS -> !cursor.mayGrow();
      case NO_MORE -> true;
    };
  }

  @Override
  public void close() {
    closed = true;
  }
}
