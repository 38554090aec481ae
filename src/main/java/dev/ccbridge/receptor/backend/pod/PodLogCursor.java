package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.receptor.backend.LogCursor;
import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.LogRange;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Reads the log of a task's Pod, or of all Pods of one instance, on. The kubelet is asked again and
 * again: following costs it a connection for each reader, and ends with each Pod.
 */
final class PodLogCursor implements LogCursor {
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final int LINES_AT_A_TIME = 1_000;

  private final Function<LogRange, List<LogLine>> read;
  private final BooleanSupplier mayGrow;
  private LogRange from;

  /**
   * @param read the lines of a range, as they are now
   * @param mayGrow whether something writes to it
   */
  PodLogCursor(Function<LogRange, List<LogLine>> read, LogRange from, BooleanSupplier mayGrow) {
    this.read = read;
    this.mayGrow = mayGrow;
    this.from = from.isFromTheEnd() ? from : LogRange.after(from.after(), LINES_AT_A_TIME);
  }

  @Override
  public List<LogLine> next(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      var lines = read.apply(from);
      long left = deadline - System.nanoTime();
      if (!lines.isEmpty()) {
        from = LogRange.after(lines.getLast().timestamp(), LINES_AT_A_TIME);
        return lines;
      }
      if (left <= 0) {
        return List.of();
      }
      TimeUnit.NANOSECONDS.sleep(Math.min(left, PAUSE.toNanos()));
    }
  }

  @Override
  public boolean mayGrow() {
    return mayGrow.getAsBoolean();
  }
}
