package dev.ccbridge.e2e;

import dev.ccbridge.e2e.ChartRights.Grant;
import dev.ccbridge.kubernetes.Cluster;
import dev.ccbridge.kubernetes.Command;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * As {@link RightsE2E}, of the rights that the chart gives besides where apps are Pods, on a real
 * node. Needs {@code CC_BRIDGE_CLUSTER}, {@code CC_BRIDGE_HELM} and {@code CC_BRIDGE_IMAGE} (what
 * {@code mvn -Pimage package} wrote), which apps run on, since it has a Java.
 */
@Timeout(7200)
class PodRightsE2E {
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  /** A scene that is not through by then has failed; undisturbed ones take a fraction of it. */
  private static final Duration IMPATIENCE = Duration.ofSeconds(30);

  /** Of the Gateway API, as much as can be stored. */
  private static final String HTTP_ROUTES =
      """
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata:
        name: httproutes.gateway.networking.k8s.io
        annotations: {api-approved.kubernetes.io: unapproved-for-a-test}
      spec:
        group: gateway.networking.k8s.io
        scope: Namespaced
        names: {plural: httproutes, singular: httproute, kind: HTTPRoute}
        versions:
          - name: v1
            served: true
            storage: true
            schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
      """;

  private static int number;

  private static Cluster cluster;
  private static KubernetesClient admin;
  @TempDir Path data;

  @BeforeAll
  static void start() {
    var image =
        Path.of(
            Command.require(
                "CC_BRIDGE_IMAGE", Command.setting("CC_BRIDGE_IMAGE"), "image made by -Pimage"));
    Command.helm();
    cluster = Cluster.shared();
    cluster.load(image);
    cluster.loadCellImage("build");
    admin = cluster.client();
    ProductCrds.install(admin);
    admin
        .load(new ByteArrayInputStream(HTTP_ROUTES.getBytes(StandardCharsets.UTF_8)))
        .forceConflicts()
        .serverSideApply();
    ProductCrds.awaitEstablished(admin, "httproutes.gateway.networking.k8s.io");
  }

  @AfterAll
  static void stop() {
    if (admin != null) {
      admin.close();
    }
  }

  @Test
  void itNeedsAllThatItMay() throws Exception {
    var name = name();
    try (var without = withProcesses();
        var rights = withPods(name);
        var life = life(rights, name, PATIENCE)) {
      var seen = new RightsSeen(cluster, rights);
      seen.leaveOut(without);
      seen.play(life.scenes());
      // No call, but a condition of applying what is not there yet; taken away it is missed.
      seen.leaveOut("create", "services");
      seen.leaveOut("create", "httproutes");
      seen.assertAllNeeded();
    }
  }

  @Test
  void withoutARightSomethingFails() throws Exception {
    List<Grant> grants;
    try (var without = withProcesses();
        var rights = withPods(name())) {
      grants = rights.grantsBesides(without);
    }
    TakenRights.assertMissed(grants, PodRightsE2E.this::failsWithout);
  }

  /** The scene that fails; empty: none. */
  private String failsWithout(Grant grant) throws Exception {
    var name = name();
    try (var rights = withPods(name);
        var life = life(rights, name, IMPATIENCE)) {
      return TakenRights.failing(cluster, rights, grant, life.scenes());
    }
  }

  private static ChartRights withProcesses() {
    return new ChartRights(admin, name(), List.of(), "--set", "watch.mode=release");
  }

  private static ChartRights withPods(String name) {
    var apps = name + "-apps";
    var pods = name + "-pods";
    var values =
        List.of(
            "backend=pod",
            "watch.mode=list",
            "watch.namespaces={" + apps + "}",
            "config.podNamespace=" + pods,
            "config.podRuntimeImage=" + PodRightsLife.RUNTIME,
            "config.podStackImages={cflinuxfs4:" + PodRightsLife.STACK + "}",
            "config.podGateway=" + pods + "/apps");
    return new ChartRights(admin, name, List.of(apps, pods), "--set", String.join(",", values));
  }

  private PodRightsLife life(ChartRights rights, String name, Duration patience) throws Exception {
    var own = Files.createDirectory(data.resolve(name));
    return new PodRightsLife(cluster, rights, name + "-apps", name + "-pods", patience, own);
  }

  private static synchronized String name() {
    return "rights-" + ProcessHandle.current().pid() + "-" + ++number;
  }
}
