package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.kube.Conditions;
import dev.ccbridge.kubernetes.ApiServer;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What people do with the two resources, scene by scene, in one namespace, with the operator under
 * the chart's ServiceAccount.
 */
final class RightsLife implements AutoCloseable {
  private final ApiServer server;
  private final KubernetesClient admin;
  private final ChartRights rights;
  private final String namespace;
  private final Duration patience;
  private final Path data;
  private final List<String> options;
  private Program operator;

  /** A part of the life, which fails when the operator does not do its part. */
  interface Scene {
    void play() throws Exception;
  }

  /**
   * @param namespace that the resources are in
   * @param patience how long each thing may take
   * @param options of the operator, besides where the API is
   */
  RightsLife(
      ApiServer server,
      ChartRights rights,
      String namespace,
      Duration patience,
      Path data,
      List<String> options) {
    this.server = server;
    this.admin = server.client();
    this.rights = rights;
    this.namespace = namespace;
    this.patience = patience;
    this.data = data;
    this.options = options;
  }

  /** How somebody asks an app for something. */
  interface Asking {
    void ask(URI uri) throws Exception;
  }

  /** With local processes, in the order in which they have to be played. */
  Map<String, Scene> scenes() {
    var scenes = new LinkedHashMap<String, Scene>();
    scenes.put("starts and leads", this::start);
    scenes.put("stages with a Secret", this::stage);
    scenes.put("runs", this::runInTheMachinesNetwork);
    scenes.put("scales", this::scale);
    scenes.put("tells of crashes", () -> crash(CloudControllerE2E::get));
    scenes.put("starts again", this::startAgainWithItsProcesses);
    scenes.put("updates", this::update);
    scenes.put("deletes an old request", this::expire);
    scenes.put("deletes", this::delete);
    scenes.put("ends and gives its leases back", () -> end(2));
    return scenes;
  }

