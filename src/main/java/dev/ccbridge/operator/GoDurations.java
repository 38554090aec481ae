package dev.ccbridge.operator;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Pattern;

/** Durations as Go reads and writes them: {@code 30s}, {@code 1m30s}, {@code 500ms}. */
final class GoDurations {
  private static final Pattern WHOLE =
      Pattern.compile("([+-]?)(0|(?:(?:\\d+\\.?\\d*|\\.\\d+)(?:ns|us|µs|μs|ms|s|m|h))+)");
  private static final Pattern PART =
      Pattern.compile("(\\d+\\.?\\d*|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)");

  private GoDurations() {}

  /**
   * @throws IllegalArgumentException when it has another form or is too long for Go
   */
  static Duration parse(String text) {
    var whole = WHOLE.matcher(text);
    if (!whole.matches()) {
      throw invalid(text);
    }
    var nanos = BigDecimal.ZERO;
    var parts = PART.matcher(whole.group(2));
    while (parts.find()) {
      nanos = nanos.add(new BigDecimal(digits(parts.group(1))).multiply(nanosPer(parts.group(2))));
    }
    if (nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw invalid(text);
    }
    var duration = Duration.ofNanos(nanos.longValue());
    return whole.group(1).equals("-") ? duration.negated() : duration;
  }

  private static IllegalArgumentException invalid(String text) {
    return new IllegalArgumentException("time: invalid duration " + text);
  }

  private static String digits(String number) {
    return number.endsWith(".") ? number + "0" : number;
  }

  private static BigDecimal nanosPer(String unit) {
    return BigDecimal.valueOf(
        switch (unit) {
          case "ns" -> 1L;
          case "ms" -> 1_000_000L;
          case "s" -> 1_000_000_000L;
          case "m" -> 60_000_000_000L;
          case "h" -> 3_600_000_000_000L;
          default -> 1_000L;
        });
  }
}
