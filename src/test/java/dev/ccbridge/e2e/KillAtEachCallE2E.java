package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.devserver.DevServer;
import dev.ccbridge.devserver.DevServerConfig;
import dev.ccbridge.e2e.CallSites.Site;
import dev.ccbridge.kubernetes.Trust;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILL at each call that the bridge makes or is asked, while a Cloud Controller stages, runs,
 * compares and stops an app that crashes once: the end is that of an undisturbed run, CC hears of
 * every completion and every crash, and of nothing that did not happen.
 *
 * <p>The points come from recording a run through relays that stand between the bridge and each
 * neighbour. All points: {@code -Dkill.points=all}; otherwise every so manieth, another part of
 * them each day, so that all are met in time.
 */
@Timeout(1800)
class KillAtEachCallE2E {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final Path STATIC = Path.of("target/static").toAbsolutePath();
  private static final String STACK = "cflinuxfs4";
  private static final String LIFECYCLE =
      "buildpack/" + STACK + ":buildpack_app_lifecycle/buildpack_app_lifecycle.tgz";

  /** How many points a usual build takes. */
  private static final int USUAL = 12;

  @TempDir Path data;
  private final Deque<AutoCloseable> running = new ArrayDeque<>();
  private final CallSites sites = new CallSites(this::kill);
  private Ports ports;
  private Relay kubernetes;
  private Relay receptor;
  private Relay cloudController;
  private Relay stager;
  private Relay nsync;
  private Pushing users;
  private volatile Program bridge;
  private volatile boolean supervised = true;

  @AfterEach
  void endAll() throws Exception {
    supervised = false;
    while (!running.isEmpty()) {
      running.pop().close();
    }
    assertThat(Processes.mentioning(data)).isEmpty();
  }

  @Test
  void ccHearsOfWhatHappenedAndOfNothingElse() throws Exception {
    startNeighbours();
    startBridge();
    flow("undisturbed");
    var all = sites.sites();
    assertThat(all).as("points found by recording").hasSizeGreaterThan(40);

    var chosen = chosen(all);
    System.out.printf("%d points to die at, %d of them now%n", all.size(), chosen.size());
    var unmet = new ArrayList<Site>();
    for (var site : chosen) {
      sites.restartCounting();
      if (site.call().contains("?watch") || isStart(site)) {
        bridge.kill();
      }
      sites.arm(site);
      flow(site.toString());
      if (sites.isArmed()) {
        unmet.add(site);
        sites.disarm();
      }
    }
    System.out.printf(
        "died at %d points, %d were not met%n", chosen.size() - unmet.size(), unmet.size());
    unmet.forEach(site -> System.out.println("  not met " + site));
    assertThat(unmet.size()).as("points that were not met").isLessThanOrEqualTo(chosen.size() / 4);
  }

  /** Calls made before any app is there: only a start makes them. */
  private static boolean isStart(Site site) {
    return site.call().startsWith("kubernetes GET")
        || site.call().startsWith("receptor GET")
        || site.call().contains("leases");
  }

  private static List<Site> chosen(List<Site> all) {
    if (System.getProperty("kill.points", "").equals("all")) {
      return all;
    }
    var step = Math.max(1, all.size() / USUAL);
    var first = (int) (System.currentTimeMillis() / Duration.ofDays(1).toMillis() % step);
    var chosen = new ArrayList<Site>();
    for (var i = first; i < all.size(); i += step) {
      chosen.add(all.get(i));
    }
    return chosen;
  }

  /** One app through its life; every claim about what CC heard is checked at the end. */
  private void flow(String point) throws Exception {
    var app = users.create(Map.of("name", "hello", "memory", 128, "enable_ssh", false));
    users.uploadBits(app, STATIC.resolve("samples/hello-procfile.tgz"));
    stage(app, point);
    await("runs, " + point).atMost(LIMIT).ignoreExceptions().until(() -> inState(app) == 1);

    crash(app);
    await("crash told, " + point).atMost(LIMIT).until(() -> !users.crashes(app).isEmpty());
    await("runs again, " + point).atMost(LIMIT).ignoreExceptions().until(() -> inState(app) == 1);
    awaitRound(point);

    var address = users.address(app, 0);
    await("stopped, " + point)
        .atMost(LIMIT)
        .until(() -> users.tryChange(app, Map.of("state", "STOPPED")));
    await("gone, " + point).atMost(LIMIT).until(() -> !answers(address));
    awaitRound(point);
    check(app, point);
    users.delete(app);
  }

