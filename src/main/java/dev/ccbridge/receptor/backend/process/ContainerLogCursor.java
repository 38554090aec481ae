package dev.ccbridge.receptor.backend.process;

import dev.ccbridge.receptor.backend.LogCursor;
import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.LogRange;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a log on, also one that is not there yet, or goes and comes again. */
final class ContainerLogCursor implements LogCursor {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerLogCursor.class);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private final Supplier<Optional<ContainerLog>> find;
  private final BooleanSupplier mayGrow;
  private LogRange from;
  private @Nullable ContainerLog log;
  private long place;
  private long lastTimestamp;

  /**
   * @param find the log, if there is one now
   * @param mayGrow whether something writes to it
   */
  ContainerLogCursor(
      Supplier<Optional<ContainerLog>> find, LogRange from, BooleanSupplier mayGrow) {
    this.find = find;
    this.from = from;
    this.mayGrow = mayGrow;
  }

  @Override
  public List<LogLine> next(Duration patience) throws InterruptedException {
    var deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        var lines = readOn();
        var left = deadline - System.nanoTime();
        if (!lines.isEmpty() || left <= 0) {
          return lines;
        }
        await(Duration.ofNanos(left));
      } catch (IOException broken) {
        LOG.warn("a log cannot be read error={}", broken.toString());
        await(LOOK_AGAIN);
      }
    }
  }

  @Override
  public boolean mayGrow() {
    return mayGrow.getAsBoolean();
  }

  private void await(Duration patience) throws InterruptedException {
    var found = log;
    if (found == null || found.isClosed()) {
      TimeUnit.NANOSECONDS.sleep(Math.min(patience.toNanos(), LOOK_AGAIN.toNanos()));
    } else {
      found.await(place, patience);
    }
  }

  private List<LogLine> readOn() throws IOException {
    var found = current();
    if (found == null) {
      return List.of();
    }
    // Records between the lines are no lines.
    for (var piece = found.read(place); piece.next() > place; piece = found.read(place)) {
      place = piece.next();
      if (!piece.lines().isEmpty()) {
        return told(piece);
      }
    }
    return List.of();
  }

  private @Nullable ContainerLog current() throws IOException {
    var known = log;
    if (known != null && !known.isClosed()) {
      return known;
    }
    if (known != null) {
      // It was forgotten. What comes under its name is another one, of which all is new.
      from = LogRange.after(lastTimestamp, Integer.MAX_VALUE);
      log = null;
    }
    var found = find.get().orElse(null);
    if (found != null) {
      place = found.place(from);
      log = found;
    }
    return found;
  }

  private List<LogLine> told(ContainerLog.Piece piece) {
    var lines = new ArrayList<LogLine>();
    var first = piece.lines().getFirst();
    if (piece.lost() > 0) {
      lines.add(
          new LogLine(
              first.timestamp() - 1,
              "LOG",
              first.index(),
              true,
              "cc-bridge: "
                  + piece.lost()
                  + " bytes of the log were dropped before they were read"));
    }
    lines.addAll(piece.lines());
    lastTimestamp = lines.getLast().timestamp();
    return lines;
  }
}
