package dev.ccbridge.tps;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/** How telling Cloud Controller of crashes goes. The original counted nothing here. Thread-safe. */
final class CrashMetrics {
  private final Timer told;
  private final Counter retried;
  private final Counter refused;

  /**
   * @param untold crashes that Cloud Controller has not acknowledged
   * @param oldest how long the oldest of them has waited
   */
  CrashMetrics(MeterRegistry registry, IntSupplier untold, Supplier<Duration> oldest) {
    Gauge.builder("ccbridge.crashes.waiting", untold::getAsInt)
        .description("crashes that Cloud Controller has not acknowledged yet")
        .register(registry);
    Gauge.builder("ccbridge.crashes.age", () -> oldest.get().toMillis() / 1000.0)
        .description("how long the oldest crash waits to be acknowledged; 0: none does")
        .baseUnit("seconds")
        .register(registry);
    told =
        Timer.builder("ccbridge.crashes.told")
            .description("crashes that Cloud Controller has acknowledged, from seeing to telling")
            .register(registry);
    retried = inVain(registry, "retried");
    refused = inVain(registry, "refused");
  }

  private static Counter inVain(MeterRegistry registry, String result) {
    return Counter.builder("ccbridge.crashes.not.told")
        .description("attempts to tell of a crash that failed; a refused one is not repeated")
        .tag("result", result)
        .register(registry);
  }

  void told(Duration sinceSeen) {
    told.record(sinceSeen);
  }

  void triedInVain() {
    retried.increment();
  }

  void refused() {
    refused.increment();
  }
}
