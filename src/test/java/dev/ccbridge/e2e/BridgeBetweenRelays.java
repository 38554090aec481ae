package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ccbridge.devserver.DevServer;
import dev.ccbridge.devserver.DevServerConfig;
import dev.ccbridge.kubernetes.Trust;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;
import javax.net.ssl.SSLContext;

/**
 * The bridge in one process, which is started again whenever it ends, with relays between it and
 * each of its neighbours: the Kubernetes API, the Receptor and Cloud Controller; and in front of
 * cc-uploader and tps-listener. {@link #flow} takes one app through its life, by way of Cloud
 * Controller.
 */
final class BridgeBetweenRelays implements Disturbed, AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final Path STATIC = Path.of("target/static").toAbsolutePath();
  private static final String NAMESPACE = "default";
  private static final String STACK = "cflinuxfs4";
  private static final String LIFECYCLE =
      "buildpack/" + STACK + ":buildpack_app_lifecycle/buildpack_app_lifecycle.tgz";

  private final Path data;
  private final List<String> settings;
  private final Deque<AutoCloseable> running = new ArrayDeque<>();
  private final CallSites sites = new CallSites();
  private final Ports ports;

  /** By task guid: how often the Receptor took it. */
  private final Map<String, AtomicInteger> tasks = new ConcurrentHashMap<>();

  /** Staging guids that the stager answered 202. */
  private final Set<String> accepted = ConcurrentHashMap.newKeySet();

  private final Relay kubernetes;
  private final KubernetesClient admin;
  private final Relay receptor;
  private final Relay cloudController;
  private final Relay stager;
  private final Relay nsync;
  private final Relay uploader;
  private final Relay tps;
  private final Pushing users;
  private final List<String> apps = new ArrayList<>();
  private Supervised bridge;
  private Program standby;
  private Ports standbyDoors;
  private volatile Program paused;

  /** Where whoever asks the bridge is led to. */
  private volatile Ports doors;

  /**
   * A Kubernetes API with the product's CRDs.
   *
   * @param token of whom the bridge is there
   */
  record Api(URI uri, SSLContext tls, String token) {}

  /**
   * @param given null: one for trying
   * @param settings of the bridge, besides where its neighbours are
   */
  private BridgeBetweenRelays(Path data, Api given, List<String> settings) throws IOException {
    this.data = data;
    this.settings = settings;
    this.ports = Ports.free();
    this.doors = ports;
    var api = given == null ? forTrying() : given;
    this.kubernetes = keep(Relay.start("kubernetes", api::uri, sites, api.tls(), call -> {}));
    kubernetes.writeKubeconfig(data.resolve("kubeconfig"), NAMESPACE, api.token());
    this.admin = keep(client(api));
    this.receptor =
        keep(Relay.start("receptor", () -> url(ports.receptor()), sites, null, this::countTask));
    this.cloudController = relay("cc", all -> ports.cloudController());
    this.stager = relay("stager", Ports::stager, this::noteAccepted);
    this.nsync = relay("nsync", Ports::nsync);
    this.uploader = relay("uploader", all -> ports.uploader());
    this.tps = relay("tps", all -> ports.tps());
    this.users = keep(new Pushing(url(ports.cloudController())));
  }

  private static KubernetesClient client(Api api) {
    return new KubernetesClientBuilder()
        .withConfig(
            new ConfigBuilder()
                .withMasterUrl(api.uri().toString())
                .withOauthToken(api.token())
                .withTrustCerts(true)
                .build())
        .build();
  }

  private Api forTrying() throws IOException {
    var definitions = new ArrayList<String>();
    try (var crds = Files.list(Path.of("crds"))) {
      for (var crd : crds.toList()) {
        definitions.add(Files.readString(crd));
      }
    }
    var server = keep(DevServer.start(DevServerConfig.inMemory(definitions)));
    return new Api(server.uri(), Trust.in(server.certificate()), server.token());
  }

  /** Everything runs when this returns. */
  static BridgeBetweenRelays start(Path data, String... settings) throws Exception {
    return start(data, null, settings);
  }

  /** The same with another Kubernetes API. */
  static BridgeBetweenRelays start(Path data, Api api, String... settings) throws Exception {
    var all = new BridgeBetweenRelays(data, api, List.of(settings));
    try {
      all.startNeighbours();
      all.startBridge();
      return all;
    } catch (RuntimeException | AssertionError failure) {
      all.close();
      throw failure;
    }
  }

  @Override
  public CallSites sites() {
    return sites;
  }

  @Override
  public void kill() {
    bridge.kill();
  }

  @Override
  public void undo(CallSites.Site site) {
    if (site.isNewLease()) {
      admin.leases().inNamespace(NAMESPACE).delete();
    }
  }

  /** A second bridge with a data directory of its own, which waits for the leases. */
  void startStandby() throws IOException {
    var own = Ports.free();
    standby = keep(bridge("standby", own));
    standby.awaitLine("nsync.started", LIMIT);
    standbyDoors = own;
  }

  /** SIGSTOP for the one that leads; whoever asks the bridge asks the other from now on. */
  void pause() {
    try {
      paused = bridge.current();
      paused.pause();
      doors = standbyDoors;
    } catch (Exception impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** When the other has all leases, SIGCONT for the one that had them; it ends by itself. */
  Program resumeWhenTheOtherLeads() throws Exception {
    for (var lease :
        List.of("cc-bridge-stager", "cc-bridge-nsync", "nsync-bulker-lock", "tps-watcher-lock")) {
      standby.awaitLine(lease + ".leading", LIMIT);
    }
    paused.goOn();
    return paused;
  }

  /** What came of the callbacks that were forged, or came twice or late. */
  List<Relay.Imitation> imitations() {
    return stager.imitations();
  }

  @Override
  public int starts() {
    return bridge.starts();
  }

  @Override
  public void cutStreams() {
    kubernetes.cutStreams();
    receptor.cutStreams();
  }

  /** What the bridge printed since its last start. */
  String output() {
    return bridge.current().output();
  }

  /** Every claim about what CC heard is checked at the end. */
  @Override
  public void flow(String point) throws Exception {
    var app = users.create(Map.of("name", "hello", "memory", 128, "enable_ssh", false));
    apps.add(app);
    users.uploadBits(app, STATIC.resolve("samples/hello-procfile.tgz"));
    stage(app, point);
    awaitRunning(app, 1, "runs, " + point);

    crash(app);
    await("crash told, " + point).atMost(LIMIT).until(() -> !users.crashes(app).isEmpty());
    awaitRunning(app, 1, "runs again, " + point);
    change(app, Map.of("instances", 2), "scaled up, " + point);
    awaitRunning(app, 2, "scaled up, " + point);
    change(app, Map.of("instances", 1), "scaled down, " + point);
    awaitRunning(app, 1, "scaled down, " + point);
    awaitRound(point);

    var address = address(app);
    change(app, Map.of("state", "STOPPED"), "stopped, " + point);
    await("gone, " + point).atMost(LIMIT).until(() -> !answers(address));
    awaitRound(point);
    check(app, point);
    users.delete(app);
  }

  /** What nsync answers to somebody who wants an app with an environment to run. */
  int desire(String processGuid) throws Exception {
    return put(
        nsync.uri() + "/v1/apps/" + processGuid,
        """
        {"process_guid": "%s", "droplet_uri": "http://bits.test/d", "stack": "cflinuxfs4", "start_command": "run",
         "num_instances": 1, "memory_mb": 128, "disk_mb": 256, "etag": "1", "environment": [{"name": "A", "value": "b"}]}
        """
            .formatted(processGuid));
  }

  /** What the stager answers to somebody who wants an app with an environment to be staged. */
  int desireStaging(String stagingGuid) throws Exception {
    return put(
        stager.uri() + "/v1/staging/" + stagingGuid,
        """
        {"app_id": "app", "file_descriptors": 1024, "memory_mb": 128, "disk_mb": 256, "timeout": 60, "lifecycle": "buildpack",
         "environment": [{"name": "A", "value": "b"}],
         "lifecycle_data": {"app_bits_download_uri": "http://bits.test/a", "droplet_upload_uri": "http://bits.test/d",
           "build_artifacts_cache_upload_uri": "http://bits.test/c", "stack": "cflinuxfs4",
           "buildpacks": [{"name": "b", "key": "b", "url": "http://bits.test/b", "skip_detect": true}]}}
        """);
  }

  private static int put(String uri, String body) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create(uri))
              .header("Content-Type", "application/json")
              .PUT(HttpRequest.BodyPublishers.ofString(body))
              .build();
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }

  private void awaitRunning(String app, int instances, String what) {
    await(what)
        .atMost(LIMIT)
        .ignoreExceptions()
        .until(() -> users.inState(app, "RUNNING") == instances);
  }

  private void change(String app, Map<String, Object> changes, String what) {
    await(what).atMost(LIMIT).until(() -> users.tryChange(app, changes));
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

  private void crash(String app) throws Exception {
    CloudControllerE2E.get(address(app).resolve("/crash"));
  }

  /** Where the first instance answers; tps may fail for a while. */
  private URI address(String app) {
    return await("address of " + app)
        .atMost(LIMIT)
        .ignoreExceptions()
        .until(() -> users.address(app, 0), address -> !address.getHost().isEmpty());
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
        .as("only what happened: all that was accepted succeeded, %s", point)
        .filteredOn(c -> accepted.stream().anyMatch(c.path("path").asText()::contains))
        .isNotEmpty()
        .allSatisfy(c -> assertThat(c.at("/body/error").isMissingNode()).isTrue());
    assertThat(users.crashes(app))
        .as("only the one crash, %s", point)
        .extracting(BridgeBetweenRelays::crashKey)
        .containsOnly("0/1");
    assertThat(tasks)
        .as("tasks that the Receptor took, %s", point)
        .allSatisfy((guid, times) -> assertThat(times.get()).as(guid).isEqualTo(1));
  }

  private static String crashKey(JsonNode crash) {
    return crash.at("/metadata/index").asText() + "/" + crash.at("/metadata/crash_count").asText();
  }

  /** Waits until nothing of the flows' apps is left at the Receptor. */
  void awaitNothingLeft() {
    await("nothing left at the Receptor")
        .atMost(LIMIT.plusSeconds(60))
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(
            () -> {
              for (var what : List.of("tasks", "desired_lrps", "actual_lrps")) {
                var listed =
                    CloudControllerE2E.get(url(ports.receptor()).resolve("/v1/" + what)).body();
                assertThat(apps).as("left of %s", what).noneMatch(listed::contains);
              }
            });
  }

  private void countTask(Relay.Answered call) {
    if (!call.method().equals("POST") || !call.path().equals("/v1/tasks") || call.status() > 299) {
      return;
    }
    try {
      var guid = new ObjectMapper().readTree(call.body()).path("task_guid").asText();
      tasks.computeIfAbsent(guid, g -> new AtomicInteger()).incrementAndGet();
    } catch (IOException unreadable) {
      throw new IllegalStateException(unreadable);
    }
  }

  /** What was not accepted may be told as failed: half of it may be stored, and never the rest. */
  private void noteAccepted(Relay.Answered call) {
    if (call.method().equals("PUT") && call.status() == 202) {
      accepted.add(call.path().substring(call.path().lastIndexOf('/') + 1));
    }
  }

  private void startNeighbours() {
    program("receptor", "-address=127.0.0.1:" + ports.receptor())
        .awaitLine("receptor.started", LIMIT);
    program("file-server", "-address=127.0.0.1:" + ports.files(), "-staticDirectory=" + STATIC)
        .awaitLine("file-server.ready", LIMIT);
    program("cc-uploader", "-address=127.0.0.1:" + ports.uploader())
        .awaitLine("cc-uploader.ready", LIMIT);
    program(
            "tps-listener",
            "-diegoAPIURL=" + receptor.uri(),
            "-listenAddr=127.0.0.1:" + ports.tps())
        .awaitLine("tps-listener.started", LIMIT);
    program(
            "fake-cc",
            "-address=127.0.0.1:" + ports.cloudController(),
            "-username=internal_user",
            "-password=internal_password",
            "-stagerURL=" + stager.uri(),
            "-nsyncURL=" + nsync.uri(),
            "-tpsURL=" + tps.uri(),
            "-fileServerURL=" + url(ports.files()),
            "-stack=" + STACK)
        .awaitLine("fake-cc.ready", LIMIT);
  }

  private Relay relay(String name, ToIntFunction<Ports> port) {
    return relay(name, port, call -> {});
  }

  private Relay relay(String name, ToIntFunction<Ports> port, Relay.Witness witness) {
    return keep(Relay.start(name, () -> url(port.applyAsInt(doors)), sites, null, witness));
  }

  private Program program(String role, String... arguments) {
    var all = new ArrayList<>(List.of(role));
    all.addAll(List.of(arguments));
    return keep(
        Program.ccBridge(
            Map.of("CC_BRIDGE_DATA", data.resolve(role).toString()), all.toArray(String[]::new)));
  }

  private void startBridge() {
    bridge = keep(Supervised.start(() -> bridge("operator", ports)));
    bridge.current().awaitLine("operator.started", LIMIT);
  }

  private Program bridge(String name, Ports own) {
    var arguments =
        new ArrayList<>(
            List.of(
                "operator",
                "--kubeconfig=" + data.resolve("kubeconfig"),
                "--data=" + data.resolve(name),
                "--receptor-url=" + receptor.uri(),
                "--listen-address=127.0.0.1:" + own.callbacks(),
                "--stager-address=127.0.0.1:" + own.stager(),
                "--stager-url=" + stager.uri(),
                "--nsync-address=127.0.0.1:" + own.nsync(),
                "--file-server-url=" + url(ports.files()),
                "--cc-uploader-url=" + uploader.uri(),
                "--cc-base-url=" + cloudController.uri(),
                "--cc-username=internal_user",
                "--cc-password=internal_password",
                "--lifecycles=" + LIFECYCLE,
                "--bulk-polling-interval=1s"));
    arguments.addAll(settings);
    return Program.ccBridge(Map.of(), arguments.toArray(String[]::new));
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

  @Override
  public void close() {
    if (paused != null) {
      running.push(paused::goOn);
    }
    while (!running.isEmpty()) {
      try {
        running.pop().close();
      } catch (Exception failure) {
        throw new IllegalStateException(failure);
      }
    }
  }
}