  void start() throws Exception {
    var kubeconfig = data.resolve("kubeconfig");
    Files.writeString(
        kubeconfig,
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: c, cluster: {server: "%s", certificate-authority: "%s"}}]
        users: [{name: u, user: {token: "%s"}}]
        contexts: [{name: x, context: {cluster: c, user: u, namespace: default}}]
        current-context: x
        """
            .formatted(server.uri(), server.certificate(), rights.token()));
    var arguments =
        new java.util.ArrayList<>(
            List.of("operator", "--kubeconfig", kubeconfig.toString(), "--data", data.toString()));
    arguments.addAll(options);
    operator = Program.ccBridge(Map.of(), arguments.toArray(String[]::new));
    operator.awaitLine("operator.started", patience.multipliedBy(2));
    operator.awaitLine("cc-bridge-stager.leading", patience);
    operator.awaitLine("cc-bridge-nsync.leading", patience);
    await("the key of callbacks for whoever takes over")
        .atMost(patience)
        .until(
            () ->
                admin
                        .secrets()
                        .inNamespace(rights.namespace())
                        .withName("cc-bridge-callback-key")
                        .get()
                    != null);
  }

  void stage() {
    admin
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("creds")
                .endMetadata()
                .withStringData(Map.of("token", "t"))
                .build())
        .create();
    create(
        StagingRequest.class,
        """
        kind: StagingRequest
        metadata: {name: build}
        spec:
          buildpack: {appBits: {uri: /v1/static/samples/hello-procfile.tgz}}
          environment: [{name: TOKEN, valueFrom: {secretKeyRef: {name: creds, key: token}}}]
        """);
    await("staged")
        .atMost(patience)
        .until(
            () ->
                Conditions.isTrue(
                    named(StagingRequest.class, "build").get().getStatus().conditions(), "Ready"));
    awaitEvent(event -> event.getReason().equals("StagingSucceeded"));
  }

  private void runInTheMachinesNetwork() {
    run("egressRules: [{protocol: all, destinations: [10.0.0.0/8]}]");
    assertThat(egressNotEnforced()).contains("network of their machine");
  }

  /** What the app's condition says of its egress rules. */
  String egressNotEnforced() {
    var conditions = named(DesiredLRP.class, "web").get().getStatus().conditions();
    return Conditions.find(conditions, Conditions.EGRESS_ENFORCED).orElseThrow().getMessage();
  }

  /**
   * @param more lines of its spec
   */
  void run(String more) {
    create(
        DesiredLRP.class,
        """
        kind: DesiredLRP
        metadata: {name: web}
        spec:
          source: {stagingRequestRef: {name: build}}
          memoryMB: 128
          environment: [{name: TOKEN, valueFrom: {secretKeyRef: {name: creds, key: token}}}]
        """
            + more.indent(2));
    awaitRunning(1);
    awaitEvent(event -> event.getReason().equals("Ready"));
  }

  private void scale() {
    scale(2);
    scale(1);
  }

  void scale(int instances) {
    named(DesiredLRP.class, "web").scale(instances);
    awaitRunning(instances);
  }

  void crash(Asking asking) throws Exception {
    var at = named(DesiredLRP.class, "web").get().getStatus().actual().getFirst();
    asking.ask(URI.create("http://" + at.address() + "/crash"));
    awaitEvent(event -> event.getReason().equals("InstanceCrashed"));
    awaitRunning(1);
  }

  /** Its processes have ended with it. That they run again is the same event, counted twice. */
  private void startAgainWithItsProcesses() throws Exception {
    stop();
    start();
    awaitEvent(event -> event.getReason().equals("Ready") && event.getCount() > 1);
    awaitRunning(1);
  }

  private void update() {
    var before = named(DesiredLRP.class, "web").get().getStatus().processGuid();
    named(DesiredLRP.class, "web")
        .patch(
            io.fabric8.kubernetes.client.dsl.base.PatchContext.of(
                io.fabric8.kubernetes.client.dsl.base.PatchType.JSON_MERGE),
            "{\"spec\":{\"memoryMB\":160}}");
    await("updated")
        .atMost(patience)
        .until(
            () -> !named(DesiredLRP.class, "web").get().getStatus().processGuid().equals(before));
    awaitRunning(1);
  }

  private void expire() {
    create(
        StagingRequest.class,
        """
        kind: StagingRequest
        metadata: {name: old}
        spec:
          buildpack: {appBits: {uri: /v1/static/samples/none.tgz}}
          ttlSecondsAfterFinished: 0
        """);
    await("expired").atMost(patience).until(() -> named(StagingRequest.class, "old").get() == null);
  }

  void delete() {
    named(DesiredLRP.class, "web").delete();
    named(StagingRequest.class, "build").delete();
    await("deleted")
        .atMost(patience)
        .untilAsserted(
            () -> {
              assertThat(named(DesiredLRP.class, "web").get()).isNull();
              assertThat(named(StagingRequest.class, "build").get()).isNull();
            });
  }

  void stop() throws IOException {
    operator.close();
  }

  /**
   * @param leases how many it has had
   */
  void end(int leases) throws IOException {
    stop();
    assertThat(admin.leases().inNamespace(rights.namespace()).list().getItems())
        .hasSize(leases)
        .allMatch(lease -> lease.getSpec().getHolderIdentity().isEmpty());
  }

  <T extends io.fabric8.kubernetes.api.model.HasMetadata> void create(Class<T> type, String yaml) {
    admin
        .resource(Serialization.unmarshal("apiVersion: ccbridge.dev/v1alpha1\n" + yaml, type))
        .inNamespace(namespace)
        .create();
  }

  <T extends io.fabric8.kubernetes.api.model.HasMetadata>
      io.fabric8.kubernetes.client.dsl.Resource<T> named(Class<T> type, String name) {
    return admin.resources(type).inNamespace(namespace).withName(name);
  }

  void awaitRunning(int instances) {
    await(instances + " running")
        .atMost(patience)
        .untilAsserted(
            () -> {
              var lrp = named(DesiredLRP.class, "web").get();
              assertThat(lrp.getStatus().observedGeneration())
                  .isEqualTo(lrp.getMetadata().getGeneration());
              assertThat(lrp.getStatus().ready()).isEqualTo(instances + "/" + instances);
              assertThat(Conditions.isTrue(lrp.getStatus().conditions(), "Ready")).isTrue();
            });
  }

  private void awaitEvent(Predicate<Event> expected) {
    await("event")
        .atMost(patience)
        .until(
            () ->
                admin.v1().events().inNamespace(namespace).list().getItems().stream()
                    .anyMatch(expected));
  }

  @Override
  public void close() throws IOException {
    if (operator != null) {
      operator.close();
    }
    for (var type : List.of(DesiredLRP.class, StagingRequest.class)) {
      for (var object : admin.resources(type).inNamespace(namespace).list().getItems()) {
        admin.resource(object).edit(RightsLife::withoutFinalizers);
        admin.resource(object).delete();
      }
    }
    admin.close();
  }

  private static <T extends io.fabric8.kubernetes.api.model.HasMetadata> T withoutFinalizers(
      T object) {
    object.getMetadata().setFinalizers(List.of());
    return object;
  }
}
