package dev.ccbridge.nsync;

import static dev.ccbridge.nsync.NsyncCluster.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ccbridge.cloudcontroller.model.CloudControllerJson;
import dev.ccbridge.cloudcontroller.model.DesireAppRequestFromCC;
import dev.ccbridge.receptor.FakeReceptor.When;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DesiredLRPReconcilerIT {
  private NsyncCluster cluster;

  @BeforeEach
  void createNamespace() {
    cluster = new NsyncCluster();
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void desiresAnLRPAndTellsWhereItsInstancesAreReached() {
    cluster.start();
    cluster.droplet("web", 2);

    var desired = cluster.onlyDesired();
    var uid = cluster.lrp("web").get().getMetadata().getUid();
    assertThat(desired.processGuid()).startsWith(uid + "-");
    assertThat(desired.domain()).isEqualTo("k8s-" + cluster.namespace);
    assertThat(Serialization.asJson(desired.routes())).contains("web.test");
    assertThat(cluster.awaitCondition("web", "Reconciling", "Starting"))
        .isEqualTo("0 of 2 instances run");

    cluster.receptor.runAll(desired.processGuid());

    cluster.awaitReady("web", "2/2");
    var status = cluster.lrp("web").get().getStatus();
    assertThat(status.processGuid()).isEqualTo(desired.processGuid());
    assertThat(status.selector()).isEqualTo("ccbridge.dev/process=" + desired.processGuid());
    assertThat(status.actual())
        .hasSize(2)
        .allMatch(a -> a.address().matches("127\\.0\\.0\\.1:61\\d+"));
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(eventReasons()).contains("Created", "Ready"));
  }

  @Test
  void scalesThroughTheScaleSubresourceWithoutANewVersion() {
    cluster.start();
    cluster.droplet("web", 1);
    var guid = cluster.onlyDesired().processGuid();
    cluster.receptor.runAll(guid);
    cluster.awaitReady("web", "1/1");

    cluster.scale("web", 3);
    await().atMost(PATIENCE).until(() -> cluster.onlyDesired().instances() == 3);
    cluster.receptor.runAll(guid);
    cluster.awaitReady("web", "3/3");

    cluster.scale("web", 0);
    cluster.awaitReady("web", "0/0");
    assertThat(cluster.onlyDesired().processGuid()).isEqualTo(guid);
    assertThat(cluster.receptor.createdLRPs()).hasSize(1);
    assertThat(cluster.receptor.currentActualLRPs()).isEmpty();
  }

  @Test
  void changesRoutesInPlaceAndKeepsWhatOthersPutThere() {
    cluster.start();
    cluster.create(
        "web",
        """
        source: {droplet: {uri: /d}}
        allowSSH: true
        routes: [{hostname: a.test}]
        """);
    var before = cluster.onlyDesired();

    cluster.patchSpec(
        "web", "{\"routes\":[{\"hostname\":\"b.test\"},{\"hostname\":\"c.test\",\"port\":9090}]}");

    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(cluster.onlyDesired().routes().get("cf-router").toString())
                    .isEqualTo(
                        "[{\"hostnames\":[\"b.test\"],\"port\":8080},{\"hostnames\":[\"c.test\"],\"port\":9090}]"));
    assertThat(cluster.onlyDesired().processGuid()).isEqualTo(before.processGuid());
    assertThat(cluster.onlyDesired().routes())
        .containsEntry("diego-ssh", before.routes().get("diego-ssh"));
  }

  @Test
  void theOldVersionGoesWhenTheNewOneRunsCompletely() {
    cluster.start();
    cluster.droplet("web", 2);
    var old = cluster.onlyDesired().processGuid();
    cluster.receptor.runAll(old);
    cluster.awaitReady("web", "2/2");

    cluster.patchSpec("web", "{\"memoryMB\":512}");
    var fresh = cluster.awaitOther(old);
    cluster.receptor.run(fresh, 0, "127.0.0.1", List.of());
    cluster.awaitStatus("web", s -> "1/2".equals(s.ready()) && fresh.equals(s.processGuid()));
    assertThat(cluster.awaitCondition("web", "Reconciling", "RollingOut"))
        .contains("1 of 2 instances run", old + ": 2 instances");
    assertThat(cluster.desired()).containsExactlyInAnyOrder(old, fresh);

    cluster.receptor.runAll(fresh);
    cluster.awaitReady("web", "2/2");
    assertThat(cluster.desired()).containsExactly(fresh);
  }

  @Test
  void recreateStopsTheOldVersionBeforeTheNewOneStarts() {
    cluster.start();
    cluster.create("web", "{source: {droplet: {uri: /d}}, update: {strategy: Recreate}}");
    var old = cluster.onlyDesired().processGuid();
    cluster.receptor.runAll(old);
    cluster.awaitReady("web", "1/1");
    cluster.receptor.setStopsSlowly(true);

    cluster.patchSpec("web", "{\"startCommand\":\"other\"}");

    cluster.awaitCondition("web", "Reconciling", "Recreating");
    assertThat(cluster.desired()).isEmpty();
    cluster.receptor.letStop(old);
    var fresh = cluster.onlyDesired().processGuid();
    assertThat(fresh).isNotEqualTo(old);
    cluster.receptor.runAll(fresh);
    cluster.awaitReady("web", "1/1");
  }

  @Test
  void aNewVersionThatFailsLeavesTheOldOneRunning() {
    cluster.start();
    cluster.droplet("web", 1);
    var old = cluster.onlyDesired().processGuid();
    cluster.receptor.runAll(old);
    cluster.awaitReady("web", "1/1");

    cluster.patchSpec("web", "{\"startCommand\":\"broken\"}");
    var fresh = cluster.awaitOther(old);
    cluster.receptor.setLogs(
        fresh, List.of(new LogLine(1, "APP", 0, true, "sh: broken: not found")));
    for (var crash = 1; crash <= 3; crash++) {
      cluster.receptor.claim(fresh, 0, "cell-1");
      cluster.receptor.crash(fresh, 0, "Exited with status 127", ActualLRPState.CRASHED);
    }

    var message = cluster.awaitCondition("web", "Stalled", "CrashLooping");
    assertThat(message)
        .contains("instance 0 crashed 3 times", "Exited with status 127", "sh: broken: not found")
        .contains("old version " + old + ": 1 instance");
    assertThat(cluster.desired()).containsExactlyInAnyOrder(old, fresh);

    // Repaired, the broken version goes, too.
    cluster.patchSpec("web", "{\"startCommand\":\"right\"}");
    await().atMost(PATIENCE).until(() -> cluster.receptor.createdLRPs().size() == 3);
    var right = cluster.receptor.createdLRPs().get(2).processGuid();
    cluster.receptor.runAll(right);
    cluster.awaitReady("web", "1/1");
    assertThat(cluster.desired()).containsExactly(right);
  }

  @Test
  void waitsForTheStagingRequestAndFollowsIt() {
    cluster.start();
    cluster.create("web", "{source: {stagingRequestRef: {name: build}}}");
    assertThat(cluster.awaitCondition("web", "Reconciling", "WaitingForStaging"))
        .contains("build does not exist");
    cluster.stagingRequest("build");
    cluster.stagingStatus("build", "{\"phase\":\"Staging\"}");
    cluster.awaitStatus(
        "web", s -> s.conditions().getFirst().getMessage().contains("is being staged"));
    assertThat(cluster.desired()).isEmpty();

    cluster.stagingStatus("build", succeeded("/droplets/1"));
    var first = cluster.onlyDesired();
    assertThat(Serialization.asJson(first.setup())).contains("http://blobs.test/droplets/1?token=");
    cluster.receptor.runAll(first.processGuid());
    cluster.awaitReady("web", "1/1");

    deleteStagingRequest();
    cluster.scale("web", 2);
    await().atMost(PATIENCE).until(() -> cluster.onlyDesired().instances() == 2);
    cluster.receptor.runAll(first.processGuid());
    cluster.awaitReady("web", "2/2");

    cluster.stagingRequest("build");
    cluster.stagingStatus(
        "build", "{\"phase\":\"Failed\",\"failure\":{\"id\":\"NoAppDetectedError\"}}");
    assertThat(cluster.awaitCondition("web", "Stalled", "StagingFailed"))
        .contains("NoAppDetectedError", "keeps running, 2 instances");

    cluster.stagingStatus("build", succeeded("/droplets/2"));
    var second = cluster.awaitOther(first.processGuid());
    cluster.receptor.runAll(second);
    cluster.awaitReady("web", "2/2");
    assertThat(cluster.desired()).containsExactly(second);
  }

  @Test
  void aDeletedResourceGoesWhenItsLastInstanceHasStopped() {
    cluster.start();
    cluster.droplet("web", 1);
    var guid = cluster.onlyDesired().processGuid();
    cluster.receptor.runAll(guid);
    cluster.awaitReady("web", "1/1");
    cluster.receptor.setStopsSlowly(true);

    cluster.lrp("web").delete();

    cluster.awaitStatus(
        "web", s -> s.conditions().getFirst().getMessage().equals("1 instance is stopping"));
    assertThat(cluster.desired()).isEmpty();
    assertThat(cluster.lrp("web").get().getFinalizers()).isNotEmpty();
    cluster.receptor.letStop(guid);
    cluster.awaitGone("web");
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(eventReasons()).contains("Deleted"));
  }

  @Test
  void withNothingChangedNothingIsWrittenOrAsked() {
    cluster.start();
    cluster.droplet("web", 2);
    cluster.receptor.runAll(cluster.onlyDesired().processGuid());
    cluster.awaitReady("web", "2/2");
    cluster.assertIdle();
    cluster.stop();
    cluster.receptor.resetCalls();
    cluster.writes.clear();

    // A start reconciles everything once.
    cluster.start();
    await().atMost(PATIENCE).until(() -> cluster.receptor.calls("upsertDomain") == 1);
    cluster.assertIdle();

    assertThat(cluster.writes).isEmpty();
    assertThat(cluster.receptor.calls())
        .containsExactlyInAnyOrder(
            "subscribeToEvents", "actualLRPs", "desiredLRPs", "upsertDomain");
  }

  @Test
  void aBurstOfChangesLeadsToFewWrites() {
    cluster.start();
    cluster.droplet("web", 50);
    cluster.receptor.runAll(cluster.onlyDesired().processGuid());
    cluster.awaitReady("web", "50/50");
    assertThat(cluster.writes).hasSizeLessThan(15);
  }

  @Test
  void aLostEventIsRepairedByTheRegularList() {
    cluster.start(Duration.ofMillis(200));
    cluster.droplet("web", 1);
    var guid = cluster.onlyDesired().processGuid();
    cluster.receptor.setEventsLost(true);
    cluster.receptor.runAll(guid);
    cluster.awaitReady("web", "1/1");
    // Somebody else's delete, of which no event tells either, is undone.
    cluster.receptor.deleteDesiredLRP(guid);
    await().atMost(PATIENCE).until(() -> cluster.desired().contains(guid));
  }

  @Test
  void anLRPWithoutAResourceIsRemovedFromAFreshDomainOnly() {
    cluster.start(Duration.ofMillis(200));
    cluster.droplet("web", 1);
    cluster.receptor.runAll(cluster.onlyDesired().processGuid());
    cluster.awaitReady("web", "1/1");
    var mine = cluster.receptor.createdLRPs().getFirst();
    var orphan = "00000000-0000-4000-8000-000000000000-0123456789";
    cluster.receptor.createDesiredLRP(Requests.copy(mine, orphan, mine.domain()));
    cluster.receptor.createDesiredLRP(Requests.copy(mine, "made-by-somebody", mine.domain()));
    cluster.receptor.createDesiredLRP(Requests.copy(mine, orphan + "a", "k8s-other"));

    await().atMost(PATIENCE).until(() -> !cluster.desired().contains(orphan));

    assertThat(cluster.receptor.domains()).containsExactly("k8s-" + cluster.namespace);
    assertThat(cluster.desired())
        .containsExactlyInAnyOrder(mine.processGuid(), "made-by-somebody", orphan + "a");
  }

  @Test
  void whoPullsAPrivateImageStandsInASecretOnly() {
    cluster.start();
    cluster.create("web", "{source: {docker: {image: a/b, credentialsSecretRef: {name: hub}}}}");
    assertThat(cluster.awaitCondition("web", "Stalled", "SecretMissing"))
        .contains("spec.source.docker.credentialsSecretRef", "Secret hub does not exist");
    secret("hub", Map.of("username", "me", "password", NsyncCluster.CANARY));
    cluster.patchSpec("web", "{\"etag\":\"1\"}");

    var lrp = cluster.onlyDesired();
    assertThat(lrp.imageUsername()).isEqualTo("me");
    assertThat(lrp.imagePassword()).isEqualTo(NsyncCluster.CANARY);
    assertThat(Serialization.asJson(cluster.lrp("web").get())).doesNotContain(NsyncCluster.CANARY);
  }

  @Test
  void valuesFromSecretsReachTheProcessAndNothingElse() {
    cluster.start();
    cluster.create(
        "web",
        """
        source: {droplet: {uri: /d}}
        environment:
        - {name: PLAIN, value: seen}
        - {name: PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}
        """);
    assertThat(cluster.awaitCondition("web", "Stalled", "SecretMissing"))
        .contains("PASSWORD", "Secret db does not exist", "password");
    secret();
    cluster.patchSpec("web", "{\"etag\":\"1\"}");
    var lrp = cluster.onlyDesired();
    assertThat(Serialization.asJson(lrp.action())).contains(NsyncCluster.CANARY);

    cluster.receptor.setLogs(
        lrp.processGuid(),
        List.of(new LogLine(1, "APP", 0, false, "cannot log in with " + NsyncCluster.CANARY)));
    cluster.receptor.claim(lrp.processGuid(), 0, "cell-1");
    cluster.receptor.crash(lrp.processGuid(), 0, "Exited with status 1", ActualLRPState.UNCLAIMED);

    assertThat(cluster.awaitCondition("web", "Reconciling", "InstanceCrashed"))
        .contains("cannot log in with ***");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(eventReasons()).contains("InstanceCrashed"));
    assertThat(Serialization.asJson(cluster.lrp("web").get())).doesNotContain(NsyncCluster.CANARY);
    assertThat(
            Serialization.asJson(cluster.user.v1().events().inNamespace(cluster.namespace).list()))
        .doesNotContain(NsyncCluster.CANARY);
  }

  @Test
  void ofTwoResourcesWithOneProcessGuidTheOlderOneCounts() {
    cluster.start();
    var spec = "{source: {droplet: {uri: /d}}, processGuid: app-1, etag: \"%s\"}";
    cluster.create("first", spec.formatted("one"));
    cluster.onlyDesired();
    // Creation times have whole seconds.
    var created = cluster.lrp("first").get().getMetadata().getCreationTimestamp();
    await()
        .atMost(PATIENCE)
        .until(
            () -> java.time.Instant.now().isAfter(java.time.Instant.parse(created).plusSeconds(1)));
    cluster.create("second", spec.formatted("two"));
    cluster.awaitCondition("second", "Stalled", "ProcessGuidInUse");

    cluster.lrp("second").delete();
    cluster.awaitGone("second");
    assertThat(cluster.onlyDesired().annotation()).isEqualTo("one");
    assertThat(cluster.onlyDesired().domain()).isEqualTo("cf-apps");
  }

  @Test
  void anImageThatCannotBeReadStallsAndSaysWhy() {
    cluster.start();
    cluster.create("web", "{source: {docker: {image: \"docker://a/b\"}}}");
    assertThat(cluster.awaitCondition("web", "Stalled", "InvalidRecipe"))
        .contains("should not contain scheme");
    cluster.patchSpec("web", "{\"source\":{\"docker\":{\"image\":\"a/b:1\"}}}");
    assertThat(cluster.onlyDesired().rootfs()).isEqualTo("docker:///a/b#1");
  }

  @Test
  void whatTheReceptorRefusesStallsUntilTheSpecChanges() {
    cluster.receptor.failNext(
        "createDesiredLRP",
        When.BEFORE,
        new ReceptorException(ReceptorErrorName.InvalidLRP, "Invalid field: routes"));
    cluster.start();
    cluster.droplet("web", 1);
    assertThat(cluster.awaitCondition("web", "Stalled", "InvalidRecipe"))
        .isEqualTo("the Receptor refuses it: Invalid field: routes");
    cluster.assertIdle();
    assertThat(cluster.receptor.calls("createDesiredLRP")).isEqualTo(1);
    cluster.patchSpec("web", "{\"routes\":[]}");
    cluster.receptor.runAll(cluster.onlyDesired().processGuid());
    cluster.awaitReady("web", "1/1");
  }

  @Test
  void aReceptorThatIsAwayIsSaidAndWaitedFor() {
    cluster.receptor.setReachable(false);
    cluster.start();
    cluster.droplet("web", 1);
    cluster.awaitCondition("web", "Reconciling", "ReceptorUnavailable");
    cluster.receptor.setReachable(true);
    cluster.receptor.runAll(cluster.onlyDesired().processGuid());
    cluster.awaitReady("web", "1/1");
  }

  @Test
  void theWordsOfAFailingReceptorAreInTheStatus() {
    var failing = new AtomicBoolean(true);
    cluster.receptor.intercept(
        (when, operation, number) -> {
          if (failing.get() && operation.equals("createDesiredLRP") && when == When.BEFORE) {
            throw ReceptorException.unavailable("etcd has no leader", null);
          }
        });
    cluster.start();
    cluster.droplet("web", 1);
    assertThat(cluster.awaitCondition("web", "Reconciling", "ReceptorUnavailable"))
        .isEqualTo("trying again: etcd has no leader");
    failing.set(false);
    cluster.receptor.runAll(cluster.onlyDesired().processGuid());
    cluster.awaitReady("web", "1/1");
  }

  @Test
  void anAppOfCloudControllerWaitsForItsSecretAndThenStalls() {
    cluster.start();
    cluster.create(
        "app-1",
        """
        processGuid: app-1
        source: {droplet: {uriFrom: {secretKeyRef: {name: app-1, key: droplet-uri}}}}
        """);
    cluster.ahead = Duration.ofSeconds(5);
    assertThat(cluster.awaitCondition("app-1", "Reconciling", "SecretMissing"))
        .contains("Secret app-1 does not exist");
    cluster.ahead = Duration.ofSeconds(40);
    cluster.awaitCondition("app-1", "Stalled", "SecretMissing");
    assertThat(cluster.desired()).isEmpty();

    secret("app-1", "droplet-uri", "http://bits.test/d");
    cluster.patchSpec("app-1", "{\"etag\":\"1\"}");
    assertThat(Serialization.asJson(cluster.onlyDesired().setup())).contains("http://bits.test/d");
  }

  @Test
  void aDropletUriFromASecretOfTheUsersReachesTheSetupAndNothingElse() {
    var uri = "http://user:" + NsyncCluster.CANARY + "@bits.test/d?sig=" + NsyncCluster.CANARY;
    secret("bits", "uri", uri);
    cluster.start();
    cluster.create("web", "source: {droplet: {uriFrom: {secretKeyRef: {name: bits, key: uri}}}}\n");
    var lrp = cluster.onlyDesired();
    assertThat(Serialization.asJson(lrp.setup())).contains(uri);

    cluster.receptor.setLogs(
        lrp.processGuid(), List.of(new LogLine(1, "CELL", 0, false, "cannot fetch " + uri)));
    cluster.receptor.claim(lrp.processGuid(), 0, "cell-1");
    cluster.receptor.crash(lrp.processGuid(), 0, "Downloading failed", ActualLRPState.UNCLAIMED);
    assertThat(cluster.awaitCondition("web", "Reconciling", "InstanceCrashed")).contains("***");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(eventReasons()).contains("InstanceCrashed"));
    assertThat(Serialization.asJson(cluster.lrp("web").get())).doesNotContain(NsyncCluster.CANARY);
    assertThat(
            Serialization.asJson(cluster.user.v1().events().inNamespace(cluster.namespace).list()))
        .doesNotContain(NsyncCluster.CANARY);
  }

  @Test
  void anAppOfCloudControllerIsScaledLikeAnyOther() {
    cluster.start();
    cluster.apps().desire(app("app-1", 1));
    cluster.onlyDesired();

    cluster.scale("app-1", 3);
    await().atMost(PATIENCE).until(() -> cluster.onlyDesired().instances() == 3);
    assertThat(cluster.onlyDesired().annotation()).as("the etag").isEqualTo("1");
    assertThat(cluster.desired()).containsExactly("app-1");

    cluster.apps().desire(app("app-1", 2));
    await().atMost(PATIENCE).until(() -> cluster.onlyDesired().instances() == 2);
  }

  @Test
  void anAppThatIsDesiredWhileItsResourceGoesIsCreatedAnew() throws Exception {
    cluster.start();
    cluster.apps().desire(app("app-1", 1));
    cluster.onlyDesired();
    cluster.receptor.runAll("app-1");
    cluster.awaitReady("app-1", "1/1");
    var first = cluster.lrp("app-1").get().getMetadata().getUid();
    cluster.receptor.setStopsSlowly(true);
    cluster.apps().delete("app-1");
    await().atMost(PATIENCE).until(() -> cluster.desired().isEmpty());

    try (var pool = Executors.newSingleThreadExecutor()) {
      var desired = pool.submit(() -> cluster.apps().desire(app("app-1", 2)));
      assertThat(cluster.lrp("app-1").get().isMarkedForDeletion()).isTrue();
      assertThat(desired.isDone()).as("waits for the old one's instances").isFalse();
      cluster.receptor.letStop("app-1");
      desired.get();
    }
    assertThat(cluster.onlyDesired().instances()).isEqualTo(2);
    assertThat(cluster.lrp("app-1").get().getMetadata().getUid()).isNotEqualTo(first);
  }

  private static DesireAppRequestFromCC app(String guid, int instances) {
    try {
      return CloudControllerJson.mapper()
          .readValue(
              """
              {"process_guid":"%s","droplet_uri":"http://cc.test/d","stack":"cflinuxfs4",
               "num_instances":%d,"memory_mb":128,"disk_mb":256,"etag":"1","routes":["a.test"]}
              """
                  .formatted(guid, instances),
              DesireAppRequestFromCC.class);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static String succeeded(String droplet) {
    return """
    {"phase":"Succeeded","failure":null,"result":{"dropletUri":"%s","startCommand":"run",
     "executionMetadata":"{\\"start_command\\":\\"run\\"}"}}
    """
        .formatted(droplet);
  }

  private void deleteStagingRequest() {
    cluster
        .user
        .resources(dev.ccbridge.api.StagingRequest.class)
        .inNamespace(cluster.namespace)
        .withName("build")
        .delete();
  }

  private void secret() {
    secret("db", "password", NsyncCluster.CANARY);
  }

  private void secret(String name, String key, String value) {
    secret(name, Map.of(key, value));
  }

  private void secret(String name, Map<String, String> values) {
    cluster
        .user
        .secrets()
        .inNamespace(cluster.namespace)
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withStringData(values)
                .build())
        .create();
  }

  private List<String> eventReasons() {
    return cluster.user.v1().events().inNamespace(cluster.namespace).list().getItems().stream()
        .map(e -> e.getReason())
        .toList();
  }
}
