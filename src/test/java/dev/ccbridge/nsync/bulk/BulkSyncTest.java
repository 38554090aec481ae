package dev.ccbridge.nsync.bulk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.nsync.EmbeddedApi;
import dev.ccbridge.nsync.bulk.Outcome.Extent;
import dev.ccbridge.nsync.bulk.ScriptedServer.Answer;
import dev.ccbridge.nsync.bulk.ScriptedServer.Seen;
import dev.ccbridge.receptor.FakeReceptor.When;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rounds, and each row of the original's table of failures. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class BulkSyncTest {
  private static EmbeddedApi api;
  private BulkRig rig;

  @BeforeAll
  static void startApi() {
    api = EmbeddedApi.start();
  }

  @AfterAll
  static void stopApi() {
    api.close();
  }

  @AfterEach
  void close() {
    rig.close();
  }

  /** One app of each kind: fresh, stale, excess; and one that is missing. */
  private BulkRig mixed(int batchSize, Duration ccTimeout) throws Exception {
    rig = new BulkRig(api, batchSize, ccTimeout).watching();
    rig.wanted.want("fresh", "1");
    rig.wanted.want("stale", "1");
    rig.wanted.want("excess", "1");
    rig.round();
    rig.carryOut();
    rig.bump();
    rig.wanted.want("stale", "2");
    rig.wanted.forget("excess");
    rig.wanted.want("missing", "1");
    rig.awaitSeen();
    rig.receptor.resetCalls();
    return rig;
  }

  private BulkRig mixed() throws Exception {
    return mixed(500, Duration.ofSeconds(30));
  }

  @Test
  void whatIsMissingIsCreatedWhatIsStaleUpdatedWhatIsExcessDeleted() throws Exception {
    mixed();
    var asked = rig.cc.seen("POST").size();
    var outcome = rig.round();

    assertThat(outcome).isEqualTo(new Outcome(Extent.WHOLE, 3, 1, 1, 1, 0, 0));
    rig.assertStored(Map.of("fresh", "1", "stale", "2", "missing", "1"));
    assertThat(WantedApps.asked(rig.cc.seen("POST").subList(asked, rig.cc.seen("POST").size())))
        .containsExactlyInAnyOrder("missing", "stale");
    assertThat(rig.receptor.calls("createDesiredLRP")).as("the reconciler's matter").isZero();
    assertThat(rig.meters.counter("DesiredLRPSyncApps", "result", "created").count()).isEqualTo(4);
    assertThat(rig.meters.counter("DesiredLRPSyncApps", "result", "deleted").count()).isEqualTo(1);
    assertThat(rig.meters.timer("DesiredLRPSyncDuration").count()).isEqualTo(2);
  }

  @Test
  void aRoundInWhichNothingChangedWritesNothingAndAsksForNoApp() throws Exception {
    mixed();
    rig.round();
    rig.carryOut();
    rig.awaitSeen();
    rig.requests.clear();
    rig.receptor.resetCalls();
    var posts = rig.cc.seen("POST").size();
    var pages = rig.cc.seen("GET").size();

    var outcome = rig.sync.round();

    assertThat(outcome).isEqualTo(new Outcome(Extent.WHOLE, 3, 0, 0, 0, 0, 0));
    assertThat(rig.requests).as("to the Kubernetes API").isEmpty();
    assertThat(rig.cc.seen("POST")).hasSize(posts);
    assertThat(rig.cc.seen("GET")).hasSize(pages + 1);
    assertThat(rig.receptor.calls()).containsExactly("upsertDomain");
  }

  /** An app's etag says nothing of what somebody else changed. */
  @Test
  void whatWasScaledByHandStaysUntilCloudControllerChangesTheApp() throws Exception {
    mixed();
    rig.round();
    rig.client
        .resources(dev.ccbridge.api.DesiredLRP.class)
        .inNamespace(rig.namespace)
        .withName("fresh")
        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"instances\":5}}");
    rig.carryOut();

    assertThat(rig.round().updated()).isZero();
    assertThat(instances("fresh")).isEqualTo(5);

    rig.wanted.want("fresh", "2");
    assertThat(rig.round().updated()).isEqualTo(1);
    assertThat(instances("fresh")).isEqualTo(1);
  }

  private int instances(String guid) {
    return rig.resources().stream()
        .filter(lrp -> lrp.getSpec().processGuid().equals(guid))
        .findFirst()
        .orElseThrow()
        .getSpec()
        .instances();
  }

  @Test
  void pagesAreReadUntilOneIsNotFull() throws Exception {
    rig = new BulkRig(api, 2).watching();
    for (var i = 0; i < 4; i++) {
      rig.wanted.want("app-" + i, "1");
    }
    assertThat(rig.round().created()).isEqualTo(4);
    assertThat(rig.cc.seen("GET"))
        .extracting(Seen::path)
        .containsExactly(
            "/internal/bulk/apps?batch_size=2&format=fingerprint&token={}",
            "/internal/bulk/apps?batch_size=2&format=fingerprint&token={\"id\":2}",
            "/internal/bulk/apps?batch_size=2&format=fingerprint&token={\"id\":4}");
    assertThat(rig.cc.seen())
        .extracting(Seen::authorization)
        .containsOnly("Basic YnVsa19hcGk6dGhlLXBhc3N3b3Jk");
  }

  @Test
  void guidsThatDifferInCaseOnlyAreTwoApps() throws Exception {
    rig = new BulkRig(api, 500).watching();
    rig.wanted.want("App-A", "1");
    rig.wanted.want("app-a", "2");
    assertThat(rig.round().created()).isEqualTo(2);
    rig.assertStored(Map.of("App-A", "1", "app-a", "2"));
    rig.wanted.forget("app-a");
    assertThat(rig.round()).isEqualTo(new Outcome(Extent.WHOLE, 1, 0, 0, 1, 0, 0));
    rig.assertStored(Map.of("App-A", "1"));
  }

  @Test
  void anLrpWithoutAResourceIsAdoptedWhenWantedAndElseDeleted() throws Exception {
    rig = new BulkRig(api, 500);
    rig.desireAtReceptor("adopted", "1");
    rig.desireAtReceptor("unwanted", "1");
    rig.watching();
    rig.wanted.want("adopted", "1");
    assertThat(rig.round()).isEqualTo(new Outcome(Extent.WHOLE, 1, 1, 0, 1, 0, 0));
    rig.assertStored(Map.of("adopted", "1"));
    assertThat(rig.atReceptor()).containsExactly("adopted");
    assertThat(rig.bumps()).as("the Receptor has all that is wanted").isEqualTo(1);
  }

  @Test
  void whatWasMadeByHandIsLeftAlone() throws Exception {
    rig = new BulkRig(api, 500);
    rig.client
        .resource(
            Serialization.unmarshal(
                """
                apiVersion: ccbridge.dev/v1alpha1
                kind: DesiredLRP
                metadata: {name: by-hand, namespace: %s}
                spec: {source: {droplet: {uri: /droplets/x}}}
                """
                    .formatted(rig.namespace),
                dev.ccbridge.api.DesiredLRP.class))
        .create();
    rig.watching();
    assertThat(rig.round().deleted()).isZero();
  }

  @Test
  void anAppWhoseResourceIsBeingDeletedWaitsForTheNextRound() throws Exception {
    mixed();
    rig.wanted.forget("stale");
    rig.round();
    rig.wanted.want("stale", "3");
    await()
        .atMost(BulkRig.PATIENCE)
        .until(() -> rig.sync.knownApp("stale").filter(App::deleting).isPresent());
    rig.receptor.resetCalls();
    var outcome = rig.round();
    assertThat(outcome.held()).isEqualTo(1);
    assertThat(outcome.failed()).isZero();
    assertThat(rig.bumps()).isZero();

    rig.carryOut();
    assertThat(rig.round().created()).isEqualTo(1);
    assertThat(rig.stored()).containsEntry("stale", "3");
  }

  // ---- freshness ----

  @Test
  void theDomainIsFreshOnlyWhenTheReceptorHasWhatTheRoundWrote() throws Exception {
    mixed();
    assertThat(rig.round().isComplete()).isTrue();
    assertThat(rig.bumps()).isZero();
    rig.desireAtReceptor("missing", "1");
    rig.bump();
    assertThat(rig.bumps()).as("the stale one is not updated yet").isZero();
    rig.desireAtReceptor("stale", "2");
    rig.bump();
    assertThat(rig.bumps()).isEqualTo(1);
    rig.bump();
    assertThat(rig.bumps()).as("once per round").isEqualTo(1);
  }

  @Test
  void theDomainIsNotFreshWhileTheReceptorHasLostAnApp() throws Exception {
    mixed();
    rig.round();
    rig.carryOut();
    rig.receptor.deleteDesiredLRP("fresh");
    rig.awaitSeen();
    assertThat(rig.round().isComplete()).isTrue();
    assertThat(rig.bumps()).isZero();
    rig.carryOut();
    rig.bump();
    assertThat(rig.bumps()).isEqualTo(1);
  }

  // ---- the table of failures ----

  @Test
  void withoutTheListOfLrpsTheRoundIsGivenUpBeforeCloudControllerIsAsked() throws Exception {
    rig = new BulkRig(api, 500);
    rig.receptor.setReachable(false);
    rig.wanted.want("missing", "1");
    rig.sync.watch();
    assertThat(rig.sync.round()).isEqualTo(Outcome.givenUp());
    assertThat(rig.cc.seen()).isEmpty();
    assertThat(rig.bumps()).isZero();
    assertThat(rig.meters.timer("DesiredLRPSyncDuration").count()).isEqualTo(1);
  }

  @Test
  void withoutTheEventStreamTheRoundIsGivenUp() throws Exception {
    mixed();
    var asked = rig.cc.seen().size();
    rig.receptor.setReachable(false);
    rig.receptor.cutEvents();
    await().atMost(BulkRig.PATIENCE).until(() -> !rig.sync.isReady());
    assertThat(rig.sync.round()).isEqualTo(Outcome.givenUp());
    assertThat(rig.cc.seen()).hasSize(asked);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "not json",
        "",
        "null",
        "[]",
        "{}",
        "{\"fingerprints\":null}",
        "{\"fingerprints\":{}}",
        "{\"fingerprints\":[{\"process_guid\":\"fresh\",\"etag\":\"1\"}",
        "{\"fingerprints\":[{\"etag\":\"1\"}],\"token\":{}}",
        "{\"fingerprints\":[7]}",
        "{\"fingerprints\":[{\"process_guid\":7}]}"
      })
  void afterAnAnswerThatCannotBeUnderstoodNothingIsDeleted(String garbage) throws Exception {
    mixed();
    rig.faults.set(r -> r.method().equals("GET") ? Answer.json(garbage) : null);
    var outcome = rig.round();
    assertThat(outcome.extent()).isEqualTo(Extent.PARTIAL);
    rig.assertStored(Map.of("fresh", "1", "stale", "1", "excess", "1"));
    assertThat(rig.bumps()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"500", "401", "hang", "stall", "drop"})
  void whenALaterPageFailsTheEarlierOnesAreDoneAndNothingIsDeleted(String fault) throws Exception {
    mixed(1, Duration.ofSeconds(fault.equals("hang") || fault.equals("stall") ? 5 : 30));
    // fresh, stale, missing: the second page is the last one that comes.
    rig.faults.set(
        r ->
            !r.path().endsWith("token={\"id\":2}")
                ? null
                : switch (fault) {
                  case "hang" -> Answer.HANG;
                  case "stall" -> Answer.stall("{\"fingerprints\":[");
                  case "drop" -> Answer.DROP;
                  default -> Answer.status(Integer.parseInt(fault));
                });
    var outcome = rig.round();
    assertThat(outcome).isEqualTo(new Outcome(Extent.PARTIAL, 2, 0, 1, 0, 0, 0));
    rig.assertStored(Map.of("fresh", "1", "stale", "2", "excess", "1"));
    rig.carryOut();
    rig.bump();
    assertThat(rig.bumps()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",\"token\":null", ",\"token\":{}"})
  void aFullPageWithoutANewTokenIsAnError(String token) throws Exception {
    mixed(1, Duration.ofSeconds(30));
    rig.faults.set(
        r ->
            r.method().equals("GET")
                ? Answer.json(
                    "{\"fingerprints\":[{\"process_guid\":\"missing\",\"etag\":\"1\"}]"
                        + token
                        + "}")
                : null);
    assertThat(rig.round()).isEqualTo(new Outcome(Extent.PARTIAL, 1, 1, 0, 0, 0, 0));
    assertThat(rig.stored()).containsKeys("missing", "excess");
  }

  @ParameterizedTest
  @ValueSource(strings = {"missing", "stale"})
  void whenAppsCannotBeFetchedTheOtherBatchesAndTheDeletesAreDone(String failing) throws Exception {
    mixed();
    rig.faults.set(
        r -> r.method().equals("POST") && r.body().contains(failing) ? Answer.status(500) : null);
    var outcome = rig.round();
    assertThat(outcome.extent()).isEqualTo(Extent.WHOLE);
    assertThat(outcome.failed()).isEqualTo(1);
    assertThat(outcome.created() + outcome.updated()).isEqualTo(1);
    assertThat(outcome.deleted()).isEqualTo(1);
    assertThat(rig.stored()).doesNotContainKey("excess");
    rig.carryOut();
    rig.bump();
    assertThat(rig.bumps()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"oops", "{}", "[7]", "[{\"process_guid\":\"missing\"", "null"})
  void appsThatCannotBeUnderstoodAreNotWritten(String garbage) throws Exception {
    mixed();
    rig.faults.set(r -> r.method().equals("POST") ? Answer.json(garbage) : null);
    var outcome = rig.round();
    assertThat(outcome).isEqualTo(new Outcome(Extent.WHOLE, 3, 0, 0, 1, 2, 0));
    rig.assertStored(Map.of("fresh", "1", "stale", "1"));
  }

  @Test
  void anAppThatWasNotAskedForIsNotWritten() throws Exception {
    mixed();
    rig.faults.set(
        r ->
            r.method().equals("POST")
                ? Answer.json("[{\"process_guid\":\"foreign\",\"droplet_uri\":\"http://x.test\"}]")
                : null);
    assertThat(rig.round().failed()).isEqualTo(2);
    assertThat(rig.stored()).doesNotContainKey("foreign");
  }

  @Test
  void anAppThatVanishedIsNoFailure() throws Exception {
    mixed();
    rig.faults.set(r -> r.method().equals("POST") ? Answer.json("[]") : null);
    assertThat(rig.round()).isEqualTo(new Outcome(Extent.WHOLE, 3, 0, 0, 1, 0, 0));
    assertThat(rig.bumps()).as("it does not run any more").isEqualTo(1);
  }

  @Test
  void anAppWithoutARecipeHoldsUpTheDomainAndNothingElse() throws Exception {
    mixed();
    rig.wanted.want("bad", "1", "\"docker_image\":\"http://me:secret@registry.test/x\"");
    var outcome = rig.round();
    assertThat(outcome).isEqualTo(new Outcome(Extent.WHOLE, 4, 1, 1, 1, 1, 0));
    rig.assertStored(Map.of("fresh", "1", "stale", "2", "missing", "1"));
    rig.carryOut();
    rig.bump();
    assertThat(rig.bumps()).isZero();
  }

  @Test
  void anAppThatCannotBeWrittenHoldsUpTheDomainAndNothingElse() throws Exception {
    mixed();
    rig.beforeWrite.set(
        guid -> {
          if (guid.equals("missing")) {
            throw new IllegalStateException("the API server is away");
          }
        });
    assertThat(rig.round()).isEqualTo(new Outcome(Extent.WHOLE, 3, 0, 1, 1, 1, 0));
    rig.carryOut();
    rig.bump();
    assertThat(rig.bumps()).isZero();
  }

  @Test
  void aDeleteThatFailsIsNoObstacle() throws Exception {
    mixed();
    rig.desireAtReceptor("unwanted", "1");
    rig.beforeWrite.set(
        guid -> {
          if (guid.equals("excess")) {
            throw new IllegalStateException("the API server is away");
          }
        });
    assertThat(rig.round()).isEqualTo(new Outcome(Extent.WHOLE, 3, 1, 1, 1, 0, 0));
    assertThat(rig.stored()).containsKey("excess");
    assertThat(rig.atReceptor()).doesNotContain("unwanted");
    rig.carryOut();
    rig.bump();
    assertThat(rig.bumps()).isEqualTo(1);
  }

  @Test
  void aFailedDeclarationIsLeftToTheNextRound() throws Exception {
    mixed();
    rig.round();
    rig.carryOut();
    rig.awaitSeen();
    rig.receptor.failNext("upsertDomain", When.BEFORE);
    rig.sync.bumpFreshness();
    rig.sync.bumpFreshness();
    assertThat(rig.bumps()).isEqualTo(1);
    rig.round();
    assertThat(rig.bumps()).isEqualTo(2);
  }

  // ---- the loop ----

  @Test
  void roundsFollowEachOtherAndTheDomainIsKeptFresh() {
    rig = new BulkRig(api, 500);
    rig.wanted.want("app", "1");
    rig.sync.start();
    await().atMost(BulkRig.PATIENCE).until(() -> rig.stored().containsKey("app"));
    assertThat(rig.bumps()).isZero();
    rig.carryOut();
    await().atMost(BulkRig.PATIENCE).until(() -> rig.bumps() > 1);
  }

  @Test
  void closingEndsARoundInTheMiddle() throws Exception {
    mixed();
    var written = new CountDownLatch(1);
    rig.faults.set(
        r -> {
          if (r.method().equals("POST") && r.body().contains("missing")) {
            written.countDown();
            return Answer.HANG;
          }
          return null;
        });
    rig.receptor.resetCalls();
    rig.sync.startRounds();
    assertThat(written.await(60, TimeUnit.SECONDS)).isTrue();
    rig.sync.close();
    assertThat(rig.stored()).containsKey("excess").doesNotContainKey("missing");
    assertThat(rig.bumps()).isZero();
    var asked = rig.cc.seen().size();
    assertThat(rig.sync.isRunning()).isFalse();
    assertThat(rig.cc.seen()).hasSize(asked);
  }

  @Test
  void closingEndsARoundThatWaitsForRoomForItsNextBatch() throws Exception {
    rig = new BulkRig(api, 1).watching();
    for (var i = 0; i < 5; i++) {
      rig.wanted.want("app-" + i, "1");
    }
    rig.faults.set(r -> r.method().equals("POST") ? Answer.HANG : null);
    rig.sync.startRounds();
    await().pollDelay(Duration.ofMillis(200)).until(() -> rig.cc.seen("GET").size() == 3);

    rig.sync.close();

    assertThat(rig.sync.isRunning()).isFalse();
    assertThat(rig.cc.seen("GET")).hasSize(3);
  }
}
