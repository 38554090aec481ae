package dev.ccbridge.executor;

import dev.ccbridge.receptor.model.Action;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runs one LRP instance: setup, then the action beside its monitor. Source: executor
 * depot/transformer and depot/steps/monitor_step.go @d45a4342.
 */
public final class InstanceExecutor {
  private final ActionExecutor actions;
  private final Duration unhealthyInterval;
  private final Duration healthyInterval;
  private final Clock clock;

  /**
   * @param unhealthyInterval between checks until the first that passes
   * @param healthyInterval between checks from then on
   */
  public InstanceExecutor(
      ActionExecutor actions, Duration unhealthyInterval, Duration healthyInterval, Clock clock) {
    this.actions = actions;
    this.unhealthyInterval = unhealthyInterval;
    this.healthyInterval = healthyInterval;
    this.clock = clock;
  }

  /**
   * What an instance does.
   *
   * @param startTimeout how long the monitor may take to pass for the first time; empty: for ever
   */
  public record Instance(
      @Nullable Action setup,
      Action action,
      @Nullable Action monitor,
      Optional<Duration> startTimeout) {}

  /**
   * Runs the instance until it ends.
   *
   * @param onRunning called once, when the monitor passes for the first time, or, without one, when
   *     the action starts
   */
  public Outcome perform(Instance instance, Scope scope, Runnable onRunning) {
    if (instance.setup() != null) {
      var outcome = actions.perform(instance.setup(), "setup", scope);
      if (outcome.isFailed()) {
        return outcome;
      }
    }
    var monitor = instance.monitor();
    if (monitor == null) {
      if (!scope.cancellation().isCancelled()) {
        onRunning.run();
      }
      return actions.perform(instance.action(), "action", scope);
    }
    try (var inner = scope.cancellation().child()) {
      var both = scope.within(inner);
      return actions.untilOneFails(
          List.of(
              () -> actions.perform(instance.action(), "action", both),
              () -> monitor(monitor, instance.startTimeout(), both, onRunning)),
          inner);
    }
  }

  private Outcome monitor(
      Action check, Optional<Duration> startTimeout, Scope scope, Runnable onRunning) {
    long startedAt = now();
    boolean healthy = false;
    for (long round = 0; ; round++) {
      if (scope.cancellation().awaitStop(healthy ? healthyInterval : unhealthyInterval)) {
        return Outcome.cancelled(now());
      }
      var outcome = actions.perform(check, "monitor-" + round, scope);
      if (scope.cancellation().isCancelled()) {
        return Outcome.cancelled(now());
      }
      if (outcome.isFailed() && healthy) {
        return outcome;
      }
      if (!outcome.isFailed() && !healthy) {
        healthy = true;
        onRunning.run();
      }
      if (!healthy && hasPassed(startTimeout, startedAt)) {
        complain(startTimeout.get(), scope);
        return outcome;
      }
    }
  }

  private boolean hasPassed(Optional<Duration> startTimeout, long startedAt) {
    return startTimeout.isPresent() && now() - startedAt >= startTimeout.get().toNanos();
  }

  private static void complain(Duration startTimeout, Scope scope) {
    var text = Wording.neverHealthy(startTimeout.toNanos());
    scope.log().append("monitor/timeout", scope.logSource(), true, text);
  }

  private long now() {
    return ActionExecutor.nanos(clock.instant());
  }
}
