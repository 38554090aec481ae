package dev.ccbridge.receptor.backend.pod;

import static dev.ccbridge.receptor.backend.Containers.instance;
import static dev.ccbridge.receptor.backend.Containers.sh;
import static dev.ccbridge.receptor.backend.Containers.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.devserver.MovingClock;
import dev.ccbridge.receptor.backend.Backend;
import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.ContainerOutcome;
import dev.ccbridge.receptor.backend.Containers;
import dev.ccbridge.receptor.backend.PlacementException;
import dev.ccbridge.receptor.backend.RecordingListener;
import dev.ccbridge.receptor.backend.pod.PodBackendConfig.Delivery;
import dev.ccbridge.receptor.model.Action;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/** The operator dies, others delete Pods, there is no room: on a real node. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(180)
class PodFaultsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private PodCluster cluster;
  private RecordingListener listener;
  private Backend backend;

  @BeforeAll
  void connect() {
    cluster = PodCluster.orSkip();
  }

  @AfterAll
  void disconnect() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @BeforeEach
  void startBackend() {
    startBackend(List.of());
  }

  private Set<String> startBackend(List<Container> before) {
    return startBackend(before, Clock.systemUTC());
  }

  private Set<String> startBackend(List<Container> before, Clock clock) {
    listener = new RecordingListener();
    backend = new PodBackend(cluster.newClient(), cluster.config(), clock);
    return backend.start(listener, before);
  }

  @AfterEach
  void closeBackend() {
    backend.close();
    listener.assertThatOrderWasKept();
  }

  /** The next life of the operator, which has these tasks in its store. */
  private void restart(List<Container> tasks) {
    backend.close();
    startBackend(tasks);
  }

  private void start(Container container) {
    backend.place(container);
    backend.run(container);
  }

  private KubernetesClient client() {
    return cluster.client();
  }

  private Pod pod(Container container) {
    return client()
        .pods()
        .inNamespace(cluster.namespace())
        .withName(PodMarks.podName(container.guid()))
        .get();
  }

  private boolean exists(Container container) {
    return pod(container) != null;
  }

  private void deletePod(Container container) {
    client()
        .pods()
        .inNamespace(cluster.namespace())
        .withName(PodMarks.podName(container.guid()))
        .withGracePeriod(1)
        .delete();
  }

  private List<String> log(Container task) {
    return backend.taskLogs(task.guid(), 100).stream().map(line -> line.text()).toList();
  }

  @Test
  void taskGoesOnWithoutTheOperatorAndRunsOnce() throws Exception {
    var task =
        task(
            Action.serial(
                List.of(
                    sh("echo first"),
                    sh("while [ ! -e go ]; do sleep 0.1; done; echo done; echo r > /tmp/r"))),
            "/tmp/r");
    start(task);
    await().atMost(PATIENCE).until(() -> log(task).contains("first"));

    restart(List.of(task));
    exec(task, "/bin/touch", "/home/vcap/go");

    assertThat(listener.awaitEnd(task.guid())).isEqualTo(ContainerOutcome.succeeded("r\n"));
    assertThat(log(task)).containsOnlyOnce("first").containsOnlyOnce("done");
    assertThat(backend.progress(task.guid()).steps()).hasSize(2);
    backend.destroy(task.guid());
  }

  private void exec(Container container, String... command) {
    try (var exec =
        client()
            .pods()
            .inNamespace(cluster.namespace())
            .withName(PodMarks.podName(container.guid()))
            .writingOutput(System.out)
            .writingError(System.out)
            .exec(command)) {
      assertThat(exec.exitCode().join()).isZero();
    }
  }

  @Test
  void outcomeThatNobodyHeardIsToldToTheNextLife() throws Exception {
    var task = task(sh("head -c 10000 /dev/zero | sed 's/./x/g' > /tmp/r"), "/tmp/r");
    start(task);
    backend.close();
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                "Succeeded"
                    .equals(
                        client()
                            .pods()
                            .inNamespace(cluster.namespace())
                            .withName(PodMarks.podName(task.guid()))
                            .get()
                            .getStatus()
                            .getPhase()));

    startBackend(List.of(task));

    assertThat(listener.awaitEnd(task.guid()).result()).isEqualTo("x".repeat(10_000));
    backend.destroy(task.guid());
  }

  @Test
  void placedTaskThatHadNotBegunBeginsInTheNextLife() throws Exception {
    var task = task(sh("echo begun"));
    backend.place(task);

    restart(List.of(task));

    assertThat(listener.awaitEnd(task.guid()).failed()).isFalse();
    assertThat(log(task)).containsOnlyOnce("begun");
    backend.destroy(task.guid());
  }

  @Test
  void placedTaskThatNobodyRunsDoesNotBegin() {
    var task = task(sh("echo begun"));
    backend.place(task);

    restart(List.of());

    assertThat(exists(task)).isFalse();
  }

  @Test
  void taskWhosePodWasDeletedMeanwhileIsLostAndNotRunAgain() throws Exception {
    var task = task(sh("sleep 100"));
    start(task);
    backend.close();
    deletePod(task);
    await().atMost(PATIENCE).until(() -> !exists(task));

    startBackend(List.of(task));

    assertThat(listener.awaitEnd(task.guid()).reason())
        .isEqualTo("cell disappeared before completion");
    assertThat(exists(task)).isFalse();
  }

  @Test
  void podDeletedBySomebodyWhileItRunsIsLost() throws Exception {
    var task = task(sh("echo up; sleep 100"));
    start(task);
    await().atMost(PATIENCE).until(() -> log(task).contains("up"));

    deletePod(task);

    assertThat(listener.awaitEnd(task.guid()).reason())
        .isEqualTo("cell disappeared before completion");
  }

  @Test
  void instanceThatEndedMeanwhileIsToldToTheNextLife() throws Exception {
    var one = instance(sh("while [ ! -e go ]; do sleep 0.1; done; exit 3"), null, 0);
    start(one);
    listener.awaitRunning(one.guid());
    backend.close();
    exec(one, "/bin/touch", "/home/vcap/go");
    await().atMost(PATIENCE).until(() -> "Failed".equals(phase(one)));

    assertThat(startBackend(List.of(one))).containsExactly(one.guid());

    assertThat(listener.awaitEnd(one.guid()).reason()).isEqualTo("Exited with status 3");
  }

  private String phase(Container container) {
    return pod(container).getStatus().getPhase();
  }

  @Test
  void instanceThatWasPlacedAndHadNotBegunBeginsInTheNextLife() throws Exception {
    var one = instance(sh("sleep 100"), null, 0);
    backend.place(one);
    backend.close();

    assertThat(startBackend(List.of(one))).containsExactly(one.guid());

    listener.awaitRunning(one.guid());
    backend.destroy(one.guid());
  }

  @Test
  void instanceThatWasAskedToStopOrIsGoneIsNotGoneOnWith() throws Exception {
    var stopped = instance(sh("trap '' TERM; sleep 100"), null, 0);
    var gone = instance(sh("sleep 100"), null, 1);
    start(stopped);
    start(gone);
    listener.awaitRunning(stopped.guid());
    listener.awaitRunning(gone.guid());
    backend.stop(stopped.guid());
    backend.close();
    deletePod(gone);
    await().atMost(PATIENCE).until(() -> !exists(gone));

    assertThat(startBackend(List.of(stopped, gone))).isEmpty();

    assertThat(exists(stopped) && "Running".equals(phase(stopped)))
        .as("it may be there still for its log")
        .isFalse();
  }

  @Test
  void instancesOnACordonedNodeAreToLeaveAndTasksAreNot() throws Exception {
    var one = instance(sh("sleep 100"), null, 0);
    var task = task(sh("sleep 100"), "");
    start(one);
    start(task);
    listener.awaitRunning(one.guid());
    cordon(true);
    try {
      await().atMost(PATIENCE).until(() -> listener.evacuating().contains(one.guid()));
      assertThat(listener.evacuating()).doesNotContain(task.guid());
      assertThat(backend.cells()).as("where Pods run on").isNotEmpty();
    } finally {
      cordon(false);
      backend.destroy(one.guid());
      backend.destroy(task.guid());
    }
  }

  private void cordon(boolean cordoned) {
    client()
        .nodes()
        .list()
        .getItems()
        .forEach(
            node ->
                client()
                    .nodes()
                    .withName(node.getMetadata().getName())
                    .edit(
                        it -> {
                          it.getSpec().setUnschedulable(cordoned ? true : null);
                          return it;
                        }));
  }

  @Test
  void podThatAFormerOperatorMakesTooLateIsTakenAway() throws Exception {
    var late = instance(sh("sleep 100"), null, 0);
    client()
        .pods()
        .inNamespace(cluster.namespace())
        .resource(new PodManifests(cluster.config()).pod(late, UUID.randomUUID(), "late"))
        .create();

    await().atMost(PATIENCE).until(() -> !exists(late));
  }

  @Test
  void instancesOfAnEarlierLifeAreKilled() throws Exception {
    var one = instance(sh("sleep 100"), null, 0);
    start(one);
    listener.awaitRunning(one.guid());
    // As if killed: nothing is stopped.
    var other = new PodBackend(cluster.newClient(), cluster.config(), Clock.systemUTC());

    other.start(new RecordingListener(), List.of());

    assertThat(exists(one)).isFalse();
    other.close();
  }

  @Test
  void taskThatNoNodeHasRoomForIsRefusedAndLeavesNothing() {
    var task = task(sh("true"));
    var large = Containers.withMemory(task, 10_000_000);

    assertThatThrownBy(() -> backend.place(large))
        .isInstanceOf(PlacementException.class)
        .hasMessage("insufficient resources");

    await().atMost(PATIENCE).until(() -> !exists(large));
    var one = Containers.withMemory(instance(sh("true"), null, 0), 10_000_000);
    assertThatThrownBy(() -> backend.place(one)).hasMessage("insufficient resources: memory");
  }

  @Test
  void secretOfAContainerGoesWhenItHasEnded() throws Exception {
    var task = task(sh("true"));
    start(task);
    listener.awaitEnd(task.guid());

    await()
        .atMost(PATIENCE)
        .until(
            () ->
                client().secrets().inNamespace(cluster.namespace()).list().getItems().stream()
                    .map(secret -> secret.getMetadata().getName())
                    .noneMatch(name -> name.startsWith(PodMarks.podName(task.guid()))));
    assertThat(exists(task)).isTrue();
    backend.destroy(task.guid());
    await().atMost(PATIENCE).until(() -> !exists(task));
  }

  @Test
  void instancesShareASecretThatGoesWithTheirLRP() throws Exception {
    var one = Containers.instance("shared", 0, sh("sleep 100"), null, 0);
    var other = Containers.instance("shared", 1, sh("sleep 100"), null, 0);
    start(one);
    start(other);
    listener.awaitRunning(one.guid());
    listener.awaitRunning(other.guid());
    assertThat(secretsOf("shared")).hasSize(1);

    backend.destroy(one.guid());
    await().atMost(PATIENCE).until(() -> !exists(one));
    backend.destroy(other.guid());
    backend.forget("shared");

    await().atMost(PATIENCE).until(() -> secretsOf("shared").isEmpty());
    var desiredAnew = Containers.instance("shared", 0, sh("sleep 100"), null, 0);
    start(desiredAnew);
    listener.awaitRunning(desiredAnew.guid());
    backend.destroy(desiredAnew.guid());
  }

  @Test
  void secretThatAnEarlierLifeLeftGoes() {
    backend.place(Containers.instance("left", 0, sh("sleep 100"), null, 0));
    assertThat(secretsOf("left")).hasSize(1);

    restart(List.of());

    await().atMost(PATIENCE).until(() -> secretsOf("left").isEmpty());
  }

  @Test
  void instanceOfTheNextLifeHasTheSecretOfThisOne() throws Exception {
    var one = Containers.instance("kept", 0, sh("sleep 100"), null, 0);
    start(one);
    listener.awaitRunning(one.guid());
    restart(List.of(one));

    var next = Containers.instance("kept", 1, sh("sleep 100"), null, 0);
    start(next);
    listener.awaitRunning(next.guid());

    assertThat(secretsOf("kept")).hasSize(1);
    backend.destroy(one.guid());
    backend.destroy(next.guid());
  }

  @Test
  void secretThatSomebodyDeletesTooEarlyIsMadeAgain() throws Exception {
    backend.close();
    var clock = new MovingClock();
    startBackend(List.of(), clock);
    var task = task(sh("true"));
    backend.place(task);
    // One that there is no room for has made the Secret of them all.
    var large = Containers.instance("robbed", 0, sh("sleep 100"), null, 0);
    assertThatThrownBy(() -> backend.place(Containers.withMemory(large, 10_000_000)))
        .isInstanceOf(PlacementException.class);
    deleteSecret(secretsOf("robbed").getFirst());
    var one = Containers.instance("robbed", 1, sh("sleep 100"), null, 0);
    start(one);
    // From then on the kubelet looks for them every few seconds only.
    await().atMost(PATIENCE).until(() -> hasEvent(task, "FailedMount"));
    await().atMost(PATIENCE).until(() -> hasEvent(one, "FailedMount"));
    backend.run(task);
    deleteSecret(PodManifests.secretName(pod(task)));

    clock.advance(Duration.ofMinutes(1));

    listener.awaitRunning(one.guid());
    assertThat(listener.awaitEnd(task.guid())).isEqualTo(ContainerOutcome.succeeded(""));
    backend.destroy(one.guid());
    backend.destroy(task.guid());
  }

  private void deleteSecret(String name) {
    client().secrets().inNamespace(cluster.namespace()).withName(name).delete();
  }

  private boolean hasEvent(Container container, String reason) {
    var pod = PodMarks.podName(container.guid());
    return client().v1().events().inNamespace(cluster.namespace()).list().getItems().stream()
        .anyMatch(
            it -> it.getReason().equals(reason) && it.getInvolvedObject().getName().equals(pod));
  }

  @Test
  void instanceThatHasEndedWhenItIsClaimedHasRunAndEnded() throws Exception {
    var one = instance(sh("exit 3"), null, 0);
    backend.place(one);
    await().atMost(PATIENCE).until(() -> "Failed".equals(phase(one)));

    backend.run(one);

    assertThat(listener.awaitEnd(one.guid()).reason()).isEqualTo("Exited with status 3");
    backend.destroy(one.guid());
  }

  private List<String> secretsOf(String processGuid) {
    return client()
        .secrets()
        .inNamespace(cluster.namespace())
        .withLabels(PodMarks.ofProcess(processGuid))
        .list()
        .getItems()
        .stream()
        .map(secret -> secret.getMetadata().getName())
        .toList();
  }

  @Test
  void programThatTakesTooMuchMemoryIsKilledAndItIsSaid() throws Exception {
    var task = task(sh("head -c 400m /dev/zero | tail > /dev/null"));
    start(task);

    assertThat(listener.awaitEnd(task.guid()).reason())
        .isEqualTo("Exited with status 137 (out of memory)");
    backend.destroy(task.guid());
  }

  @Test
  void runtimeMayBeCopiedWhereItCannotBeMounted() throws Exception {
    backend.close();
    listener = new RecordingListener();
    var config = cluster.config().withDelivery(Delivery.INIT_CONTAINER);
    backend = new PodBackend(cluster.newClient(), config, Clock.systemUTC());
    backend.start(listener, List.of());
    var task = task(sh("echo r > /tmp/r"), "/tmp/r");
    start(task);

    assertThat(listener.awaitEnd(task.guid())).isEqualTo(ContainerOutcome.succeeded("r\n"));
    backend.destroy(task.guid());
  }

  @Test
  void imageThatIsNoneFailsTheTask() throws Exception {
    var config =
        PodBackendConfig.defaults(
            cluster.namespace(), PodCluster.RUNTIME, Map.of("cflinuxfs4", "Not An Image"));
    backend.close();
    listener = new RecordingListener();
    backend = new PodBackend(cluster.newClient(), config, Clock.systemUTC());
    backend.start(listener, List.of());
    var task = task(sh("true"));
    start(task);

    assertThat(listener.awaitEnd(task.guid()))
        .isEqualTo(ContainerOutcome.failed("failed to initialize container"));
    backend.destroy(task.guid());
  }
}
