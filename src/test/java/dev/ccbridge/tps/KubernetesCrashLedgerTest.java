package dev.ccbridge.tps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.devserver.DevServer;
import dev.ccbridge.devserver.DevServerConfig;
import dev.ccbridge.kube.EventRecorder;
import dev.ccbridge.kube.Names;
import dev.ccbridge.nsync.DesiredLRPReconciler;
import dev.ccbridge.nsync.NsyncConfig;
import dev.ccbridge.nsync.recipe.RecipeConfig;
import dev.ccbridge.receptor.EgressGaps;
import dev.ccbridge.receptor.FakeReceptor;
import dev.ccbridge.receptor.model.ActualLRPState;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.Operator;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the embedded Kubernetes API: what is told is in the status, and stays there. */
class KubernetesCrashLedgerTest {
  private static final String NAMESPACE = "default";
  private static DevServer api;
  private static KubernetesClient client;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    var crd = Files.readString(Path.of("crds/desiredlrps.ccbridge.dev-v1.yml"));
    var requests = Files.readString(Path.of("crds/stagingrequests.ccbridge.dev-v1.yml"));
    api = DevServer.start(DevServerConfig.inMemory(List.of(crd, requests)));
    var kubeconfig = directory.resolve("kubeconfig");
    api.writeKubeconfig(kubeconfig);
    client =
        new KubernetesClientBuilder()
            .withConfig(Config.fromKubeconfig(Files.readString(kubeconfig)))
            .build();
  }

  @AfterAll
  static void stop() {
    client.close();
    api.close();
  }

  @Test
  void whatWasToldIsReadBackToTheNanosecondByAnother() {
    create("Exact-Guid");
    var told = new CrashTold(7, 1_440_201_487_123_456_789L, "e-1");
    ledger().record(new CrashKey("Exact-Guid", 3), told);
    assertThat(ledger().find("Exact-Guid")).isEqualTo(Map.of(3, told));
  }

  @Test
  void theLatestTakesThePlaceOfTheOneBefore() {
    create("replaced");
    var ledger = ledger();
    ledger.record(new CrashKey("replaced", 0), new CrashTold(1, 1, "e"));
    ledger.record(new CrashKey("replaced", 1), new CrashTold(1, 1, ""));
    ledger.record(new CrashKey("replaced", 0), new CrashTold(2, 5, "e"));
    assertThat(ledger().find("replaced"))
        .isEqualTo(Map.of(0, new CrashTold(2, 5, "e"), 1, new CrashTold(1, 1, "")));
  }

  @Test
  void manyInstancesOfOneProcessDoNotTakeEachOthersAway() throws Exception {
    create("many");
    var ledger = ledger();
    try (var pool = Executors.newFixedThreadPool(16)) {
      IntStream.range(0, 60)
          .forEach(i -> pool.submit(() -> ledger.record(new CrashKey("many", i), told(i))));
    }
    assertThat(ledger().find("many")).hasSize(60).containsEntry(42, told(42));
  }

  @Test
  void aProcessWithoutAResourceIsKeptInMemoryAsLongAsItsInstancesAreThere() {
    var ledger = ledger();
    var key = new CrashKey("nowhere", 0);
    ledger.record(key, told(1));
    assertThat(ledger.find("nowhere")).isEqualTo(Map.of(0, told(1)));
    assertThat(ledger().find("nowhere")).isEmpty();
    ledger.keepOnly(Set.of(key));
    assertThat(ledger.find("nowhere")).hasSize(1);
    ledger.keepOnly(Set.of());
    assertThat(ledger.find("nowhere")).isEmpty();
  }

  @Test
  void whatIsNoTimeIsToldOnceMore() {
    create("edited");
    var status =
        """
        {"status": {"crashesTold": [{"index": 0, "crashCount": 1, "at": "yesterday"}]}}\
        """;
    client
        .resources(DesiredLRP.class)
        .inNamespace(NAMESPACE)
        .withName("edited")
        .subresource("status")
        .patch(PatchContext.of(PatchType.JSON_MERGE), status);
    assertThat(ledger().find("edited")).isEqualTo(Map.of(0, new CrashTold(1, 0, "")));
  }

  @Test
  void theReconcilerLeavesItAndTheNextProcessTellsNothingTwice() {
    var receptor = new FakeReceptor();
    create("app-1");
    var operator = reconciler(receptor);
    try (var cc = new FakeCrashedEndpoint()) {
      try (var watcher = watcher(receptor, cc)) {
        patiently().until(() -> receptor.findDesiredLRP("app-1").isPresent());
        receptor.runAll("app-1");
        receptor.crash("app-1", 0, "boom", ActualLRPState.UNCLAIMED);
        patiently().until(() -> told("app-1", 0) == 1);

        // Work for the reconciler, which writes the rest of the status each time.
        receptor.run("app-1", 0, "10.0.0.1", List.of());
        patiently().until(() -> Objects.equals(get("app-1").getStatus().ready(), "1/1"));
        assertThat(told("app-1", 0)).isEqualTo(1);
        receptor.crash("app-1", 0, "boom", ActualLRPState.CRASHED);
        patiently().until(() -> Objects.equals(get("app-1").getStatus().ready(), "0/1"));
        patiently().until(() -> told("app-1", 0) == 2);
        assertThat(watcher.untold()).isZero();
      }
      receptor.setEventsLost(true);
      receptor.crash("app-1", 0, "boom", ActualLRPState.CRASHED);
      try (var next = watcher(receptor, cc)) {
        patiently().until(() -> told("app-1", 0) == 3);
        awaitLists(receptor, 3);
        assertThat(next.untold()).isZero();
      }
      assertThat(cc.counts("app-1", 0)).containsExactly(1, 2, 3);
      assertThat(get("app-1").getMetadata().getManagedFields())
          .extracting(m -> m.getManager())
          .contains(KubernetesCrashLedger.FIELD_MANAGER, "cc-bridge-desired-lrp");
    } finally {
      operator.stop();
    }
  }

  private static int told(String guid, int index) {
    var told = ledger().find(guid).get(index);
    return told == null ? 0 : told.crashCount();
  }

  private static CrashTold told(int number) {
    return new CrashTold(number + 1, 1_000_000_007L * number, "e-" + number);
  }

  private static CrashLedger ledger() {
    return new KubernetesCrashLedger(client, NAMESPACE);
  }

  private static CrashWatcher watcher(FakeReceptor receptor, FakeCrashedEndpoint cc) {
    var config =
        new CrashWatcherConfig(
            Duration.ofMillis(100),
            Duration.ofMillis(20),
            Duration.ofMillis(20),
            Duration.ofMillis(20),
            Duration.ofMillis(100),
            50,
            true);
    var watcher =
        new CrashWatcher(config, receptor, cc.client, ledger(), new SimpleMeterRegistry());
    watcher.start();
    return watcher;
  }

  private static Operator reconciler(FakeReceptor receptor) {
    var config =
        new NsyncConfig(
            new RecipeConfig(Map.of("buildpack/cflinuxfs4", "bp.tgz"), "http://files.test"),
            1024,
            Duration.ofHours(1),
            Duration.ofMillis(50),
            Duration.ofMillis(10),
            Duration.ofMillis(100),
            Duration.ofMinutes(3),
            NAMESPACE,
            Duration.ofSeconds(1),
            Set.of(NAMESPACE),
            EgressGaps.UNKNOWN,
            false);
    var events = new EventRecorder(client, "cc-bridge", Clock.systemUTC());
    var operator =
        new Operator(
            o ->
                o.withKubernetesClient(client)
                    .withCloseClientOnStop(false)
                    .checkingCRDAndValidateLocalModel(false));
    operator.register(
        new DesiredLRPReconciler(
            config, receptor, uri -> uri, events, Clock.systemUTC(), new SimpleMeterRegistry()),
        o -> o.settingNamespace(NAMESPACE));
    operator.start();
    return operator;
  }

  private static void awaitLists(FakeReceptor receptor, int lists) {
    var before = receptor.calls("actualLRPs");
    patiently().until(() -> receptor.calls("actualLRPs") >= before + lists);
  }

  private static DesiredLRP get(String name) {
    return client.resources(DesiredLRP.class).inNamespace(NAMESPACE).withName(name).get();
  }

  private static void create(String processGuid) {
    var name = Names.fromGuid(processGuid);
    client
        .resource(
            Serialization.unmarshal(
                """
                apiVersion: ccbridge.dev/v1alpha1
                kind: DesiredLRP
                metadata: {name: %s, namespace: %s}
                spec:
                  processGuid: %s
                  source: {droplet: {uri: "http://droplets.test/d.tgz"}}
                  stack: cflinuxfs4
                  startCommand: run
                """
                    .formatted(name, NAMESPACE, processGuid),
                DesiredLRP.class))
        .create();
  }

  private static ConditionFactory patiently() {
    return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(20));
  }
}
