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

  @Test
  void kubeletTellsWhatItHasKilledAProgramFor() {
    var killed = "Container app failed %s probe, will be restarted";
    assertThat(PodHealth.in(List.of(event("Killing", killed.formatted("startup")))))
        .contains(Unhealthy.NEVER_HEALTHY);
    assertThat(PodHealth.in(List.of(event("Killing", killed.formatted("liveness")))))
        .contains(Unhealthy.NO_LONGER_HEALTHY);
  }

  @Test
  void oneProbeThatFailsIsNotTheEnd() {
    assertThat(
            PodHealth.in(
                List.of(
                    event("Unhealthy", "Startup probe failed: dial tcp: connection refused"),
                    event("Killing", "Stopping container app"))))
        .isEmpty();
  }
}
