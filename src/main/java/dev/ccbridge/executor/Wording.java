package dev.ccbridge.executor;

import java.util.List;
import java.util.Locale;

/** Texts as the originals word them. */
public final class Wording {
  private Wording() {}

  /** Of a codependent action that succeeded, which is a failure of the whole. */
  public static final String CODEPENDENT_EXITED = "Codependent step exited";

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /**
   * A duration in Go's notation: {@code 500ms}, {@code 1m30s}, {@code 1h0m0s}. Source: Go's
   * time.Duration.String.
   */
  public static String duration(long nanos) {
    if (nanos == 0) {
      return "0s";
    }
    if (nanos < 1_000) {
      return nanos + "ns";
    }
    if (nanos < 1_000_000) {
      return fraction(nanos, 1_000) + "µs";
    }
    if (nanos < NANOS_PER_SECOND) {
      return fraction(nanos, 1_000_000) + "ms";
    }
    long hours = nanos / (3600 * NANOS_PER_SECOND);
    long minutes = nanos / (60 * NANOS_PER_SECOND) % 60;
    var seconds = fraction(nanos % (60 * NANOS_PER_SECOND), NANOS_PER_SECOND) + "s";
    if (hours > 0) {
      return hours + "h" + minutes + "m" + seconds;
    }
    return minutes > 0 ? minutes + "m" + seconds : seconds;
  }

  private static String fraction(long value, long unit) {
    long rest = value % unit;
    if (rest == 0) {
      return Long.toString(value / unit);
    }
    int digits = Long.toString(unit).length() - 1;
    var decimals = String.format(Locale.ROOT, "%0" + digits + "d", rest).replaceFirst("0+$", "");
    return value / unit + "." + decimals;
  }

  /** A size with at most one decimal: {@code 512B}, {@code 1.5K}, {@code 200M}. Source: bytefmt. */
  static String size(long bytes) {
    if (bytes == 0) {
      return "0";
    }
    if (bytes < 1024) {
      return bytes + "B";
    }
    double value = bytes;
    var units = "BKMGT";
    int unit = 0;
    while (value >= 1024 && unit < units.length() - 1) {
      value /= 1024;
      unit++;
    }
    var text = String.format(Locale.ROOT, "%.1f", value);
    return (text.endsWith(".0") ? text.substring(0, text.length() - 2) : text) + units.charAt(unit);
  }

  /** The end of a program, as its log tells it. */
  public static String exitStatus(int status) {
    return "Exit status " + status;
  }

  /** The end of a program that has failed. */
  public static String exitFailure(int status, boolean outOfMemory) {
    return "Exited with status " + status + (outOfMemory ? " (out of memory)" : "");
  }

  /** That a monitor has not passed in time, as a log tells it. */
  public static String neverHealthy(long startTimeoutNanos) {
    return "Timed out after " + duration(startTimeoutNanos) + ": health check never passed.";
  }

  /** Several failures in one text. Source: hashicorp/go-multierror format.go @fcdddc3. */
  public static String aggregate(List<String> failures) {
    var text = new StringBuilder(failures.size() + " error(s) occurred:\n");
    for (var failure : failures) {
      text.append("\n* ").append(failure);
    }
    return text.toString();
  }
}
