package dev.ccbridge.operator;

import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.TaskState;
import dev.ccbridge.receptor.store.Census;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** How much the built-in Receptor has, counted once for all gauges of a scrape. Thread-safe. */
final class ReceptorMetrics {
  private static final Duration FRESH = Duration.ofSeconds(1);

  private final Supplier<Census> source;
  private Census latest;
  private long takenAt;

  private ReceptorMetrics(Supplier<Census> source) {
    this.source = source;
    this.latest = source.get();
    this.takenAt = System.nanoTime();
  }

  static void bind(Supplier<Census> source, MeterRegistry registry) {
    var metrics = new ReceptorMetrics(source);
    metrics.byState(
        "tasks",
        "tasks of the built-in Receptor by state",
        EnumSet.complementOf(EnumSet.of(TaskState.INVALID)),
        Census::tasks,
        registry);
    metrics.byState(
        "instances",
        "instances of the built-in Receptor's LRPs by state",
        EnumSet.complementOf(EnumSet.of(ActualLRPState.INVALID)),
        Census::instances,
        registry);
    metrics
        .gauge("desired.lrps", Census::desiredLRPs)
        .description("desired LRPs of the built-in Receptor")
        .register(registry);
    metrics
        .gauge("event.subscribers", Census::subscribers)
        .description("open event streams of the built-in Receptor, our own among them")
        .register(registry);
  }

  private <S extends Enum<S>> void byState(
      String name,
      String description,
      Set<S> states,
      Function<Census, Map<S, Long>> counts,
      MeterRegistry registry) {
    for (var state : states) {
      gauge(name, census -> counts.apply(census).getOrDefault(state, 0L))
          .description(description)
          .tag("state", state.name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
  }

  private Gauge.Builder<Supplier<Number>> gauge(String name, ToDoubleFunction<Census> count) {
    return Gauge.builder("ccbridge.receptor." + name, () -> count.applyAsDouble(census()));
  }

  private synchronized Census census() {
    if (System.nanoTime() - takenAt > FRESH.toNanos()) {
      latest = source.get();
      takenAt = System.nanoTime();
    }
    return latest;
  }
}
