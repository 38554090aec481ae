package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.e2e.ChartRights.Grant;
import dev.ccbridge.kubernetes.RealApiServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The operator with exactly the chart's rights on a real API server, which writes down what it asks
 * for: nothing is refused, and there is no right that no scene of {@link RightsLife} needs. Then a
 * right is taken away, and a scene fails: see {@link TakenRights}.
 */
@Timeout(1800)
class RightsE2E {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** A scene that is not through by then has failed; undisturbed ones take a fraction of it. */
  private static final Duration IMPATIENCE = Duration.ofSeconds(25);

  /** Whose resources are worked on. */
  private enum Watched {
    RELEASE,
    LIST,
    CLUSTER
  }

  /**
   * The chart's rights, and the operator's part of its values.
   *
   * @param apps namespace of the resources
   */
  private record Release(ChartRights rights, String apps, List<String> options)
      implements AutoCloseable {
    @Override
    public void close() {
      rights.close();
    }
  }

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
  void installCrds() {
    admin = server.client();
    ProductCrds.install(admin);
  }

  @AfterEach
  void close() {
    admin.close();
  }

  @Test
  void inTheReleasesNamespaceItNeedsAllThatItMay() throws Exception {
    assertNeedsAllThatItMay(Watched.RELEASE);
  }

  @Test
  void inListedNamespacesItNeedsAllThatItMay() throws Exception {
    assertNeedsAllThatItMay(Watched.LIST);
  }

  @Test
  void inEveryNamespaceItNeedsAllThatItMay() throws Exception {
    assertNeedsAllThatItMay(Watched.CLUSTER);
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
      var seen = new RightsSeen(server, rights);
      seen.leaveOut(without);
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

  /**
   * {@code -Drights.watched=RELEASE}, {@code LIST} or {@code CLUSTER}; else another one each day.
   */
  @Test
  void withoutARightSomethingFails() throws Exception {
    var modes = Watched.values();
    var ofDay = modes[Math.floorMod(TakenRights.seed(), modes.length)].name();
    var watched = Watched.valueOf(System.getProperty("rights.watched", ofDay));
    List<Grant> all;
    try (var release = install(watched)) {
      all = release.rights().grants();
    }
    TakenRights.assertMissed(all, grant -> failsWithout(watched, grant));
  }

  /** The scene that fails; empty: none. */
  private String failsWithout(Watched watched, Grant grant) throws Exception {
    try (var release = install(watched);
        var life = life(release, IMPATIENCE)) {
      return TakenRights.failing(server, release.rights(), grant, life.scenes());
    }
  }

  private void assertNeedsAllThatItMay(Watched watched) throws Exception {
    try (var release = install(watched);
        var life = life(release, PATIENCE)) {
      var seen = new RightsSeen(server, release.rights());
      seen.play(life.scenes());
      seen.assertAllNeeded();
    }
  }

  private Release install(Watched watched) {
    var namespace = name();
    var apps = namespace + "-a";
    return switch (watched) {
      case RELEASE -> release(namespace, namespace, "watch.mode=release", namespace);
      case LIST ->
          release(namespace, apps, "watch.mode=list,watch.namespaces={" + apps + "}", apps);
      case CLUSTER -> release(namespace, apps, "watch.mode=cluster", "");
    };
  }

  private Release release(String namespace, String apps, String values, String watched) {
    var others = apps.equals(namespace) ? List.<String>of() : List.of(apps);
    return new Release(
        new ChartRights(admin, namespace, others, "--set", values),
        apps,
        List.of("--lease-namespace", namespace, "--namespaces", watched));
  }

  private RightsLife life(Release release, Duration patience) throws Exception {
    var own = Files.createDirectory(data.resolve(release.rights().namespace()));
    return new RightsLife(
        server, release.rights(), release.apps(), patience, own, release.options());
  }

  private static synchronized String name() {
    return "rights-" + ProcessHandle.current().pid() + "-" + ++number;
  }
}
