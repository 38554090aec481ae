package dev.ccbridge.receptor.backend.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.receptor.backend.pod.PodState.End;
import dev.ccbridge.receptor.backend.pod.PodState.Ended;
import dev.ccbridge.receptor.backend.pod.PodState.Unschedulable;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PodStateTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:01:00Z");
  private static final String ON_NODE = "spec: {nodeName: node-1}\n";

  private static Pod pod(String yaml) {
    var pod = Serialization.unmarshal(yaml, Pod.class);
    if (pod.getMetadata() == null) {
      pod.setMetadata(new io.fabric8.kubernetes.api.model.ObjectMeta());
    }
    if (pod.getSpec() == null) {
      pod.setSpec(new io.fabric8.kubernetes.api.model.PodSpec());
    }
    return pod;
  }

  private static PodState of(String yaml) {
    return PodState.of(pod(yaml), NOW);
  }

  private static String refused(String message) {
    return """
    status:
      phase: Pending
      conditions: [{type: PodScheduled, status: "False", reason: Unschedulable, message: "%s"}]
    """
        .formatted(message);
  }

  private static String terminated(String metadata, String status, String state) {
    return ON_NODE
        + metadata
        + "status:\n  podIP: 10.0.0.7\n"
        + status
        + "  containerStatuses: [{name: app, state: {terminated: {"
        + state
        + "}}}]\n";
  }

  @Test
  void podWithoutANodeIsUnscheduled() {
    assertThat(of("status: {phase: Pending}")).isEqualTo(new PodState.Unscheduled());
  }

  @Test
  void schedulersWordsBecomeThoseOfTheProtocol() {
    var noRoom =
        of(
            refused(
                "0/2 nodes are available: 1 Insufficient memory, 2 Insufficient"
                    + " ephemeral-storage. preemption: 0/2 nodes are available."));
    var full = of(refused("0/1 nodes are available: 1 Too many pods."));
    var tainted = of(refused("0/1 nodes are available: 1 node(s) had untolerated taint {x: }."));

    assertThat(((Unschedulable) noRoom).error()).isEqualTo("insufficient resources");
    assertThat(((Unschedulable) noRoom).explained())
        .isEqualTo("insufficient resources: memory, disk");
    assertThat(((Unschedulable) full).explained()).isEqualTo("insufficient resources: containers");
    assertThat(((Unschedulable) tainted).explained()).isEqualTo("found no compatible cell");
  }

  @Test
  void podOnANodeStartsAndRunsAndIsReady() {
    var running =
        ON_NODE
            + """
            status:
              phase: Running
              podIP: 10.0.0.7
              conditions: [{type: Ready, status: "%s"}]
              containerStatuses: [{name: app, state: {running: {startedAt: "2026-01-01T00:00:00Z"}}}]
            """;

    assertThat(of(ON_NODE + "status: {phase: Pending}")).isEqualTo(new PodState.Starting("node-1"));
    assertThat(of(running.formatted("False")))
        .isEqualTo(new PodState.Running("node-1", "10.0.0.7", false));
    assertThat(of(running.formatted("True")))
        .isEqualTo(new PodState.Running("node-1", "10.0.0.7", true));
  }

  @Test
  void imageThatCannotBeHadIsAFailureAndSomeAreHopeless() {
    var waiting =
        ON_NODE + "status:\n  containerStatuses: [{name: app, state: {waiting: {reason: %s}}}]\n";

    assertThat(of(waiting.formatted("ContainerCreating")))
        .isEqualTo(new PodState.Starting("node-1"));
    assertThat(of(waiting.formatted("ImagePullBackOff")))
        .isEqualTo(new PodState.Failing("node-1", "ImagePullBackOff", false));
    assertThat(of(waiting.formatted("InvalidImageName")))
        .isEqualTo(new PodState.Failing("node-1", "InvalidImageName", true));
  }

  @Test
  void reportOfTheProgramInsideIsTaken() {
    var message =
        "message: '{\"failed\":true,\"reason\":\"Exited with status 4\",\"has_run\":true}'";

    var ended = (Ended) of(terminated("", "  phase: Failed\n", "exitCode: 1, " + message));

    assertThat(ended.how()).isEqualTo(End.EXITED);
    assertThat(ended.report().get().reason()).isEqualTo("Exited with status 4");
    assertThat(ended.report().get().hasRun()).isTrue();
    assertThat(ended.address()).isEqualTo("10.0.0.7");
  }

  @Test
  void endsWithoutAReportAreToldApart() {
    assertThat(how("", "  phase: Failed\n", "exitCode: 3")).isEqualTo(End.EXITED);
    assertThat(how("", "  phase: Failed\n", "exitCode: 137, reason: OOMKilled"))
        .isEqualTo(End.OUT_OF_MEMORY);
    assertThat(how("", "  phase: Failed\n  reason: DeadlineExceeded\n", "exitCode: 137"))
        .isEqualTo(End.STOPPED);
    assertThat(how("", "  phase: Failed\n  reason: Evicted\n", "exitCode: 137"))
        .isEqualTo(End.REMOVED);
    assertThat(
            how(
                "",
                "  conditions: [{type: DisruptionTarget, status: \"True\"}]\n",
                "exitCode: 143"))
        .isEqualTo(End.REMOVED);
    assertThat(
            how("metadata: {deletionTimestamp: \"2026-01-01T00:00:59Z\"}\n", "", "exitCode: 143"))
        .isEqualTo(End.REMOVED);
    assertThat(how("", "  phase: Failed\n", "exitCode: 128, reason: StartError"))
        .isEqualTo(End.NEVER_BEGAN);
  }

  private static End how(String metadata, String status, String state) {
    return ((Ended) of(terminated(metadata, status, state))).how();
  }

  @Test
  void podThatTheKubeletRefusedNeverBegan() {
    var ended = (Ended) of(ON_NODE + "status: {phase: Failed, reason: OutOfmemory}");

    assertThat(ended.how()).isEqualTo(End.NEVER_BEGAN);
    assertThat(ended.report()).isEmpty();
  }

  @Test
  void podThatShouldBeGoneForLongIsLost() {
    var leaving = "metadata: {deletionTimestamp: \"%s\"}\n" + ON_NODE + "status: {phase: Running}";

    assertThat(of(leaving.formatted("2026-01-01T00:00:55Z")))
        .isEqualTo(new PodState.Starting("node-1"));
    assertThat(of(leaving.formatted("2026-01-01T00:00:49Z"))).isEqualTo(new PodState.Lost());
  }

  private static final String SINGLE = "metadata: {annotations: {ccbridge.dev/log-source: APP}}\n";

  @Test
  void endOfASingleProgramIsItsExitStatusWhateverItHasWritten() {
    var message = "message: '{\"failed\":false,\"reason\":\"\",\"has_run\":true}'";

    var ended = (Ended) of(terminated(SINGLE, "  phase: Failed\n", "exitCode: 4, " + message));

    assertThat(ended.isPrograms()).isTrue();
    assertThat(ended.exitStatus()).isEqualTo(4);
    assertThat(ended.report()).as("a program could write anything").isEmpty();
  }

  @Test
  void setupThatHasFailedIsTheEnd() {
    var setup =
        """
        status:
          phase: Pending
          initContainerStatuses: [{name: setup, state: {terminated: {exitCode: %d, message: '%s'}}}]
          containerStatuses: [{name: app, state: {waiting: {reason: PodInitializing}}}]
        """;
    var report = "{\"failed\":true,\"reason\":\"Downloading failed\",\"has_run\":false}";

    var ended = (Ended) of(SINGLE + ON_NODE + setup.formatted(1, report));

    assertThat(ended.report().get().reason()).isEqualTo("Downloading failed");
    assertThat(ended.isPrograms()).isFalse();
    assertThat(of(SINGLE + ON_NODE + setup.formatted(0, "")))
        .isEqualTo(new PodState.Starting("node-1"));
  }
}
