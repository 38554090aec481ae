package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.e2e.AuditLog.Call;
import dev.ccbridge.e2e.ChartRights.Grant;
import dev.ccbridge.kubernetes.RealApiServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.FileInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operator with exactly the chart's rights on a real API server, which writes down what it asks
 * for: nothing is refused, and there is no right that no scene of {@link RightsLife} needs. Then a
 * right is taken away, and a scene fails; {@code -Drights.taken=all} takes each in turn, {@code
 * -Drights.only=TEXT} of those whose name has the text.
 */
@Timeout(1800)
class RightsE2E {
  private static final Logger LOG = LoggerFactory.getLogger(RightsE2E.class);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** A scene that is not through by then has failed; undisturbed ones take a fraction of it. */
  private static final Duration IMPATIENCE = Duration.ofSeconds(25);

  /**
   * The SDK reads a resource anew when its patch has met a newer version, which no scene forces.
   */
  private static final Set<String> RARELY = Set.of("get desiredlrps");

  private static int number;

  private static RealApiServer server;
  private KubernetesClient admin;
  @TempDir Path data;

  @BeforeAll
  static void startServer() {
    server = RealApiServer.unused();
  }

  @AfterAll
  static void stopServer() {
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void installCrds() throws Exception {
    admin = server.client();
    try (var crds = Files.newDirectoryStream(Path.of("crds"))) {
      for (var crd : crds) {
        try (var in = new FileInputStream(crd.toFile())) {
          admin.load(in).forceConflicts().serverSideApply();
        }
      }
    }
    for (var kind : List.of("stagingrequests", "desiredlrps")) {
      admin
          .apiextensions()
          .v1()
          .customResourceDefinitions()
          .withName(kind + ".ccbridge.dev")
          .waitUntilCondition(
              crd ->
                  crd != null
                      && crd.getStatus() != null
                      && crd.getStatus().getConditions().stream()
                          .anyMatch(
                              c ->
                                  c.getType().equals("Established")
                                      && c.getStatus().equals("True")),
              30,
              TimeUnit.SECONDS);
    }
  }

  @AfterEach
  void close() {
    admin.close();
  }

  @Test
  void inTheReleasesNamespaceItNeedsAllThatItMay() throws Exception {
    var namespace = name();
    try (var rights = new ChartRights(admin, namespace, List.of(), "--set", "watch.mode=release")) {
      assertNeedsAllThatItMay(rights, namespace, options(namespace, namespace));
    }
  }

  @Test
  void inListedNamespacesItNeedsAllThatItMay() throws Exception {
    var namespace = name();
    var listed = namespace + "-a";
    try (var rights =
        new ChartRights(
            admin,
            namespace,
            List.of(listed),
            "--set",
            "watch.mode=list,watch.namespaces={" + listed + "}")) {
      assertNeedsAllThatItMay(rights, listed, options(namespace, listed));
    }
  }

  @Test
  void inEveryNamespaceItNeedsAllThatItMay() throws Exception {
    var namespace = name();
    var apps = namespace + "-a";
    try (var rights = new ChartRights(admin, namespace, List.of(apps))) {
      assertNeedsAllThatItMay(rights, apps, options(namespace, ""));
    }
  }

  /** Besides what it needs without one. */
  @Test
  void withACloudControllerItNeedsAllThatItMay() throws Exception {
    var namespace = name();
    var apps = namespace + "-a";
    var watched = "watch.mode=list,watch.namespaces={" + apps + "}";
    var doors =
        "cloudController.url=http://cc.test,cloudController.namespace="
            + apps
            + ",frontDoors.stager.enabled=true,frontDoors.nsync.enabled=true";
    try (var without = new ChartRights(admin, name(), List.of(), "--set", "watch.mode=release");
        var rights =
            new ChartRights(admin, namespace, List.of(apps), "--set", watched + "," + doors)) {
      var seen = new Seen(rights);
      seen.leaveOut(without.grants());
      var api = new BridgeBetweenRelays.Api(server.uri(), server.trust(), rights.token());
      try (var bridge =
          BridgeBetweenRelays.start(
              data,
              api,
              "--cc-namespace=" + apps,
              "--namespaces=" + apps,
              "--lease-namespace=" + namespace)) {
        seen.note("starts and leads");
        bridge.flow("with the chart's rights");
        seen.note("takes an app through its life");
        // Cloud Controller does not know it, so that it goes; nothing collects its Secret here.
        assertThat(bridge.desire("stray")).isEqualTo(202);
        await()
            .atMost(PATIENCE)
            .until(
                () ->
                    admin.resources(DesiredLRP.class).inNamespace(apps).withName("stray").get()
                        == null);
        assertThat(bridge.desire("stray")).isEqualTo(202);
        seen.note("meets the Secret of a namesake");
        assertThat(bridge.desireStaging("staging-1")).isEqualTo(202);
        // No call, but a condition of making a Secret that goes with its owner.
        for (var owner : List.of("desiredlrps", "stagingrequests")) {
          var finalizers = seen.leaveOut("update", owner + "/finalizers");
          rights.take(finalizers);
        }
        await().atMost(PATIENCE).until(() -> bridge.desire("stray-" + ++number) >= 400);
        await().atMost(PATIENCE).until(() -> bridge.desireStaging("staging-" + ++number) >= 400);
        seen.assertAllNeeded();
      }
    }
  }

  @Test
  void withoutARightSomethingFails() throws Exception {
    var points = System.getProperty("rights.taken", "1");
    var seed = Long.getLong("rights.seed", System.currentTimeMillis() / 86_400_000);
    List<Grant> all;
    try (var rights = new ChartRights(admin, name(), List.of(), "--set", "watch.mode=release")) {
      all = new ArrayList<>(rights.grants());
    }
    all.removeIf(grant -> RARELY.contains(grant.verb() + " " + grant.resource()));
    java.util.Collections.shuffle(all, new Random(seed));
    var only = System.getProperty("rights.only");
    if (only != null) {
      all.removeIf(grant -> !grant.toString().contains(only));
    }
    var taken = points.equals("all") ? all : all.subList(0, Integer.parseInt(points));
    var unmissed = new ArrayList<String>();
    for (var grant : taken) {
      var failed = failsWithout(grant);
      LOG.info("right taken grant={} failed={} seed={}", grant, failed, seed);
      if (failed.isEmpty()) {
        unmissed.add(grant.toString());
      }
    }
    assertThat(unmissed).as("rights that nothing fails without, seed %s", seed).isEmpty();
  }

  /** The scene that fails; empty: none. */
  private String failsWithout(Grant grant) throws Exception {
    var namespace = name();
    var own = Files.createDirectory(data.resolve(namespace));
    try (var rights = new ChartRights(admin, namespace, List.of(), "--set", "watch.mode=release");
        var life =
            new RightsLife(
                server, rights, namespace, IMPATIENCE, own, options(namespace, namespace))) {
      rights.take(grant);
      for (var scene : life.scenes().entrySet()) {
        try {
          scene.getValue().play();
        } catch (AssertionError | RuntimeException failed) {
          return scene.getKey();
        }
      }
      return "";
    }
  }

  private void assertNeedsAllThatItMay(ChartRights rights, String namespace, List<String> options)
      throws Exception {
    var seen = new Seen(rights);
    try (var life = new RightsLife(server, rights, namespace, PATIENCE, data, options)) {
      for (var scene : life.scenes().entrySet()) {
        scene.getValue().play();
        seen.note(scene.getKey());
      }
    }
    seen.assertAllNeeded();
  }

  /** Which rights were used so far, and what was refused. */
  private static final class Seen {
    private final AuditLog audit;
    private final Set<Grant> unused;
    private final Set<Call> refused = new LinkedHashSet<>();

    Seen(ChartRights rights) {
      audit = new AuditLog(server.auditLog(), rights.user());
      unused = new LinkedHashSet<>(rights.grants());
    }

    /** Whatever was used first since the last time, this scene needs. */
    void note(String scene) {
      for (var call : audit.next()) {
        if (!call.allowed()) {
          refused.add(call);
        }
        unused.removeIf(grant -> isNeeded(grant, call, scene));
      }
    }

    /** Those of the same verb for the same resource; others look after them. */
    void leaveOut(List<Grant> grants) {
      unused.removeIf(
          grant ->
              grants.stream()
                  .anyMatch(
                      other ->
                          other.verb().equals(grant.verb())
                              && other.resource().equals(grant.resource())
                              && other.names().equals(grant.names())
                              && other.role().equals(grant.role())));
    }

    Grant leaveOut(String verb, String resource) {
      var found =
          unused.stream()
              .filter(grant -> grant.verb().equals(verb) && grant.resource().equals(resource))
              .findFirst()
              .orElseThrow();
      unused.remove(found);
      return found;
    }

    private static boolean isNeeded(Grant grant, Call call, String scene) {
      if (!grant.covers(call)) {
        return false;
      }
      LOG.info("right needed grant={} scene={}", grant, scene);
      return true;
    }

    void assertAllNeeded() {
      assertThat(refused).as("refused").isEmpty();
      unused.removeIf(grant -> RARELY.contains(grant.verb() + " " + grant.resource()));
      assertThat(unused).as("granted, and never needed").isEmpty();
    }
  }

  private static List<String> options(String leases, String watched) {
    return List.of("--lease-namespace", leases, "--namespaces", watched);
  }

  private static synchronized String name() {
    return "rights-" + ProcessHandle.current().pid() + "-" + ++number;
  }
}
