package dev.ccbridge.nsync;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.DesiredLRPStatus;
import dev.ccbridge.kube.Conditions;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How the apps fare, read at each scrape from what the informer knows; of a process that does not
 * lead there is nothing.
 */
final class RunningMetrics {
  private final Supplier<List<DesiredLRP>> all;
  private final MeterRegistry registry;

  private RunningMetrics(Supplier<List<DesiredLRP>> all, MeterRegistry registry) {
    this.all = all;
    this.registry = registry;
  }

  /**
   * @param inStep whether nothing can be missing in what is known of the Receptor's LRPs
   */
  static void bind(Supplier<List<DesiredLRP>> all, BooleanSupplier inStep, MeterRegistry registry) {
    var metrics = new RunningMetrics(all, registry);
    metrics.gauge("ccbridge.apps", "DesiredLRPs, where this process leads", lrps -> lrps.count());
    metrics.gauge(
        "ccbridge.apps.stalled",
        "DesiredLRPs that need a person, by their condition Stalled",
        lrps -> lrps.filter(lrp -> isTrue(lrp.getStatus(), Conditions.STALLED)).count());
    metrics.gauge(
        "ccbridge.app.instances.wanted",
        "instances that all DesiredLRPs want together",
        lrps -> lrps.mapToInt(lrp -> number(lrp.getSpec().instances())).sum());
    metrics.gauge(
        "ccbridge.app.instances.ready",
        "instances of all DesiredLRPs that run",
        lrps ->
            lrps.map(DesiredLRP::getStatus)
                .filter(Objects::nonNull)
                .mapToInt(status -> number(status.readyInstances()))
                .sum());
    Gauge.builder("ccbridge.receptor.in.step", () -> inStep.getAsBoolean() ? 1 : 0)
        .description("1 while the Receptor's events are followed and nothing can be missing")
        .register(registry);
  }

  private void gauge(String name, String meaning, ToDoubleFunction<Stream<DesiredLRP>> value) {
    Gauge.builder(name, () -> value.applyAsDouble(all.get().stream()))
        .description(meaning)
        .register(registry);
  }

  private static boolean isTrue(@Nullable DesiredLRPStatus status, String condition) {
    return status != null && Conditions.isTrue(status.conditions(), condition);
  }

  private static int number(@Nullable Integer maybe) {
    return maybe == null ? 0 : maybe;
  }
}
