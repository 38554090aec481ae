package dev.ccbridge.receptor.model;

import java.util.List;

/**
 * Which lines of a log: the last {@code lines}, or, when there is a place to go on from, the first
 * {@code lines} after it. A line's place is its timestamp, which no two lines of a log share.
 *
 * @param lines at most; 0 or more
 * @param after timestamp of a line (nanoseconds since the epoch) that is itself not wanted; below
 *     zero: from the end
 */
public record LogRange(int lines, long after) {
  private static final long FROM_THE_END = -1;

  public LogRange {
    if (lines < 0) {
      throw new ReceptorException(
          ReceptorErrorName.InvalidRequest, "lines must be a number from 0, was " + lines);
    }
  }

  /** The last lines. */
  public static LogRange last(int lines) {
    return new LogRange(lines, FROM_THE_END);
  }

  /** Lines that come after the one with this timestamp. */
  public static LogRange after(long timestamp, int lines) {
    return new LogRange(lines, timestamp);
  }

  /**
   * Those of these lines that are in the range.
   *
   * @param lines oldest first
   */
  public List<LogLine> of(List<LogLine> lines) {
    var wanted =
        isFromTheEnd()
            ? lines.stream().skip(Math.max(0, lines.size() - this.lines))
            : lines.stream().filter(line -> line.timestamp() > after).limit(this.lines);
    return wanted.toList();
  }

  public boolean isFromTheEnd() {
    return after < 0;
  }
}
