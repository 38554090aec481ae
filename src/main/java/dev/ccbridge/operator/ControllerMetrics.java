package dev.ccbridge.operator;

import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/**
 * How long the passes of one controller take and how they end. Labels are its name and the end,
 * never a resource. Thread-safe.
 */
final class ControllerMetrics implements Metrics {
  static final String CONTROLLER = "controller";

  private final Timer succeeded;
  private final Timer failed;

  ControllerMetrics(String controller, MeterRegistry registry) {
    succeeded = passes(registry, controller, "ok");
    failed = passes(registry, controller, "error");
  }

  private static Timer passes(MeterRegistry registry, String controller, String result) {
    return Timer.builder("ccbridge.controller.reconcile")
        .description("passes of the reconciler; one that fails is repeated after a pause")
        .tag(CONTROLLER, controller)
        .tag("result", result)
        .serviceLevelObjectives(
            Duration.ofMillis(10),
            Duration.ofMillis(100),
            Duration.ofSeconds(1),
            Duration.ofSeconds(10))
        .register(registry);
  }

  @Override
  public <T> T timeControllerExecution(ControllerExecution<T> execution) throws Exception {
    var begun = System.nanoTime();
    var timer = failed;
    try {
      var done = execution.execute();
      timer = succeeded;
      return done;
    } finally {
      timer.record(Duration.ofNanos(System.nanoTime() - begun));
    }
  }
}
