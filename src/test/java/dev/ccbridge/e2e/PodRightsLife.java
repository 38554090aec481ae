package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus;
import dev.ccbridge.kubernetes.Cluster;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.core.ThrowingRunnable;

/**
 * What people do with the two resources, scene by scene, when apps are Pods of a real node, with
 * the operator beside it under the chart's ServiceAccount. Release, resources and Pods each have a
 * namespace of their own, so that no right stands in for another one.
 */
final class PodRightsLife implements AutoCloseable {
  static final String RUNTIME = "localhost/cc-bridge-cell:1";
  static final String STACK = "localhost/cc-bridge:0.1.0-SNAPSHOT";
  static final ResourceDefinitionContext HTTP_ROUTES =
      new ResourceDefinitionContext.Builder()
          .withGroup("gateway.networking.k8s.io")
          .withVersion("v1")
          .withKind("HTTPRoute")
          .withPlural("httproutes")
          .withNamespaced(true)
          .build();

  private static final String ROUTE = "ccbridge.dev/route";
  private static final String ROUTE_OF = "ccbridge.dev/route-of";
  private static final String KIND = "ccbridge.dev/container-kind";
  private static final String TABLE = "ccbridge.dev/receptor-table";

  private final Cluster cluster;
  private final KubernetesClient admin;
  private final ChartRights rights;
  private final Duration patience;
  private final String pods;
  private final RightsLife life;

  /** What {@code sick} has left, as if the operator had died before it could remove it. */
  private final List<HasMetadata> left = new ArrayList<>();

  /**
   * @param namespace that the resources are in
   * @param pods the Pods' namespace
   * @param patience how long each thing may take
   */
  PodRightsLife(
      Cluster cluster,
      ChartRights rights,
      String namespace,
      String pods,
      Duration patience,
      Path data)
      throws IOException {
    this.cluster = cluster;
    this.admin = cluster.client();
    this.rights = rights;
    this.patience = patience;
    this.pods = pods;
    var port = freePort();
    var options =
        new ArrayList<>(
            List.of("--lease-namespace", rights.namespace(), "--namespaces", namespace));
    options.addAll(List.of("--backend", "pod", "--pod-namespace", pods));
    options.addAll(List.of("--pod-runtime-image", RUNTIME));
    options.addAll(List.of("--pod-stack-images", "cflinuxfs4:" + STACK));
    options.addAll(List.of("--pod-gateway", pods + "/apps"));
    options.addAll(List.of("--lease-identity", "operator-0"));
    options.addAll(List.of("--receptor-peer-address", "127.0.0.1:0"));
    options.addAll(List.of("--listen-address", "127.0.0.1:" + port));
    options.addAll(List.of("--public-url", "http://" + Cluster.NODE_ADDRESS + ":" + port));
    options.addAll(List.of("--stager-url", "http://127.0.0.1:" + port));
    this.life = new RightsLife(cluster, rights, namespace, patience, data, options);
    cluster.expose(port);
  }

  /** In the order in which they have to be played. */
  Map<String, RightsLife.Scene> scenes() {
    var scenes = new LinkedHashMap<String, RightsLife.Scene>();
    scenes.put("starts and leads", life::start);
    scenes.put("stages, and tells how far it is", this::stage);
    scenes.put("runs, with routes and egress rules", this::run);
    scenes.put("scales, and ends what is too many", this::scale);
    scenes.put("tells of crashes", () -> life.crash(this::ask));
    scenes.put("tells of failed health checks", this::fallSick);
    scenes.put("deletes", this::deleteSick);
    scenes.put("goes on, and removes what was left", this::startAgain);
    scenes.put("says egress rules again for those that come", this::scaleAgain);
    scenes.put("deletes all", this::delete);
    scenes.put("ends and gives its leases back", () -> life.end(3));
    return scenes;
  }

  /** How far it is stands in the Pod's log only. */
  private void stage() {
    life.stage();
    soon(
        () -> {
          var steps = life.named(StagingRequest.class, "build").get().getStatus().steps();
          assertThat(steps).isNotEmpty();
          assertThat(steps)
              .extracting(StagingRequestStatus.Step::state)
              .containsOnly(StagingRequestStatus.StepState.SUCCEEDED);
        });
  }

  private void run() {
    life.run(
        """
        processGuid: web
        routes: [{hostname: web.example.org}]
        egressRules:
          - {protocol: tcp, destinations: [10.0.0.0/8], ports: [443]}
          - {protocol: icmp, destinations: [10.0.0.0/8], icmpInfo: {type: 8, code: 0}}
        """);
    assertThat(life.egressNotEnforced()).isEqualTo("no NetworkPolicy can say: icmp to 10.0.0.0/8");
    soon(
        () -> {
          assertThat(routesOf("web")).hasSize(2);
          assertThat(policies()).hasSize(1);
          assertThat(admin.v1().events().inNamespace(pods).list().getItems())
              .anyMatch(event -> event.getReason().equals("EgressNotExpressed"));
        });
  }

