package dev.ccbridge.receptor.backend.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.receptor.backend.pod.SingleProgram.Unhealthy;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class PodHealthTest {
  private static Event event(String reason, String message) {
    return new EventBuilder().withReason(reason).withMessage(message).build();
  }

  private static final Event STARTUP =
      event("Unhealthy", "Startup probe failed: dial tcp 10.0.0.1:8080: connection refused");
  private static final Event LIVENESS =
      event("Unhealthy", "Liveness probe failed: dial tcp 10.0.0.1:8080: connection refused");
  private static final Event KILLING = event("Killing", "Stopping container app");

  @Test
  void kubeletTellsWhatItHasKilledAProgramFor() {
    assertThat(PodHealth.in(List.of(STARTUP, KILLING))).contains(Unhealthy.NEVER_HEALTHY);
    assertThat(PodHealth.in(List.of(KILLING))).contains(Unhealthy.NEVER_HEALTHY);
    assertThat(PodHealth.in(List.of(STARTUP, KILLING, LIVENESS)))
        .contains(Unhealthy.NO_LONGER_HEALTHY);
  }

  @Test
  void programThatWasNotKilledHasEndedByItself() {
    assertThat(PodHealth.in(List.of())).isEmpty();
    assertThat(PodHealth.in(List.of(STARTUP, event("Started", "Container started")))).isEmpty();
  }
}
