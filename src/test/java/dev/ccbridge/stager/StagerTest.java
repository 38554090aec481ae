package dev.ccbridge.stager;

import static dev.ccbridge.stager.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus;
import dev.ccbridge.api.StagingRequestStatus.Delivery;
import dev.ccbridge.api.StagingRequestStatus.Phase;
import dev.ccbridge.kube.Conditions;
import dev.ccbridge.receptor.model.TaskResponse;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class StagerTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final String CALLBACK = "http://cc/internal/staging/g/completed";
  private static final CallbackTokens TOKENS = new CallbackTokens("http://stager", new byte[32]);
  private final Stager stager = new Stager(TOKENS, Clock.fixed(NOW, ZoneOffset.UTC));

  static Stream<Arguments> table() {
    var pending = TestTasks.pending();
    var running = TestTasks.running();
    var done = TestTasks.succeeded();
    return Stream.of(
        row("new", created(null), null, new StagingStep.DesireTask()),
        row("pending, no task", in(Phase.PENDING), null, new StagingStep.DesireTask()),
        row("pending, a task", in(Phase.PENDING), running, new StagingStep.AwaitTask(running)),
        row("pending, task over", in(Phase.PENDING), done, new StagingStep.RecordOutcome(done)),
        row(
            "pending, cancelled",
            cancelled(Phase.PENDING),
            null,
            new StagingStep.RecordCancelled()),
        row("staging, waits", in(Phase.STAGING), pending, new StagingStep.AwaitTask(pending)),
        row("staging, runs", in(Phase.STAGING), running, new StagingStep.AwaitTask(running)),
        row("staging, over", in(Phase.STAGING), done, new StagingStep.RecordOutcome(done)),
        row("cancelled", cancelled(Phase.STAGING), running, new StagingStep.CancelTask(running)),
        row(
            "cancelled too late",
            cancelled(Phase.STAGING),
            done,
            new StagingStep.RecordOutcome(done)),
        row(
            "cancelled, no task",
            cancelled(Phase.STAGING),
            null,
            new StagingStep.RecordCancelled()),
        row("just created", createdBefore(59), null, new StagingStep.DesireTaskAgain()),
        row("created long ago", createdBefore(60), null, new StagingStep.RecordLost()),
        row("created, time lost", in(Phase.STAGING), null, new StagingStep.RecordLost()),
        row("stored, task there", finished(null), done, new StagingStep.ForgetTask(done)),
        row("stored, late create", finished(null), running, new StagingStep.ForgetTask(running)),
        row("stored", finished(null), null, new StagingStep.Done(Duration.ofSeconds(86_390))),
        row("to be told", finished(CALLBACK), done, new StagingStep.Deliver()),
        row("told", told(true, "Acknowledged"), done, new StagingStep.ForgetTask(done)),
        row("refused", told(false, "Refused"), done, new StagingStep.ForgetTask(done)),
        row(
            "told once in vain",
            attempts(1, 0),
            done,
            new StagingStep.AwaitDelivery(Duration.ofSeconds(1))),
        row("pause is over", attempts(1, 1), done, new StagingStep.Deliver()),
        row(
            "told often in vain",
            attempts(99, 10),
            done,
            new StagingStep.AwaitDelivery(Duration.ofSeconds(290))),
        row("expired", expired(), null, new StagingStep.Expire()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("table")
  void theNextStepFollowsFromRequestAndTask(
      String name, StagingRequest request, Optional<TaskResponse> task, StagingStep expected) {
    assertThat(stager.next(request, task)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "2,2", "3,4", "9,256", "10,300", "1000,300"})
  void thePauseBetweenDeliveriesDoublesUpToFiveMinutes(int attempts, long seconds) {
    assertThat(Stager.pauseAfter(attempts)).hasSeconds(seconds);
  }

  @Test
  void aTaskIsNeverDesiredOnceItsCreateWasNoted() {
    for (var age = 0; age < 3600; age += 7) {
      assertThat(stager.next(createdBefore(age), Optional.empty()))
          .isNotInstanceOf(StagingStep.DesireTask.class);
    }
  }

  @Test
  void aTaskOfSomebodyElseWithTheSameStagingGuidIsNotTouched() {
    var ours = request().stagingGuid("g").stored(null);
    var own = Tasks.told(TestTasks.running("g"), TOKENS.url("g", "uid-1"));
    var others = Tasks.told(TestTasks.running("g"), TOKENS.url("g", "uid-2"));
    var strangers = Tasks.told(TestTasks.running("g"), "http://stager/v1/staging/g/completed");
    assertThat(stager.next(ours, Optional.of(own))).isEqualTo(new StagingStep.RecordOutcome(own));
    assertThat(stager.next(ours, Optional.of(others))).isEqualTo(new StagingStep.RefuseGuid());
    assertThat(stager.next(ours, Optional.of(strangers))).isEqualTo(new StagingStep.RefuseGuid());
    var finished =
        request().stagingGuid("g").stored(status(Phase.FAILED, null, NOW.toString(), null, null));
    assertThat(stager.next(finished, Optional.of(others))).isInstanceOf(StagingStep.Done.class);
  }

  private static Arguments row(
      String name, StagingRequest request, TaskResponse task, StagingStep expected) {
    return Arguments.of(name, request, Optional.ofNullable(task), expected);
  }

  private static StagingRequest created(StagingRequestStatus status) {
    return request().stored(status);
  }

  private static StagingRequest in(Phase phase) {
    return created(status(phase, null, null, null, null));
  }

  private static StagingRequest cancelled(Phase phase) {
    return request().cancelled().stored(status(phase, null, null, null, null));
  }

  private static StagingRequest createdBefore(int seconds) {
    return created(status(Phase.STAGING, NOW.minusSeconds(seconds).toString(), null, null, null));
  }

  private static StagingRequest finished(String callback) {
    var status = status(Phase.SUCCEEDED, null, NOW.minusSeconds(10).toString(), null, null);
    return request().callback(callback).stored(status);
  }

  private static StagingRequest told(boolean delivered, String reason) {
    var condition = Conditions.of("Delivered", delivered, reason, "", 1);
    var status =
        status(Phase.FAILED, null, NOW.minusSeconds(10).toString(), List.of(condition), null);
    return request().callback(CALLBACK).stored(status);
  }

  private static StagingRequest attempts(int attempts, int secondsAgo) {
    var delivery = new Delivery(attempts, "refused", NOW.minusSeconds(secondsAgo).toString(), null);
    var status = status(Phase.SUCCEEDED, null, NOW.minusSeconds(10).toString(), null, delivery);
    return request().callback(CALLBACK).stored(status);
  }

  private static StagingRequest expired() {
    return request()
        .ttl(10)
        .stored(status(Phase.FAILED, null, NOW.minusSeconds(10).toString(), null, null));
  }

  private static StagingRequestStatus status(
      Phase phase,
      String createdAt,
      String finishedAt,
      List<Condition> conditions,
      Delivery delivery) {
    return new StagingRequestStatus(
        1L,
        phase,
        conditions,
        "uid-1",
        null,
        createdAt,
        null,
        finishedAt,
        null,
        null,
        null,
        delivery);
  }
}