  private void scale() {
    life.scale(2);
    soon(() -> assertThat(running()).hasSize(2));
    life.scale(1);
    soon(() -> assertThat(running()).hasSize(1));
  }

  private void ask(URI uri) {
    cluster.inNode("curl", "-sS", "--max-time", "10", uri.toString());
  }

  /**
   * A program that never listens, and leaves with a status of its own when it is ended for that.
   */
  private void fallSick() {
    life.create(
        DesiredLRP.class,
        """
        kind: DesiredLRP
        metadata: {name: sick}
        spec:
          source: {stagingRequestRef: {name: build}}
          processGuid: sick
          memoryMB: 64
          routes: [{hostname: sick.example.org}]
          startCommand: "trap 'exit 7' TERM; while true; do sleep 1; done"
          healthCheck: {type: port, timeoutSeconds: 1}
        """);
    soon(
        () ->
            assertThat(life.named(DesiredLRP.class, "sick").get().getStatus().lastCrash())
                .isNotNull());
    assertThat(life.named(DesiredLRP.class, "sick").get().getStatus().lastCrash().reason())
        .contains("health check never passed");
  }

  private void deleteSick() {
    soon(() -> assertThat(routesOf("sick")).hasSize(2));
    left.addAll(routesOf("sick"));
    life.named(DesiredLRP.class, "sick").delete();
    soon(
        () -> {
          assertThat(life.named(DesiredLRP.class, "sick").get()).isNull();
          assertThat(routesOf("sick")).isEmpty();
          assertThat(running()).hasSize(1);
        });
  }

  private void startAgain() throws Exception {
    var before = running();
    life.stop();
    for (var route : left) {
      route.getMetadata().setResourceVersion(null);
      route.getMetadata().setUid(null);
      admin.resource(route).create();
    }
    life.start();
    soon(() -> assertThat(routesOf("sick")).isEmpty());
    life.awaitRunning(1);
    assertThat(running()).isEqualTo(before);
  }

  /** Whether the policy is there, no process knows when it starts. */
  private void scaleAgain() {
    var before = policies();
    life.scale(2);
    assertThat(policies()).hasSize(1).isNotEqualTo(before);
  }

  private void delete() {
    life.delete();
    soon(
        () -> {
          assertThat(pods()).isEmpty();
          assertThat(routesOf("web")).isEmpty();
          assertThat(admin.secrets().inNamespace(pods).withLabel(KIND).list().getItems())
              .as("what Pods had to do")
              .isEmpty();
          assertThat(
                  admin
                      .secrets()
                      .inNamespace(rights.namespace())
                      .withLabelIn(TABLE, "tasks", "desired_lrps", "actual_lrps")
                      .list()
                      .getItems())
              .isEmpty();
        });
  }

  /** Its Service and its HTTPRoute, if they are there. */
  private List<HasMetadata> routesOf(String app) {
    var all = new ArrayList<HasMetadata>();
    all.addAll(admin.services().inNamespace(pods).withLabel(ROUTE).list().getItems());
    all.addAll(
        admin
            .genericKubernetesResources(HTTP_ROUTES)
            .inNamespace(pods)
            .withLabel(ROUTE)
            .list()
            .getItems());
    var of = Set.of(app, app + ".example.org");
    all.removeIf(route -> !of.contains(route.getMetadata().getAnnotations().get(ROUTE_OF)));
    return all;
  }

  /** When which policy was last asked for. */
  private List<Map<String, String>> policies() {
    return admin.network().v1().networkPolicies().inNamespace(pods).list().getItems().stream()
        .map(policy -> policy.getMetadata().getAnnotations())
        .toList();
  }

  private Stream<Pod> pods() {
    return admin.pods().inNamespace(pods).list().getItems().stream();
  }

  /** The uids of instances that nobody has asked to stop. */
  private Set<String> running() {
    return pods()
        .filter(pod -> "instance".equals(pod.getMetadata().getLabels().get(KIND)))
        .filter(pod -> "Running".equals(pod.getStatus().getPhase()))
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .map(pod -> pod.getMetadata().getUid())
        .collect(Collectors.toSet());
  }

  private void soon(ThrowingRunnable holds) {
    await().atMost(patience).untilAsserted(holds);
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() throws IOException {
    life.close();
    admin.close();
  }
}
