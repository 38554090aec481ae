package dev.ccbridge.stager;

import static dev.ccbridge.stager.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus.Phase;
import dev.ccbridge.gitops.LifeCycle;
import dev.ccbridge.kube.Conditions;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What kstatus and Argo CD's Lua, run as programs, say of StagingRequests at each moment of their
 * lives.
 */
@Timeout(120)
class StagingLifeCycleIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private StagerBench bench;
  private LifeCycle life;

  @BeforeEach
  void open() {
    bench = new StagerBench();
  }

  @AfterEach
  void close() {
    if (life != null) {
      life.close();
    }
    bench.close();
  }

  @Test
  void staged() {
    var request = createBeforeTheStart(request());
    var guid = bench.awaitTask(request);
    awaitReason(request, "TaskCreated");
    bench.receptor.startTask(guid, "cell-1");
    awaitReason(request, "Staging");
    bench.receptor.completeTask(guid, TestTasks.RESULT);
    bench.awaitPhase(request, Phase.SUCCEEDED);
    bench.client.resource(request).delete();
    bench.awaitGone(request);
    assertThat(life.told())
        .containsExactly(
            "InProgress unseen",
            "InProgress TaskCreated",
            "InProgress Staging",
            "Current Staged",
            "Terminating unseen");
  }

  @Test
  void failedAndKept() {
    var request = createBeforeTheStart(request().ttl(Integer.MAX_VALUE));
    bench.receptor.failTask(bench.awaitTask(request), "Exited with status 222");
    bench.awaitPhase(request, Phase.FAILED);
    assertThat(life.actions()).isEmpty();
    await()
        .during(Duration.ofSeconds(1))
        .atMost(PATIENCE)
        .until(() -> !bench.get(request).isMarkedForDeletion());
    assertThat(life.told())
        .containsExactly(
            "InProgress unseen", "InProgress TaskCreated", "Failed NoAppDetectedError");
  }

  @Test
  void cancelled() {
    var request = createBeforeTheStart(request());
    bench.receptor.startTask(bench.awaitTask(request), "cell-1");
    awaitReason(request, "Staging");
    life.act("cancel");
    assertThat(life.actions()).isEmpty();
    bench.awaitPhase(request, Phase.CANCELLED);
    assertThat(life.actions()).isEmpty();
    assertThat(life.told())
        .containsSubsequence("InProgress Staging", "InProgress unseen", "Failed Cancelled")
        .endsWith("Failed Cancelled")
        .doesNotContain("Current Staged");
  }

  @Test
  void deletedWhileStaging() {
    var request = createBeforeTheStart(request());
    bench.receptor.startTask(bench.awaitTask(request), "cell-1");
    awaitReason(request, "Staging");
    bench.client.resource(request).delete();
    bench.awaitGone(request);
    assertThat(life.told()).endsWith("InProgress Staging", "Terminating unseen");
  }

  @Test
  void stalledUntilItsSecretIsThere() {
    var request =
        createBeforeTheStart(request().environment(Requests.secret("TOKEN", "creds", "token")));
    awaitReason(request, "SecretMissing");
    bench
        .client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace(bench.namespace)
                .withName("creds")
                .endMetadata()
                .withStringData(Map.of("token", "t"))
                .build())
        .create();
    bench.receptor.completeTask(bench.awaitTask(request), TestTasks.RESULT);
    bench.awaitPhase(request, Phase.SUCCEEDED);
    assertThat(life.told())
        .containsExactly(
            "InProgress unseen",
            "Failed SecretMissing",
            "InProgress TaskCreated",
            "Current Staged");
  }

  @Test
  void waitingForTheReceptor() {
    bench.receptor.setReachable(false);
    var request = createBeforeTheStart(request());
    awaitReason(request, "ReceptorUnavailable");
    bench.receptor.setReachable(true);
    bench.receptor.completeTask(bench.awaitTask(request), TestTasks.RESULT);
    bench.awaitPhase(request, Phase.SUCCEEDED);
    assertThat(life.told())
        .containsSubsequence(
            "InProgress unseen",
            "InProgress ReceptorUnavailable",
            "InProgress TaskCreated",
            "Current Staged")
        .allMatch(line -> line.startsWith("InProgress ") || line.equals("Current Staged"));
  }

  @Test
  void stagedThoughNobodyWantsToKnow() {
    bench.cc.answerNext(404);
    var request = createBeforeTheStart(request().callback(bench.cc.callback("g")));
    bench.receptor.completeTask(bench.awaitTask(request), TestTasks.RESULT);
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                Conditions.hasReason(
                    bench.get(request).getStatus().conditions(), "Delivered", "Refused"));
    assertThat(life.told()).endsWith("InProgress TaskCreated", "Current Staged");
  }

  /** So that the version that nobody has seen yet is there to be judged. */
  private StagingRequest createBeforeTheStart(Requests draft) {
    var name = draft.in(bench.namespace).build().getMetadata().getName();
    life = new LifeCycle(bench.client, "StagingRequest", bench.namespace, name);
    var request = bench.create(draft);
    bench.start();
    return request;
  }

  private void awaitReason(StagingRequest request, String reason) {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                Conditions.hasReason(bench.get(request).getStatus().conditions(), "Ready", reason));
  }
}
