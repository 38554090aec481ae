package dev.ccbridge.lifecycle;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Pattern;

/** Durations as Go writes them: {@code 1s}, {@code 500ms}, {@code 1m30s}, {@code 1.5h}. */
final class GoDuration {
  private static final Pattern WHOLE =
      Pattern.compile("([+-]?)(0|(?:(?:\\d+\\.?\\d*|\\.\\d+)(?:ns|us|µs|μs|ms|s|m|h))+)");
  private static final Pattern PART =
      Pattern.compile("(\\d+\\.?\\d*|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)");

  private GoDuration() {}

  /**
   * Reads {@code text}.
   *
   * @throws IllegalArgumentException if it has another form, or is longer than a Go duration can be
   */
  static Duration parse(String text) {
    var whole = WHOLE.matcher(text);
    if (!whole.matches()) {
      throw new IllegalArgumentException(
          "invalid duration \"" + text + "\": want a form like 1s or 500ms");
    }
    var nanos = BigDecimal.ZERO;
    var parts = PART.matcher(whole.group(2));
    while (parts.find()) {
      nanos = nanos.add(number(parts.group(1)).multiply(nanosPer(parts.group(2))));
    }
    if (nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw new IllegalArgumentException(
          "invalid duration \"" + text + "\": want at most 290 years");
    }
    var duration = Duration.ofNanos(nanos.longValue());
    return whole.group(1).equals("-") ? duration.negated() : duration;
  }

  private static BigDecimal number(String digits) {
    return new BigDecimal(digits.endsWith(".") ? digits + "0" : digits);
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
