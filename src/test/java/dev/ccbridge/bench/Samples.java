package dev.ccbridge.bench;

import java.util.Arrays;
import java.util.Locale;

/** Values of one kind, to be summed up. */
final class Samples {
  private final double[] sorted;

  Samples(double... values) {
    sorted = values.clone();
    Arrays.sort(sorted);
  }

  /** The smallest value that at least {@code percent} of all values do not exceed. */
  double percentile(int percent) {
    var rank = (int) Math.ceil(percent / 100.0 * sorted.length);
    return sorted[Math.max(0, rank - 1)];
  }

  double median() {
    return percentile(50);
  }

  /** Median, and what the runs ranged over. */
  String spread(String unit) {
    return String.format(
        Locale.ROOT,
        "%.1f %s (median of %d runs, %.1f to %.1f)",
        median(),
        unit,
        sorted.length,
        sorted[0],
        sorted[sorted.length - 1]);
  }
}
