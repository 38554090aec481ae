package dev.ccbridge.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.kubernetes.Command;
import dev.ccbridge.kubernetes.RealApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What helm makes of the chart, and whether deploy/ says the same. {@code -Dchart.update=true}
 * rewrites the snapshots and deploy/.
 */
class ChartIT {
  private static final String CHART = "helm/cc-bridge";
  private static final Path SNAPSHOTS = Path.of("src/test/resources/chart");
  private static final Path DEPLOY = Path.of("deploy");
  private static final boolean UPDATE = Boolean.getBoolean("chart.update");

  private static Map<String, Map<String, Object>> render(String... more) throws IOException {
    var objects =
        Manifests.read(
            Command.helm()
                .and("template", "cc-bridge", CHART, "--namespace", "cc-bridge")
                .and("--kube-version", "1.36")
                .run(more));
    objects.keySet().removeIf(key -> key.startsWith("Pod "));
    return objects;
  }

  @Test
  void lintFindsNothing() {
    assertThat(Command.helm().run("lint", "--strict", CHART)).contains("0 chart(s) failed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"defaults", "cloud-controller", "listed", "everything", "pods"})
  void rendersAsItDid(String name) throws Exception {
    var objects = render("--values", SNAPSHOTS.resolve(name + ".values.yaml").toString());
    // Those of the project, which another test compares.
    objects.keySet().removeIf(key -> key.startsWith("CustomResourceDefinition"));
    var rendered = Manifests.write(objects.values());
    var snapshot = SNAPSHOTS.resolve(name + ".rendered.yaml");
    if (UPDATE) {
      Files.writeString(snapshot, rendered);
    }
    assertThat(snapshot).as("run with -Dchart.update=true").content().isEqualTo(rendered);
  }

  /** What promtool and Grafana were tried with is what is installed. */
  @Test
  void alertsAndDashboardAreThoseOfTheFiles() throws Exception {
    var objects =
        render(
            "--set",
            "metrics.prometheusRule.enabled=true,metrics.prometheusRule.labels.release=mine",
            "--set",
            "metrics.dashboard.enabled=true");
    var rule = objects.get("PrometheusRule cc-bridge/cc-bridge");
    assertThat(rule.get("spec"))
        .isEqualTo(Manifests.one(Files.readString(Path.of(CHART, "files/alerts.yaml"))));
    assertThat(rule.get("metadata").toString()).contains("release=mine");
    var dashboard = objects.get("ConfigMap cc-bridge/cc-bridge-dashboard");
    assertThat(dashboard.get("metadata").toString()).contains("grafana_dashboard=1");
    assertThat(dashboard.get("data"))
        .isEqualTo(
            Map.of("cc-bridge.json", Files.readString(Path.of(CHART, "files/dashboard.json"))));
  }

  /** Both names and what was expected, in the words of a person's values. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          replicas=2                                                        | replicas is 2 and backend is process
          replicas=2,backend=pod,config.podRuntimeImage=i                   | replicas is 2 and persistence.accessModes is ReadWriteOnce
          replicas=2,backend=pod,config.podRuntimeImage=i,persistence.enabled=false | replicas is 2 and persistence.enabled is false
          backend=pod,config.podRuntimeImage=i,peers.port=8080              | service.port is 8080 and peers.port is 8080
          config.leaseIdentity=me                                           | config.leaseIdentity is given, and so is the Pod's name
          backend=pod                                                       | config.podRuntimeImage is empty
          persistence.enabled=false,persistence.existingClaim=mine          | persistence.enabled is false
          backend=pod,config.podRuntimeImage=i,remoteReceptor.existingSecret=r | backend is pod and remoteReceptor.existingSecret is r
          frontDoors.receptor.enabled=true                                  | frontDoors.receptor.existingSecret is empty
          watch.mode=list                                                   | watch.namespaces is empty
          watch.namespaces={a}                                              | watch.mode is cluster and watch.namespaces is a
          watch.mode=list,watch.namespaces={a},cloudController.url=http://cc | cloudController.namespace is default and watch.namespaces is a
          frontDoors.nsync.enabled=true                                     | cloudController.url is empty
          cloudController.existingSecret=s                                  | cloudController.url is empty
          serviceAccount.create=false                                       | serviceAccount.name is empty
          podDisruptionBudget.enabled=true                                  | expected exactly one of the two
          podDisruptionBudget.enabled=true,podDisruptionBudget.minAvailable=1 | could never be drained
          metrics.port=8080                                                 | service.port is 8080 and metrics.port is 8080
          config.ccBaseUrl=http://cc                                        | config.ccBaseUrl is given, and so is cloudController.url
          config.nope=1                                                     | nope
          replicas=two                                                      | /replicas
          watch.mode=some                                                   | /watch/mode
          imagge.tag=1                                                      | imagge
          """)
  void valuesThatContradictEachOtherAreRefusedByName(String values, String complaint) {
    assertThat(
            Command.helm()
                .refused("template", "x", CHART, "--kube-version", "1.36", "--set", values))
        .contains(complaint);
  }

  /** Neither may do more than the other: one is not a way around the other's review. */
  @ParameterizedTest
  @CsvSource({"cluster-wide, cluster", "namespaced, release"})
  void theKustomizationsSayWhatTheChartSays(String overlay, String mode) throws Exception {
    var expected = new TreeMap<String, Map<String, Object>>();
    render("--set", "watch.mode=" + mode)
        .forEach((key, object) -> expected.put(key, Manifests.withoutHelm(object)));
    if (UPDATE) {
      writeDeploy();
    }
    var made =
        Manifests.read(
            Command.kubectl().run("kustomize", DEPLOY.resolve("overlays/" + overlay).toString()));
    assertThat(made.remove("Namespace /cc-bridge"))
        .as("the namespace, which helm makes by itself")
        .isNotNull();
    assertThat(made.keySet()).isEqualTo(expected.keySet());
    made.forEach(
        (key, object) ->
            assertThat(Manifests.comparable(object))
                .as(key)
                .isEqualTo(Manifests.comparable(expected.get(key))));
  }

  /** Schemas, defaults and admission of a real API server, for every snapshot. */
  @ParameterizedTest
  @ValueSource(strings = {"defaults", "cloud-controller", "listed", "pods"})
  void anAPIServerTakesAll(String name) throws Exception {
    var server = RealApiServer.shared();
    var kubectl = Command.kubectl().with("KUBECONFIG", server.kubeconfig().toString());
    for (var namespace : List.of("cc-bridge", "team-a", "team-b")) {
      kubectl.and("create", "namespace", namespace).result();
    }
    var objects = render("--values", SNAPSHOTS.resolve(name + ".values.yaml").toString());
    var file = Files.createTempFile("cc-bridge-chart", ".yaml");
    try {
      Files.writeString(file, Manifests.write(objects.values()));
      assertThat(
              kubectl
                  .run(
                      "apply",
                      "--dry-run=server",
                      "--server-side",
                      // Tests before this one may have left the CRDs there, in their own name.
                      "--force-conflicts",
                      "--validate=strict",
                      "-f",
                      file.toString())
                  .lines())
          .hasSameSizeAs(objects.values());
    } finally {
      Files.delete(file);
    }
  }

  private static void writeDeploy() throws IOException {
    var wide = withoutHelm(render("--set", "watch.mode=cluster"));
    var narrow = withoutHelm(render("--set", "watch.mode=release"));
    var base = new LinkedHashMap<>(wide);
    base.keySet().retainAll(narrow.keySet());
    var crds = new LinkedHashMap<>(base);
    crds.keySet().removeIf(key -> !key.startsWith("CustomResourceDefinition"));
    base.keySet().removeAll(crds.keySet());
    write("base/crds.yaml", crds.values());
    write("base/operator.yaml", base.values());
    wide.keySet().removeAll(narrow.keySet());
    write("overlays/cluster-wide/rbac.yaml", wide.values());
    var patches = new ArrayList<Map<String, Object>>();
    base.forEach(
        (key, object) -> {
          if (!object.equals(narrow.get(key))) {
            patches.add(patch(object, narrow.get(key)));
          }
        });
    write("overlays/namespaced/patches.yaml", patches);
    narrow.keySet().removeAll(base.keySet());
    narrow.keySet().removeAll(crds.keySet());
    write("overlays/namespaced/rbac.yaml", narrow.values());
  }

  private static Map<String, Map<String, Object>> withoutHelm(
      Map<String, Map<String, Object>> objects) {
    var all = new TreeMap<String, Map<String, Object>>();
    objects.forEach((key, object) -> all.put(key, Manifests.withoutHelm(object)));
    return all;
  }

  private static void write(String file, Iterable<Map<String, Object>> objects) throws IOException {
    var path = DEPLOY.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(
        path,
        "# Made of the chart by: mvn verify -Dit.test=ChartIT -Dchart.update=true\n"
            + Manifests.write(objects));
  }

  /** What to say of the one so that it becomes the other; both have the same shape. */
  private static Map<String, Object> patch(Map<String, Object> from, Map<String, Object> to) {
    var patch = new LinkedHashMap<String, Object>();
    to.forEach(
        (name, value) -> {
          if (name.equals("apiVersion") || name.equals("kind")) {
            patch.put(name, value);
          } else if (name.equals("metadata")) {
            patch.put(
                name,
                new TreeMap<>(
                    Map.of(
                        "name",
                        Manifests.child(to, name).get("name"),
                        "namespace",
                        Manifests.child(to, name).get("namespace"))));
          } else if (!value.equals(from.get(name))) {
            patch.put(
                name,
                value instanceof Map
                    ? differing(Manifests.child(from, name), Manifests.child(to, name))
                    : value);
          }
        });
    return patch;
  }

  private static Map<String, Object> differing(Map<String, Object> from, Map<String, Object> to) {
    var patch = new LinkedHashMap<String, Object>();
    to.forEach(
        (name, value) -> {
          if (!value.equals(from.get(name))) {
            patch.put(
                name,
                value instanceof Map
                    ? differing(Manifests.child(from, name), Manifests.child(to, name))
                    : value);
          }
        });
    return patch;
  }
}
