package dev.ccbridge.receptor.backend.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PodsSeenTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:01:00Z");
  private static final String RUNNING = "running: {}";
  private static final String ENDED = "terminated: {exitCode: 0}";
  private static final String WAITING = "waiting: {reason: ContainerCreating}";

  /** On node-1, with a Secret of its name. */
  private static Pod pod(String name, String kind, String created, String state) {
    return Serialization.unmarshal(
        """
        metadata:
          name: %1$s
          creationTimestamp: "%3$s"
          labels: {ccbridge.dev/container-kind: %2$s, ccbridge.dev/egress: rules-of-%1$s}
        spec:
          nodeName: node-1
          volumes: [{name: work, emptyDir: {}}, {name: spec, secret: {secretName: secret-of-%1$s}}]
        status:
          phase: Running
          containerStatuses: [{name: app, state: {%4$s}}]
        """
            .formatted(name, kind, created, state),
        Pod.class);
  }

  private static Pod instance(String name, String state) {
    return pod(name, "instance", "2026-01-01T00:00:00Z", state);
  }

  private static PodsSeen seen(Pod... pods) {
    return new PodsSeen(List.of(pods), NOW);
  }

  private static List<String> names(Stream<Pod> pods) {
    return pods.map(pod -> pod.getMetadata().getName()).toList();
  }

  @Test
  void whatHasNotBegunFor30SecondsMayWaitForItsSecret() {
    var seen =
        seen(
            instance("long", WAITING),
            pod("young", "instance", "2026-01-01T00:00:45Z", WAITING),
            pod("task", "task", "2026-01-01T00:00:00Z", WAITING),
            instance("running", RUNNING));

    assertThat(names(seen.longInStarting())).containsExactly("long", "task");
  }

  @Test
  void secretIsUsedUntilItsInstanceHasEnded() {
    var foreign = instance("foreign", RUNNING);
    foreign.getSpec().setVolumes(List.of());

    var seen =
        seen(
            instance("running", RUNNING),
            instance("ended", ENDED),
            pod("task", "task", "2026-01-01T00:00:00Z", RUNNING),
            foreign);

    assertThat(seen.secrets()).containsExactly("secret-of-running");
  }

  @Test
  void whoIsToldToEndDoesNotGoOn() {
    var stopped = instance("stopped", RUNNING);
    stopped.getSpec().setActiveDeadlineSeconds(1L);
    var deleted = instance("deleted", RUNNING);
    deleted.getMetadata().setDeletionTimestamp("2026-01-01T00:02:00Z");

    var seen = seen(instance("running", RUNNING), stopped, deleted, instance("ended", ENDED));

    assertThat(names(seen.goingOn())).containsExactly("running");
  }

  @Test
  void onlyInstancesLeaveANode() {
    var elsewhere = instance("elsewhere", RUNNING);
    elsewhere.getSpec().setNodeName("node-2");
    var nowhere = instance("nowhere", WAITING);
    nowhere.getSpec().setNodeName(null);

    var seen =
        seen(
            instance("here", RUNNING),
            pod("task", "task", "2026-01-01T00:00:00Z", RUNNING),
            elsewhere,
            nowhere);

    assertThat(names(seen.instancesOn(Set.of("node-1")))).containsExactly("here");
  }
}
