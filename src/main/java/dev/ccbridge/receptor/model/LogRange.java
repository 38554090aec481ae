package dev.ccbridge.receptor.model;

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

  public boolean isFromTheEnd() {
    return after < 0;
  }
}
