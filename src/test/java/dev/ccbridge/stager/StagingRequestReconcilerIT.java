package dev.ccbridge.stager;

import static dev.ccbridge.stager.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.api.Api;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus;
import dev.ccbridge.api.StagingRequestStatus.Phase;
import dev.ccbridge.kube.Conditions;
import dev.ccbridge.receptor.FakeReceptor.When;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.TaskCreateRequest;
import dev.ccbridge.receptor.model.TaskProgress;
import dev.ccbridge.receptor.model.TaskProgress.StepState;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class StagingRequestReconcilerIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private StagerBench bench;

  @BeforeEach
  void open() {
    bench = new StagerBench();
  }

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void aStagedAppIsReadyAndItsTaskGone() {
    bench.start();
    var request = bench.create(request());
    var guid = bench.awaitTask(request);
    assertThat(bench.get(request).getMetadata().getFinalizers()).contains(Api.FINALIZER);
    bench.receptor.startTask(guid, "cell-7");
    bench.receptor.setProgress(guid, progress());
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              var status = bench.get(request).getStatus();
              assertThat(status.phase()).isEqualTo(Phase.STAGING);
              assertThat(status.cellId()).isEqualTo("cell-7");
              assertThat(status.steps()).hasSize(2);
            });
    bench.receptor.completeTask(guid, TestTasks.RESULT);
    var done = bench.awaitPhase(request, Phase.SUCCEEDED);
    assertThat(done.getStatus().result().detectedBuildpack()).isEqualTo("Static");
    assertThat(done.getStatus().result().dropletUri()).isEqualTo("/v1/blobs/droplets/" + guid);
    assertThat(Conditions.isTrue(done.getStatus().conditions(), "Ready")).isTrue();
    bench.awaitNoTasks();
    assertThat(bench.receptor.createdTasks()).hasSize(1);
    awaitEvents(request, "StagingStarted", "StagingSucceeded");
  }

  @Test
  void aFailureIsExplainedInTheStatus() {
    bench.start();
    var request = bench.create(request());
    bench.receptor.failTask(bench.awaitTask(request), "Exited with status 222");
    var failed = bench.awaitPhase(request, Phase.FAILED).getStatus();
    assertThat(failed.failure().id()).isEqualTo("NoAppDetectedError");
    assertThat(failed.failure().message()).contains("static_buildpack, java_buildpack");
    assertThat(Conditions.hasReason(failed.conditions(), "Stalled", "NoAppDetectedError")).isTrue();
    bench.awaitNoTasks();
    awaitEvents(request, "StagingStarted", "StagingFailed");
  }

  @Test
  void cancellingStopsTheTaskAndKeepsTheRecord() {
    bench.start();
    var request = bench.create(request());
    var guid = bench.awaitTask(request);
    bench.receptor.startTask(guid, "cell-1");
    bench.edit(
        request,
        r -> {
          r.setSpec(request().cancelled().in(bench.namespace).build().getSpec());
          return r;
        });
    var cancelled = bench.awaitPhase(request, Phase.CANCELLED);
    assertThat(Conditions.hasReason(cancelled.getStatus().conditions(), "Stalled", "Cancelled"))
        .isTrue();
    bench.awaitNoTasks();
  }

  @Test
  void deletingTakesTheTaskAway() {
    bench.start();
    var request = bench.create(request());
    bench.receptor.startTask(bench.awaitTask(request), "cell-1");
    bench.client.resource(request).delete();
    bench.awaitGone(request);
    assertThat(bench.receptor.currentTasks()).isEmpty();
    assertThat(bench.receptor.calls("cancelTask")).isEqualTo(1);
  }

  @Test
  void anExpiredRequestGoesWithItsDroplet() {
    bench.start();
    var request = bench.create(request().ttl(0));
    var guid = bench.awaitTask(request);
    bench.receptor.completeTask(guid, TestTasks.RESULT);
    bench.awaitGone(request);
    assertThat(bench.artifacts.discarded).containsExactly("/v1/blobs/droplets/" + guid);
    assertThat(bench.receptor.currentTasks()).isEmpty();
  }

  @Test
  void aCallbackIsAnsweredOnceTheOutcomeIsStored() {
    // No poll finds it before the callback does.
    bench.start(Duration.ofMinutes(10));
    var request = bench.create(request());
    var guid = bench.awaitTask(request);
    bench.receptor.startTask(guid, "cell-1");
    bench.receptor.completeTask(guid, TestTasks.RESULT);
    var answered =
        bench.receptor.resolveTask(
            guid,
            task -> {
              var status = bench.callBack(task);
              assertThat(bench.get(request).getStatus().phase()).isEqualTo(Phase.SUCCEEDED);
              return status;
            });
    assertThat(answered).isEqualTo(200);
    bench.awaitNoTasks();
  }

  @Test
  void aCallbackWithoutTheTasksTokenIsRefused() {
    bench.start();
    var request = bench.create(request());
    var guid = bench.awaitTask(request);
    var task = bench.receptor.currentTasks().getFirst();
    var url = task.completionCallbackUrl();
    assertThat(bench.post(url.substring(0, url.indexOf('?')), task)).isEqualTo(403);
    assertThat(bench.post(url.replace("token=", "token=x"), task)).isEqualTo(403);
    assertThat(bench.post(url.replace(guid, "other"), task)).isEqualTo(403);
    assertThat(bench.get(request).getStatus().phase()).isEqualTo(Phase.STAGING);
  }

  @Test
  void aCallbackForARequestThatIsGoneIsAnsweredSo() {
    bench.start();
    var request = bench.create(request());
    bench.awaitTask(request);
    var task = bench.receptor.currentTasks().getFirst();
    bench.client.resource(request).delete();
    bench.awaitGone(request);
    await().atMost(PATIENCE).until(() -> bench.callBack(task) == 404);
  }

  @Test
  void aCallbackDuringAnOutageOfTheOperatorIsToldAgain() {
    bench.start();
    var request = bench.create(request());
    var guid = bench.awaitTask(request);
    bench.stop();
    bench.receptor.completeTask(guid, TestTasks.RESULT);
    assertThat(bench.receptor.resolveTask(guid, bench::callBack)).isEqualTo(503);
    bench.start();
    bench.awaitPhase(request, Phase.SUCCEEDED);
    bench.awaitNoTasks();
    assertThat(bench.receptor.createdTasks()).hasSize(1);
  }

  @Test
  void deliveryIsTriedUntilAcknowledgedAndOnlyThenIsTheTaskDeleted() {
    bench.cc.answerNext(503, 429);
    bench.start();
    var request = bench.create(request().callback(bench.cc.callback("g")));
    bench.receptor.completeTask(bench.awaitTask(request), TestTasks.RESULT);
    bench.receptor.intercept(
        (when, operation, number) -> {
          if (operation.equals("deleteTask")) {
            assertThat(bench.cc.told()).hasSize(3);
          }
        });
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                bench.get(request).getStatus().delivery() != null
                    && bench.get(request).getStatus().delivery().deliveredAt() != null);
    var status = bench.get(request).getStatus();
    assertThat(status.delivery().attempts()).isEqualTo(3);
    assertThat(Conditions.isTrue(status.conditions(), "Delivered")).isTrue();
    assertThat(bench.cc.told().getFirst()).contains("\"buildpack_key\":\"static_buildpack\"");
    bench.awaitNoTasks();
  }

  @Test
  void aRefusedCallbackIsNotTriedAgain() {
    bench.cc.answerNext(404);
    bench.start();
    var request = bench.create(request().callback(bench.cc.callback("g")));
    bench.receptor.failTask(bench.awaitTask(request), "insufficient resources");
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                Conditions.hasReason(
                    bench.get(request).getStatus().conditions(), "Delivered", "Refused"));
    bench.awaitNoTasks();
    assertThat(bench.cc.told()).hasSize(1);
    assertThat(bench.cc.told().getFirst())
        .contains("{\"id\":\"InsufficientResources\",\"message\":\"insufficient resources\"}");
  }

  @Test
  void aTaskThatTheReceptorLostIsNotRunAgain() {
    bench.start();
    var request = bench.create(request());
    var guid = bench.awaitTask(request);
    bench.stop();
    bench.receptor.loseTask(guid);
    age(request);
    bench.start();
    var failed = bench.awaitPhase(request, Phase.FAILED).getStatus();
    assertThat(failed.failure().id()).isEqualTo("StagingError");
    assertThat(failed.failure().message()).contains("not run a second time");
    assertThat(bench.receptor.createdTasks()).hasSize(1);
  }

  @Test
  void anUnreachableReceptorIsWaitedFor() {
    bench.receptor.setReachable(false);
    bench.start();
    var request = bench.create(request());
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                bench.get(request).getStatus().conditions() != null
                    && Conditions.hasReason(
                        bench.get(request).getStatus().conditions(),
                        "Reconciling",
                        "ReceptorUnavailable"));
    assertThat(bench.get(request).getStatus().phase()).isEqualTo(Phase.PENDING);
    bench.receptor.setReachable(true);
    bench.receptor.completeTask(bench.awaitTask(request), TestTasks.RESULT);
    bench.awaitPhase(request, Phase.SUCCEEDED);
  }

  @Test
  void aTaskThatTheReceptorRefusesIsAFailure() {
    bench.receptor.failNext(
        "createTask",
        When.BEFORE,
        new ReceptorException(ReceptorErrorName.InvalidTask, "Invalid field: rootfs"));
    bench.start();
    var request = bench.create(request());
    assertThat(bench.awaitPhase(request, Phase.FAILED).getStatus().failure().message())
        .contains("Invalid field: rootfs");
  }

  @Test
  void aMissingSecretIsNamedAndLookedForAgain() {
    bench.start();
    var request = bench.create(request().environment(Requests.secret("TOKEN", "creds", "token")));
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                bench.get(request).getStatus().conditions() != null
                    && Conditions.hasReason(
                        bench.get(request).getStatus().conditions(), "Stalled", "SecretMissing"));
    bench
        .client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace(bench.namespace)
                .withName("creds")
                .endMetadata()
                .withStringData(Map.of("token", "canary-4711"))
                .build())
        .create();
    bench.awaitTask(request);
    assertThat(bench.receptor.createdTasks().getFirst().action().toString()).contains("TOKEN=…");
    bench.receptor.setProgress(
        request.getMetadata().getUid(), new TaskProgress(List.of(), "login with canary-4711"));
    bench.receptor.failTask(request.getMetadata().getUid(), "Exited with status 223");
    var failed = bench.awaitPhase(request, Phase.FAILED);
    assertThat(failed.getStatus().failure().message()).contains("login with ***");
    awaitEvents(request, "StagingStalled", "StagingStarted", "StagingFailed");
    assertThat(Serialization.asYaml(failed)).doesNotContain("canary");
    assertThat(eventsOf(request).toString()).doesNotContain("canary");
  }

  @Test
  void aTaskWhoseRequestIsGoneIsRemovedButNoStrangersTask() {
    bench.start();
    var request = bench.create(request());
    bench.awaitTask(request);
    var task = bench.receptor.createdTasks().getFirst();
    bench.client.resource(request).delete();
    bench.awaitGone(request);
    bench.receptor.createTask(task);
    bench.receptor.createTask(strangers(task));
    await().atMost(PATIENCE).until(() -> bench.receptor.currentTasks().size() == 1);
    assertThat(bench.receptor.currentTasks().getFirst().taskGuid()).isEqualTo("strangers");
  }

  @Test
  void aSecondRequestWithTheSameStagingGuidDoesNotTouchTheFirst() {
    bench.start();
    var guid = bench.namespace + "-guid";
    var first = bench.create(request().named("first").stagingGuid(guid));
    await().atMost(PATIENCE).until(() -> !bench.receptor.currentTasks().isEmpty());
    var second = bench.create(request().named("second").stagingGuid(guid));
    assertThat(bench.awaitPhase(second, Phase.FAILED).getStatus().failure().message())
        .contains("already used by");
    bench.client.resource(second).delete();
    bench.awaitGone(second);
    assertThat(bench.receptor.currentTasks()).hasSize(1);
    assertThat(bench.receptor.calls("cancelTask")).isZero();
    bench.receptor.completeTask(guid, TestTasks.RESULT);
    bench.awaitPhase(first, Phase.SUCCEEDED);
  }

  @Test
  void withNothingChangedNothingIsWrittenAndNothingAskedButTheLists() {
    bench.start();
    var request = bench.create(request());
    bench.receptor.startTask(bench.awaitTask(request), "cell-1");
    await().atMost(PATIENCE).until(() -> "cell-1".equals(bench.get(request).getStatus().cellId()));
    var settled = bench.get(request).getMetadata().getResourceVersion();
    bench.receptor.resetCalls();
    await().atMost(PATIENCE).until(() -> bench.receptor.calls("tasks") >= 10);
    assertThat(bench.receptor.calls()).containsOnly("tasks");
    assertThat(bench.get(request).getMetadata().getResourceVersion()).isEqualTo(settled);
  }

  /** As if the task had been created long ago. */
  private void age(StagingRequest request) {
    bench.editStatus(
        request,
        r -> {
          var s = r.getStatus();
          r.setStatus(
              new StagingRequestStatus(
                  s.observedGeneration(),
                  s.phase(),
                  s.conditions(),
                  s.taskGuid(),
                  null,
                  "2026-01-01T00:00:00Z",
                  null,
                  null,
                  null,
                  null,
                  null,
                  null));
          return r;
        });
  }

  private static TaskCreateRequest strangers(TaskCreateRequest task) {
    return new TaskCreateRequest(
        task.action(),
        task.annotation(),
        task.completionCallbackUrl(),
        task.cpuWeight(),
        task.diskMb(),
        task.domain(),
        task.logGuid(),
        task.logSource(),
        task.metricsGuid(),
        task.memoryMb(),
        task.resultFile(),
        "strangers",
        task.rootfs(),
        task.privileged(),
        task.env(),
        task.egressRules());
  }

  private static TaskProgress progress() {
    return new TaskProgress(
        List.of(
            TestTasks.step("download app package", StepState.SUCCEEDED, ""),
            TestTasks.step("run builder", StepState.RUNNING, "")),
        "compiling");
  }

  private void awaitEvents(StagingRequest request, String... reasons) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(eventsOf(request))
                    .extracting(Event::getReason)
                    .containsExactlyInAnyOrder(reasons));
  }

  private List<Event> eventsOf(StagingRequest request) {
    return bench.client.v1().events().inNamespace(bench.namespace).list().getItems().stream()
        .filter(e -> e.getInvolvedObject().getUid().equals(request.getMetadata().getUid()))
        .toList();
  }
}
