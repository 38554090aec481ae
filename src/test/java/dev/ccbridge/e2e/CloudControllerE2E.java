package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ccbridge.kubernetes.RealApiServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Cloud Controller drives the bridge: push, run, crash, bulk sync, stop, with the app really
 * running.
 */
@Timeout(600)
class CloudControllerE2E {
  private static final Duration LIMIT = Duration.ofSeconds(180);
  private static final Path STATIC = Path.of("target/static").toAbsolutePath();
  private static final Path SAMPLE = STATIC.resolve("samples/hello-procfile.tgz");
  private static final String STACK = "cflinuxfs4";
  private static final List<String> LIFECYCLES =
      List.of(
          "buildpack/" + STACK + ":buildpack_app_lifecycle/buildpack_app_lifecycle.tgz",
          "docker:docker_app_lifecycle/docker_app_lifecycle.tgz");

  @TempDir Path data;
  private final Deque<AutoCloseable> running = new ArrayDeque<>();

  @AfterEach
  void endAll() throws Exception {
    while (!running.isEmpty()) {
      running.pop().close();
    }
    assertThat(Processes.mentioning(data)).isEmpty();
  }

  @Test
  void oneProcessServesACloudController() throws Exception {
    var ports = Ports.free();
    startFakeCC(ports);
    var kubernetes = keep(RealApiServer.unused());
    Kubectl.with(kubernetes.kubeconfig(), data).run("apply", "-f", "crds/");
    var operator =
        keep(
            Program.ccBridge(
                Map.of(),
                "operator",
                "--kubeconfig=" + kubernetes.kubeconfig(),
                "--data=" + data.resolve("operator"),
                "--stager-address=127.0.0.1:" + ports.stager(),
                "--nsync-address=127.0.0.1:" + ports.nsync(),
                "--tps-address=127.0.0.1:" + ports.tps(),
                "--cc-uploader-address=127.0.0.1:" + ports.uploader(),
                "--listen-address=127.0.0.1:" + ports.files(),
                "--cc-base-url=http://127.0.0.1:" + ports.cloudController(),
                "--cc-username=internal_user",
                "--cc-password=internal_password",
                "--bulk-polling-interval=2s"));
    operator.awaitLine("operator.started", LIMIT);
    pushRunCrashSyncAndStop(ports, () -> {});
  }

  @Test
  void theOriginalsCommandLinesServeACloudController() throws Exception {
    var ports = Ports.free();
    startFakeCC(ports);
    startRoles(ports);
    pushRunCrashSyncAndStop(ports, () -> sshShowsTheFilesOfTheApp(ports));
  }

  /** What else to do while both instances run. */
  private interface WhileRunning {
    void act() throws Exception;
  }

