package dev.ccbridge.nsync;

import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the Receptor has under one process guid.
 *
 * @param desired without its actions and environment; null: not wanted any more
 * @param instances one per index, in order
 */
record LRPVersion(
    String processGuid, @Nullable DesiredLRPResponse desired, List<ActualLRPResponse> instances) {

  static LRPVersion none(String processGuid) {
    return new LRPVersion(processGuid, null, List.of());
  }

  boolean isDesired() {
    return desired != null;
  }

  int running() {
    return (int) instances.stream().filter(i -> i.state() == ActualLRPState.RUNNING).count();
  }

  /** Instances that run and are still wanted: a scaled-down one may run for a moment. */
  int running(int wanted) {
    return (int)
        instances.stream()
            .filter(i -> i.index() < wanted && i.state() == ActualLRPState.RUNNING)
            .count();
  }
}
