package dev.ccbridge.devserver.schema;

import com.google.re2j.Pattern;
import java.math.BigDecimal;

/** Durations as Go writes them: {@code 1h30m}, {@code 500ms}. */
final class GoDuration {
  private static final Pattern PART = Pattern.compile("([0-9]*\\.?[0-9]*)(ns|us|µs|ms|s|m|h)");

  private GoDuration() {}

  /** Nanoseconds; what is no duration is 0. */
  static long nanos(String text) {
    var matcher = PART.matcher(text);
    var total = BigDecimal.ZERO;
    while (matcher.find()) {
      total = total.add(new BigDecimal(matcher.group(1)).multiply(unit(matcher.group(2))));
    }
    return text.startsWith("-") ? -total.longValue() : total.longValue();
  }

  private static BigDecimal unit(String name) {
    return switch (name) {
      case "h" -> BigDecimal.valueOf(3_600_000_000_000L);
      case "m" -> BigDecimal.valueOf(60_000_000_000L);
      case "s" -> BigDecimal.valueOf(1_000_000_000L);
      case "ms" -> BigDecimal.valueOf(1_000_000L);
      case "ns" -> BigDecimal.ONE;
      default -> BigDecimal.valueOf(1_000L);
    };
  }
}
