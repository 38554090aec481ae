package dev.ccbridge.stager;

import static dev.ccbridge.stager.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus;
import dev.ccbridge.api.StagingRequestStatus.Failure;
import dev.ccbridge.api.StagingRequestStatus.Phase;
import dev.ccbridge.api.StagingRequestStatus.Result;
import dev.ccbridge.api.StagingRequestStatus.StepState;
import dev.ccbridge.kube.Conditions;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.receptor.model.TaskProgress;
import dev.ccbridge.receptor.model.TaskState;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class StagingStatusFactoryTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00.7Z");
  private final StagingStatusFactory statuses =
      new StagingStatusFactory(
          Clock.fixed(NOW, ZoneOffset.UTC),
          rules -> rules.isEmpty() ? List.of() : List.of("no " + rules.size()));

  @Test
  void theCreateIsNotedWithGuidAndTime() {
    var status = statuses.creating(request().stored(null));
    assertThat(status.phase()).isEqualTo(Phase.STAGING);
    assertThat(status.taskGuid()).isEqualTo("uid-1");
    assertThat(status.createdAt()).isEqualTo("2026-01-01T12:00:00Z");
    assertThat(status.observedGeneration()).isEqualTo(1);
    assertThat(trueOnes(status)).containsExactly("Reconciling");
  }

  @Test
  void whatIsNotEnforcedOfEgressRulesIsSaidToTheEnd() {
    var request =
        Serialization.unmarshal(
            """
            apiVersion: ccbridge.dev/v1alpha1
            kind: StagingRequest
            metadata: {name: build, namespace: ns, uid: uid-1, generation: 1}
            spec:
              egressRules: [{protocol: all, destinations: [10.0.0.1]}]
              buildpack: {appBits: {uri: /a}}
            """,
            StagingRequest.class);

    request.setStatus(statuses.creating(request));
    var ended = statuses.cancelled(request, null);

    var egress = Conditions.find(ended.conditions(), "EgressEnforced").orElseThrow();
    assertThat(egress.getStatus()).isEqualTo("False");
    assertThat(egress.getMessage()).isEqualTo("no 1");
    assertThat(trueOnes(ended)).containsExactly("Stalled");
    assertThat(Conditions.find(staging().getStatus().conditions(), "EgressEnforced")).isEmpty();
  }

  @Test
  void aRunningTaskShowsItsStepsAndCell() {
    var running =
        TestTasks.task(
            TaskState.RUNNING,
            false,
            "",
            "",
            new TaskProgress(
                List.of(
                    TestTasks.step("download app package", TaskProgress.StepState.SUCCEEDED, ""),
                    new TaskProgress.Step(
                        "run builder", TaskProgress.StepState.RUNNING, 3_000_000_000L, 0, "")),
                ""));
    var status = statuses.progressed(staging(), running);
    assertThat(status.cellId()).isEqualTo("cell-1");
    assertThat(status.startedAt()).isEqualTo("1970-01-01T00:00:01Z");
    assertThat(status.steps())
        .extracting(s -> s.state())
        .containsExactly(StepState.SUCCEEDED, StepState.RUNNING);
    assertThat(status.conditions().getFirst().getMessage()).isEqualTo("in step: run builder");
  }

  @Test
  void whatHasNotChangedGivesAnEqualStatus() {
    var request = staging();
    request.setStatus(statuses.progressed(request, TestTasks.running()));
    assertThat(statuses.progressed(request, TestTasks.running())).isEqualTo(request.getStatus());
  }

  @Test
  void theWaitForTheCellLooksLikeTheCreate() {
    var request = staging();
    assertThat(statuses.progressed(request, TestTasks.pending())).isEqualTo(request.getStatus());
  }

  @Test
  void aSuccessIsReadyAndTellsCcWhatTheOriginalWouldTell() throws Exception {
    var request = staging();
    var outcome = Outcomes.read(TestTasks.succeeded(), "/v1/blobs/droplets/uid-1");
    request.setStatus(statuses.succeeded(request, TestTasks.succeeded(), outcome.result()));
    assertThat(trueOnes(request.getStatus())).containsExactly("Ready");
    assertThat(request.getStatus().result().startCommand()).isEqualTo("serve");
    assertThat(request.getStatus().result().dropletUri()).isEqualTo("/v1/blobs/droplets/uid-1");
    assertThat(request.getStatus().finishedAt()).isEqualTo("2026-01-01T12:00:00Z");
    assertThat(
            ReceptorJson.mapper()
                .writeValueAsString(CallbackMessages.of(request, Result::buildpack)))
        .isEqualTo(
            ReceptorJson.mapper()
                .writeValueAsString(
                    dev.ccbridge.stager.recipe.StagingOutcome.of(TestTasks.succeeded()).forCC()));
  }

  @Test
  void aFailureIsStalledAndCcIsToldTheOriginalsWordsOnly() {
    var request = staging();
    request.setStatus(
        statuses.failed(request, null, new Failure("NoCompatibleCell", "no cell offers it")));
    assertThat(trueOnes(request.getStatus())).containsExactly("Stalled");
    assertThat(CallbackMessages.of(request, Result::buildpack).error().message())
        .isEqualTo("found no compatible cell");
    request.setStatus(
        statuses.failed(request, null, new Failure("BuildpackCompileFailed", "make: no rule")));
    assertThat(CallbackMessages.of(request, Result::buildpack).error().message())
        .isEqualTo("staging failed");
  }

  @Test
  void theReceptorBeingAwayKeepsThePhase() {
    assertThat(statuses.receptorUnavailable(request().stored(null), "reset").phase())
        .isEqualTo(Phase.PENDING);
    assertThat(statuses.receptorUnavailable(staging(), "reset").phase()).isEqualTo(Phase.STAGING);
    assertThat(trueOnes(statuses.receptorUnavailable(staging(), "reset")))
        .containsExactly("Reconciling");
  }

  @Test
  void attemptsOfDeliveryAreCounted() {
    var request = staging();
    request.setStatus(statuses.deliveryFailed(request, "reset"));
    request.setStatus(statuses.deliveryFailed(request, "reset"));
    assertThat(request.getStatus().delivery().attempts()).isEqualTo(2);
    assertThat(StagingStatusFactory.deliveryEnded(request.getStatus())).isFalse();
    request.setStatus(statuses.delivered(request));
    assertThat(request.getStatus().delivery().attempts()).isEqualTo(3);
    assertThat(request.getStatus().delivery().lastError()).isNull();
    assertThat(StagingStatusFactory.deliveryEnded(request.getStatus())).isTrue();
    request.setStatus(statuses.deliveryRefused(staging(), "status 404"));
    assertThat(StagingStatusFactory.deliveryEnded(request.getStatus())).isTrue();
  }

  private StagingRequest staging() {
    var request = request().stored(null);
    request.setStatus(statuses.creating(request));
    return request;
  }

  private static List<String> trueOnes(StagingRequestStatus status) {
    return status.conditions().stream()
        .filter(c -> Conditions.isTrue(status.conditions(), c.getType()))
        .map(c -> c.getType())
        .toList();
  }
}
