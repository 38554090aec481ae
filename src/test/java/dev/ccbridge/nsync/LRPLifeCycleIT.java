package dev.ccbridge.nsync;

import static dev.ccbridge.nsync.NsyncCluster.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.gitops.LifeCycle;
import dev.ccbridge.receptor.model.ActualLRPState;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What kstatus and Argo CD's Lua, run as programs, say of DesiredLRPs at each moment of their
 * lives.
 */
@Timeout(120)
class LRPLifeCycleIT {
  /** After a change of the spec that instances have to start for. */
  private static final List<String> STARTED =
      List.of("InProgress unseen", "InProgress Starting", "Current Running");

  private NsyncCluster cluster;
  private LifeCycle life;

  @BeforeEach
  void open() {
    cluster = new NsyncCluster();
    life = new LifeCycle(cluster.user, "DesiredLRP", cluster.namespace, "web");
  }

  @AfterEach
  void close() {
    life.close();
    cluster.close();
  }

  @Test
  void runningThenScaledThenDeleted() {
    var guid = running(1);
    cluster.scale("web", 2);
    cluster.awaitCondition("web", "Reconciling", "Starting");
    cluster.receptor.runAll(guid());
    cluster.awaitReady("web", "2/2");
    life.act("stop");
    cluster.awaitReady("web", "0/0");
    assertThat(life.actions()).containsExactly("start");
    life.act("start");
    cluster.receptor.runAll(guid());
    cluster.awaitReady("web", "1/1");
    assertThat(life.actions()).containsExactly("stop");
    cluster.receptor.setStopsSlowly(true);
    cluster.lrp("web").delete();
    cluster.awaitCondition("web", "Reconciling", "Deleting");
    cluster.receptor.letStop(guid);
    cluster.awaitGone("web");
    assertTold(
        STARTED,
        STARTED,
        List.of("InProgress unseen", "Current Running"),
        STARTED,
        List.of("Terminating unseen", "Terminating Deleting"));
  }

  @Test
  void rolledOut() {
    var old = running(2);
    cluster.patchSpec("web", "{\"memoryMB\":512}");
    var fresh = cluster.awaitOther(old);
    cluster.receptor.run(fresh, 0, "127.0.0.1", List.of());
    cluster.awaitCondition("web", "Reconciling", "RollingOut");
    cluster.receptor.runAll(fresh);
    cluster.awaitReady("web", "2/2");
    assertTold(STARTED, List.of("InProgress unseen", "InProgress RollingOut", "Current Running"));
  }

  @Test
  void recreated() {
    var old = running(1);
    cluster.receptor.setStopsSlowly(true);
    cluster.patchSpec("web", "{\"memoryMB\":512,\"update\":{\"strategy\":\"Recreate\"}}");
    cluster.awaitCondition("web", "Reconciling", "Recreating");
    cluster.receptor.letStop(old);
    cluster.receptor.runAll(cluster.onlyDesired().processGuid());
    cluster.awaitReady("web", "1/1");
    assertThat(life.told())
        .containsSubsequence("Current Running", "InProgress unseen", "InProgress Recreating")
        .endsWith("InProgress Starting", "Current Running");
  }

  @Test
  void crashedUntilItRecovers() {
    var guid = running(1);
    cluster.receptor.crash(guid, 0, "Exited with status 1", ActualLRPState.UNCLAIMED);
    cluster.awaitCondition("web", "Reconciling", "InstanceCrashed");
    for (var crash = 2; crash <= 3; crash++) {
      cluster.receptor.claim(guid, 0, "cell-1");
      cluster.receptor.crash(guid, 0, "Exited with status 1", ActualLRPState.CRASHED);
    }
    cluster.awaitCondition("web", "Stalled", "CrashLooping");
    cluster.receptor.runAll(guid);
    cluster.awaitReady("web", "1/1");
    assertTold(
        STARTED, List.of("InProgress InstanceCrashed", "Failed CrashLooping", "Current Running"));
  }

  @Test
  void placedNowhereUntilThereIsRoom() {
    cluster.start();
    cluster.droplet("web", 1);
    var guid = cluster.onlyDesired().processGuid();
    cluster.receptor.failPlacement(guid, 0, "insufficient resources");
    cluster.awaitCondition("web", "Stalled", "PlacementFailed");
    cluster.receptor.runAll(guid);
    cluster.awaitReady("web", "1/1");
    assertThat(life.told())
        .containsExactly(
            "InProgress unseen",
            "InProgress Starting",
            "Failed PlacementFailed",
            "Current Running");
  }

  @Test
  void waitingForItsStaging() {
    cluster.start();
    cluster.create("web", "{source: {stagingRequestRef: {name: build}}}");
    cluster.awaitCondition("web", "Reconciling", "WaitingForStaging");
    cluster.stagingRequest("build");
    cluster.stagingStatus(
        "build", "{\"phase\":\"Failed\",\"failure\":{\"id\":\"NoAppDetectedError\"}}");
    cluster.awaitCondition("web", "Stalled", "StagingFailed");
    cluster.stagingStatus(
        "build",
        """
        {"phase":"Succeeded","failure":null,"result":{"dropletUri":"/d","startCommand":"run",
         "executionMetadata":"{\\"start_command\\":\\"run\\"}"}}
        """);
    cluster.receptor.runAll(cluster.onlyDesired().processGuid());
    cluster.awaitReady("web", "1/1");
    assertThat(life.told())
        .containsSubsequence(
            "InProgress unseen",
            "InProgress WaitingForStaging",
            "Failed StagingFailed",
            "Current Running")
        .allMatch(line -> !line.startsWith("Current") || line.equals("Current Running"));
  }

  @Test
  void refusedByTheReceptor() {
    cluster.start();
    cluster.create("web", "{source: {docker: {image: \"docker://a/b\"}}}");
    cluster.awaitCondition("web", "Stalled", "InvalidRecipe");
    assertThat(life.told()).containsExactly("InProgress unseen", "Failed InvalidRecipe");
  }

  /** The guid of the one version, all instances of which run. */
  private String running(int instances) {
    cluster.start();
    cluster.droplet("web", instances);
    var guid = guid();
    cluster.awaitCondition("web", "Reconciling", "Starting");
    cluster.receptor.runAll(guid);
    cluster.awaitReady("web", instances + "/" + instances);
    return guid;
  }

  /** Nothing else, and in this order. */
  @SafeVarargs
  private void assertTold(List<String>... parts) {
    var expected = new ArrayList<String>();
    for (var part : parts) {
      expected.addAll(part);
    }
    assertThat(life.told()).isEqualTo(expected);
  }

  private String guid() {
    await().atMost(PATIENCE).until(() -> cluster.desired().size() == 1);
    return cluster.onlyDesired().processGuid();
  }
}