  private void sshShowsTheFilesOfTheApp(Ports ports) throws Exception {
    if (!Files.isExecutable(Path.of("/usr/bin/ssh"))) {
      System.out.println("skipped, as this machine has no OpenSSH: ssh");
      return;
    }
    var json = new ObjectMapper();
    var receptor = ports.url(ports.receptor());
    var route =
        json.readTree(get(receptor.resolve("/v1/desired_lrps")).body()).at("/0/routes/diego-ssh");
    var actual = json.readTree(get(receptor.resolve("/v1/actual_lrps")).body()).get(0);
    var port =
        StreamSupport.stream(actual.path("ports").spliterator(), false)
            .filter(p -> p.path("container_port").asInt() == 2222)
            .findFirst()
            .orElseThrow();
    var key = data.resolve("key");
    Files.createFile(
        key, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(key, route.path("private_key").asText());
    var ssh =
        new ProcessBuilder(
                "/usr/bin/ssh",
                "-F/dev/null",
                "-i" + key,
                "-p" + port.path("host_port").asInt(),
                "-oIdentitiesOnly=yes",
                "-oBatchMode=yes",
                "-oFingerprintHash=md5",
                "-oStrictHostKeyChecking=accept-new",
                "-oUserKnownHostsFile=" + data.resolve("known"),
                "-v",
                "vcap@127.0.0.1",
                "ls app; echo index $INSTANCE_INDEX")
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile())
            .start();
    var output = new String(ssh.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(ssh.waitFor()).as(output).isZero();
    assertThat(output)
        .contains("MD5:" + route.path("host_fingerprint").asText())
        .contains("\nProcfile\n")
        .contains("\nindex " + actual.path("index").asInt() + "\n");
  }

  private void pushRunCrashSyncAndStop(Ports ports, WhileRunning whileRunning) throws Exception {
    var cloudController = keep(new Pushing(ports.url(ports.cloudController())));
    var app =
        cloudController.create(
            Map.of(
                "name",
                "hello",
                "memory",
                256,
                "enable_ssh",
                true,
                "routes",
                List.of("hello.example.com"),
                "environment",
                Map.of("GREETING", "hello")));
    cloudController.uploadBits(app, SAMPLE);
    cloudController.change(app, Map.of("state", "STARTED", "instances", 2));

    awaitStaged(cloudController, app);
    assertThat(cloudController.app(app).path("detected_buildpack").asText()).isNotEmpty();
    await("both instances run")
        .atMost(LIMIT)
        .until(() -> cloudController.inState(app, "RUNNING") == 2);
    assertThat(get(cloudController.address(app, 1)).body()).contains("Hello from instance 1");
    var roundsBefore = rounds(cloudController);

    whileRunning.act();

    get(cloudController.address(app, 0).resolve("/crash"));
    await("CC hears of the crash")
        .atMost(LIMIT)
        .until(() -> !cloudController.crashes(app).isEmpty());
    var crash = cloudController.crashes(app).getFirst().path("metadata");
    assertThat(crash.path("index").asInt()).isZero();
    assertThat(crash.path("exit_description").asText()).contains("Exited with status 1");
    await("it runs again").atMost(LIMIT).until(() -> cloudController.inState(app, "RUNNING") == 2);
    assertThat(cloudController.crashes(app)).hasSize(1);

    // Until one that began before the app ran is over: it may have asked for it.
    awaitRounds(cloudController, roundsBefore + 2);
    var asked = cloudController.heard("POST", "/internal/bulk/apps");
    awaitRounds(cloudController, rounds(cloudController) + 2);
    assertThat(cloudController.heard("POST", "/internal/bulk/apps"))
        .as("a round that finds nothing different asks for no app")
        .isEqualTo(asked);

    cloudController.change(app, Map.of("instances", 1));
    await("one instance is left")
        .atMost(LIMIT)
        .until(() -> cloudController.inState(app, "RUNNING") == 1);
    var address = cloudController.address(app, 0);
    cloudController.change(app, Map.of("state", "STOPPED"));
    await("nothing answers any more").atMost(LIMIT).until(() -> !answers(address));
    assertThat(cloudController.heard("POST", "/completed"))
        .filteredOn(completed -> completed.at("/body/error").isMissingNode())
        .as("told of the success exactly once")
        .hasSize(1);
  }

  /** Comparisons of the bulker whose first page CC has given; all before the last are over. */
  private static int rounds(Pushing cloudController) throws Exception {
    return (int)
        cloudController.heard("GET", "/internal/bulk/apps").stream()
            .filter(page -> page.path("query").asText().endsWith("token=%7B%7D"))
            .count();
  }

  private static void awaitRounds(Pushing cloudController, int wanted) {
    await("apps are compared").atMost(LIMIT).until(() -> rounds(cloudController) >= wanted);
  }

  /** A stager that is slow just after its start sends CC away; its user tries again then. */
  private static void awaitStaged(Pushing cloudController, String app) {
    await("CC hears that the app is staged")
        .atMost(LIMIT)
        .until(
            () -> {
              var entity = cloudController.app(app);
              if (entity.path("package_state").asText().equals("FAILED")) {
                System.out.println("staging failed, tried again: " + entity);
                cloudController.tryChange(app, Map.of("state", "STOPPED"));
                cloudController.tryChange(app, Map.of("state", "STARTED", "instances", 2));
              }
              return entity.path("package_state").asText().equals("STAGED");
            });
  }

  private void startFakeCC(Ports ports) {
    keep(Program.ccBridge(
            Map.of("CC_BRIDGE_DATA", data.resolve("cc").toString()),
            "fake-cc",
            "-address=127.0.0.1:" + ports.cloudController(),
            "-username=internal_user",
            "-password=internal_password",
            "-stagerURL=" + ports.url(ports.stager()),
            "-nsyncURL=" + ports.url(ports.nsync()),
            "-tpsURL=" + ports.url(ports.tps()),
            "-fileServerURL=" + ports.url(ports.files()),
            "-stack=" + STACK))
        .awaitLine("fake-cc.ready", LIMIT);
  }

  /** Nothing but what the originals were started with. */
  private void startRoles(Ports ports) {
    var receptor = ports.url(ports.receptor()).toString();
    role("receptor", "-address=127.0.0.1:" + ports.receptor()).awaitLine("receptor.started", LIMIT);
    role("file-server", "-address=127.0.0.1:" + ports.files(), "-staticDirectory=" + STATIC)
        .awaitLine("file-server.ready", LIMIT);
    role("cc-uploader", "-address=127.0.0.1:" + ports.uploader())
        .awaitLine("cc-uploader.ready", LIMIT);
    role(
            "stager",
            "-diegoAPIURL=" + receptor,
            "-stagerURL=" + ports.url(ports.stager()),
            "-ccBaseURL=" + ports.url(ports.cloudController()),
            "-ccUsername=internal_user",
            "-ccPassword=internal_password",
            "-skipCertVerify=false",
            "-debugAddr=127.0.0.1:0",
            "-lifecycle",
            LIFECYCLES.get(0),
            "-lifecycle",
            LIFECYCLES.get(1),
            "-dockerStagingStack=" + STACK,
            "-fileServerURL=" + ports.url(ports.files()),
            "-ccUploaderURL=" + ports.url(ports.uploader()),
            "-consulCluster=http://127.0.0.1:8500",
            "-dockerRegistryAddress=docker-registry.service.cf.internal:8080",
            "-logLevel=info")
        .awaitLine("stager.Listening for staging requests!", LIMIT);
    role(
            "nsync-listener",
            "-diegoAPIURL=" + receptor,
            "-nsyncURL=" + ports.url(ports.nsync()),
            "-fileServerURL=" + ports.url(ports.files()),
            "-lifecycle=" + LIFECYCLES.get(0),
            "-lifecycle=" + LIFECYCLES.get(1))
        .awaitLine("nsync-listener.started", LIMIT);
    role(
            "nsync-bulker",
            "-diegoAPIURL=" + receptor,
            "-ccBaseURL=" + ports.url(ports.cloudController()),
            "-ccUsername=internal_user",
            "-ccPassword=internal_password",
            "-fileServerURL=" + ports.url(ports.files()),
            "-lifecycle=" + LIFECYCLES.get(0),
            "-lifecycle=" + LIFECYCLES.get(1),
            "-consulCluster=http://127.0.0.1:8500",
            "-pollingInterval=2s")
        .awaitLine("nsync-bulker.started", LIMIT);
    role("tps-listener", "-diegoAPIURL=" + receptor, "-listenAddr=127.0.0.1:" + ports.tps())
        .awaitLine("tps-listener.started", LIMIT);
    role(
            "tps-watcher",
            "-diegoAPIURL=" + receptor,
            "-ccBaseURL=" + ports.url(ports.cloudController()),
            "-ccUsername=internal_user",
            "-ccPassword=internal_password",
            "-consulCluster=http://127.0.0.1:8500")
        .awaitLine("tps-watcher.started", LIMIT);
  }

  /** All of them find the same embedded Kubernetes in their data directory. */
  private Program role(String... arguments) {
    return keep(
        Program.ccBridge(Map.of("CC_BRIDGE_DATA", data.resolve("bridge").toString()), arguments));
  }

  private <T extends AutoCloseable> T keep(T part) {
    running.push(part);
    return part;
  }

  static java.net.http.HttpResponse<String> get(URI uri) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }
  }

  private static boolean answers(URI uri) throws InterruptedException {
    try {
      get(uri);
      return true;
    } catch (Exception gone) {
      return false;
    }
  }
}
