package dev.ccbridge.nsync.bulk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.cloudcontroller.client.BulkClient;
import dev.ccbridge.cloudcontroller.client.CloudControllerConfig;
import dev.ccbridge.cloudcontroller.model.DesireAppRequestFromCC;
import dev.ccbridge.nsync.AppResources;
import dev.ccbridge.nsync.EmbeddedApi;
import dev.ccbridge.nsync.NsyncConfig;
import dev.ccbridge.receptor.FakeReceptor;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.DesiredLRPCreateRequest;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;

/** A bulker between a scripted Cloud Controller, an embedded Kubernetes API and a fake Receptor. */
final class BulkRig implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);

  final WantedApps wanted = new WantedApps();

  /** In place of {@link #wanted}, where it answers. */
  final AtomicReference<ScriptedServer.Script> faults = new AtomicReference<>(request -> null);

  /** What the writer does first. */
  final AtomicReference<java.util.function.Consumer<String>> beforeWrite =
      new AtomicReference<>(guid -> {});

  final List<String> requests = new CopyOnWriteArrayList<>();
  final FakeReceptor receptor = new FakeReceptor();
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final ScriptedServer cc = new ScriptedServer(this::answer);
  final KubernetesClient client;
  final String namespace;
  final BulkSync sync;
  private final BulkClient bulkClient;

  BulkRig(EmbeddedApi api, int batchSize) {
    this(api, batchSize, Duration.ofSeconds(30));
  }

  BulkRig(EmbeddedApi api, int batchSize, Duration ccTimeout) {
    client = api.client(requests);
    namespace = EmbeddedApi.namespace(client);
    bulkClient =
        new BulkClient(
            new CloudControllerConfig(
                Optional.of(cc.uri()), "bulk_api", "the-password", ccTimeout));
    var config =
        new BulkSyncConfig(
            namespace,
            batchSize,
            Duration.ofMillis(20),
            Duration.ofMinutes(2),
            50,
            PATIENCE,
            Duration.ofHours(1),
            Duration.ofMillis(20));
    sync = new BulkSync(config, bulkClient, client, receptor, writer(), meters, Clock.systemUTC());
  }

  private ScriptedServer.Answer answer(ScriptedServer.Seen request) throws Exception {
    var fault = faults.get().answer(request);
    return fault == null ? wanted.answer(request) : fault;
  }

  private AppWriter writer() {
    var resources =
        new AppResources(
            NsyncConfig.of(
                    Map.of("buildpack/cflinuxfs2", "bp.tgz", "docker", "docker.tgz"),
                    "http://files.test")
                .withCcNamespace(namespace),
            client);
    return new AppWriter() {
      @Override
      public void desire(DesireAppRequestFromCC app, boolean known) {
        beforeWrite.get().accept(app.processGuid());
        resources.desire(app, known);
      }

      @Override
      public void delete(String processGuid) {
        beforeWrite.get().accept(processGuid);
        resources.delete(processGuid);
      }
    };
  }

  /** Watches, and has seen everything. */
  BulkRig watching() {
    sync.watch();
    await().atMost(PATIENCE).until(sync::isReady);
    return this;
  }

  /** A round that begins when all that was written before has been seen. */
  Outcome round() throws InterruptedException {
    awaitSeen();
    return sync.round();
  }

  void awaitSeen() {
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              var stored = resources();
              return stored.stream()
                      .allMatch(
                          lrp ->
                              sync.knownApp(lrp.getSpec().processGuid())
                                  .filter(a -> a.etag().equals(etag(lrp)))
                                  .isPresent())
                  && sync.knownApps() == stored.size();
            });
    sync.relist();
    await().atMost(PATIENCE).until(sync::isReady);
  }

  /** Those with a process guid. */
  List<DesiredLRP> resources() {
    return client.resources(DesiredLRP.class).inNamespace(namespace).list().getItems().stream()
        .filter(lrp -> lrp.getSpec().processGuid() != null)
        .toList();
  }

  /** Guid and etag of each resource that is not being deleted. */
  Map<String, String> stored() {
    return resources().stream()
        .filter(lrp -> !lrp.isMarkedForDeletion())
        .collect(
            java.util.stream.Collectors.toMap(lrp -> lrp.getSpec().processGuid(), BulkRig::etag));
  }

  private static String etag(DesiredLRP lrp) {
    return Optional.ofNullable(lrp.getSpec().etag()).orElse("");
  }

  /** Does what the reconciler does: the Receptor has every resource's LRP. */
  void carryOut() {
    stored().forEach(this::desireAtReceptor);
    for (var lrp : receptor.currentDesiredLRPs()) {
      if (!stored().containsKey(lrp.processGuid())) {
        receptor.deleteDesiredLRP(lrp.processGuid());
      }
    }
    for (var lrp : resources()) {
      if (lrp.isMarkedForDeletion()) {
        client
            .resource(lrp)
            .edit(
                l -> {
                  l.getMetadata().setFinalizers(List.of());
                  return l;
                });
      }
    }
  }

  void desireAtReceptor(String guid, String etag) {
    if (atReceptor().contains(guid)) {
      receptor.deleteDesiredLRP(guid);
    }
    receptor.createDesiredLRP(
        new DesiredLRPCreateRequest(
            guid,
            "cf-apps",
            "preloaded:cflinuxfs2",
            1,
            List.of(),
            null,
            Action.run("vcap", "/x", List.of(), List.of(), null, ""),
            null,
            0,
            0,
            0,
            1,
            true,
            List.of(8080),
            Map.of(),
            "",
            "",
            "",
            etag,
            List.of(),
            "",
            ""));
  }

  List<String> atReceptor() {
    return receptor.currentDesiredLRPs().stream().map(DesiredLRPResponse::processGuid).toList();
  }

  int bumps() {
    return receptor.calls("upsertDomain");
  }

  /** The Receptor's side has been seen; then the domain is bumped if it may be. */
  void bump() {
    awaitSeen();
    sync.bumpFreshness();
  }

  void assertStored(Map<String, String> expected) {
    assertThat(stored()).isEqualTo(expected);
  }

  @Override
  public void close() {
    sync.close();
    bulkClient.close();
    cc.close();
    receptor.close();
    client.close();
  }
}