  /** CC holds a staging for failed when the stager did not answer; its user tries again. */
  private void stage(String app, String point) {
    await("staged, " + point)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(200))
        .until(
            () -> {
              var state = users.app(app).path("package_state").asText();
              if (state.equals("FAILED")) {
                users.tryChange(app, Map.of("state", "STOPPED"));
              }
              if (!users.app(app).path("state").asText().equals("STARTED")) {
                users.tryChange(app, Map.of("state", "STARTED"));
              }
              return state.equals("STAGED");
            });
  }

  private long inState(String app) throws Exception {
    return users.inState(app, "RUNNING");
  }

  private void crash(String app) throws Exception {
    CloudControllerE2E.get(users.address(app, 0).resolve("/crash"));
  }

  /** A whole comparison from now on. */
  private void awaitRound(String point) throws Exception {
    var before = users.heard("GET", "/internal/bulk/apps").size();
    await("compared, " + point)
        .atMost(LIMIT)
        .until(() -> users.heard("GET", "/internal/bulk/apps").size() > before + 1);
  }

  private void check(String app, String point) throws Exception {
    var completions =
        users.heard("POST", "/completed").stream()
            .filter(c -> c.path("path").asText().contains(app))
            .toList();
    assertThat(completions).as("completions told, %s", point).isNotEmpty();
    assertThat(completions)
        .as("only what happened: every staging succeeded, %s", point)
        .allSatisfy(c -> assertThat(c.at("/body/error").isMissingNode()).isTrue());
    assertThat(users.crashes(app))
        .as("only the one crash, %s", point)
        .extracting(KillAtEachCallE2E::crashKey)
        .containsOnly("0/1");
  }

  private static String crashKey(JsonNode crash) {
    return crash.at("/metadata/index").asText() + "/" + crash.at("/metadata/crash_count").asText();
  }

  private void startNeighbours() throws Exception {
    ports = Ports.free();
    var definitions = new ArrayList<String>();
    try (var crds = Files.list(Path.of("crds"))) {
      for (var crd : crds.toList()) {
        definitions.add(Files.readString(crd));
      }
    }
    var api = keep(DevServer.start(DevServerConfig.inMemory(definitions)));
    kubernetes = keep(Relay.start("kubernetes", api::uri, sites, Trust.in(api.certificate())));
    writeKubeconfig(api.token());
    receptor = relay("receptor", ports.receptor());
    cloudController = relay("cc", ports.cloudController());
    stager = relay("stager", ports.stager());
    nsync = relay("nsync", ports.nsync());

    program("receptor", "-address=127.0.0.1:" + ports.receptor())
        .awaitLine("receptor.started", LIMIT);
    program("file-server", "-address=127.0.0.1:" + ports.files(), "-staticDirectory=" + STATIC)
        .awaitLine("file-server.ready", LIMIT);
    program("cc-uploader", "-address=127.0.0.1:" + ports.uploader())
        .awaitLine("cc-uploader.ready", LIMIT);
    program(
            "tps-listener",
            "-diegoAPIURL=" + url(ports.receptor()),
            "-listenAddr=127.0.0.1:" + ports.tps())
        .awaitLine("tps-listener.started", LIMIT);
    program(
            "fake-cc",
            "-address=127.0.0.1:" + ports.cloudController(),
            "-username=internal_user",
            "-password=internal_password",
            "-stagerURL=" + stager.uri(),
            "-nsyncURL=" + nsync.uri(),
            "-tpsURL=" + url(ports.tps()),
            "-fileServerURL=" + url(ports.files()),
            "-stack=" + STACK)
        .awaitLine("fake-cc.ready", LIMIT);
    users = keep(new Pushing(url(ports.cloudController())));
  }

  private Relay relay(String name, int port) {
    return keep(Relay.start(name, () -> url(port), sites, null));
  }

  private void writeKubeconfig(String token) throws IOException {
    Files.writeString(
        data.resolve("kubeconfig"),
        """
        apiVersion: v1
        kind: Config
        current-context: relay
        contexts: [{name: relay, context: {cluster: relay, user: relay, namespace: default}}]
        clusters: [{name: relay, cluster: {server: "%s"}}]
        users: [{name: relay, user: {token: "%s"}}]
        """
            .formatted(kubernetes.uri(), token));
  }

  private Program program(String role, String... arguments) {
    var all = new ArrayList<>(List.of(role));
    all.addAll(List.of(arguments));
    return keep(
        Program.ccBridge(
            Map.of("CC_BRIDGE_DATA", data.resolve(role).toString()), all.toArray(String[]::new)));
  }

  /** The bridge, started again whenever it has died, as any supervisor does. */
  private void startBridge() {
    var ready = new CountDownLatch(1);
    var supervisor =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    while (supervised) {
                      bridge = bridge();
                      ready.countDown();
                      bridge.awaitEnd(Duration.ofDays(1));
                    }
                  } catch (InterruptedException ended) {
                    Thread.currentThread().interrupt();
                  }
                });
    running.push(
        () -> {
          supervisor.interrupt();
          bridge.close();
        });
    try {
      assertThat(ready.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
    bridge.awaitLine("operator.started", LIMIT);
  }

  private Program bridge() {
    return Program.ccBridge(
        Map.of(),
        "operator",
        "--kubeconfig=" + data.resolve("kubeconfig"),
        "--data=" + data.resolve("operator"),
        "--receptor-url=" + receptor.uri(),
        "--listen-address=127.0.0.1:" + ports.callbacks(),
        "--stager-address=127.0.0.1:" + ports.stager(),
        "--stager-url=" + stager.uri(),
        "--nsync-address=127.0.0.1:" + ports.nsync(),
        "--file-server-url=" + url(ports.files()),
        "--cc-uploader-url=" + url(ports.uploader()),
        "--cc-base-url=" + cloudController.uri(),
        "--cc-username=internal_user",
        "--cc-password=internal_password",
        "--lifecycles=" + LIFECYCLE,
        "--bulk-polling-interval=1s");
  }

  private void kill() {
    try {
      bridge.kill();
    } catch (Exception impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static URI url(int port) {
    return URI.create("http://127.0.0.1:" + port);
  }

  private static boolean answers(URI uri) {
    try {
      CloudControllerE2E.get(uri);
      return true;
    } catch (Exception gone) {
      return false;
    }
  }

  private <T extends AutoCloseable> T keep(T part) {
    running.push(part);
    return part;
  }
}
