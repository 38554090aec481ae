package dev.ccbridge.e2e;

import static org.awaitility.Awaitility.await;

import dev.ccbridge.cloudcontroller.fake.Credentials;
import dev.ccbridge.cloudcontroller.fake.FakeCloudControllerConfig;
import dev.ccbridge.cloudcontroller.fake.MemoryCloudController;
import dev.ccbridge.cloudcontroller.model.BuildpackStagingData;
import dev.ccbridge.devserver.DevServer;
import dev.ccbridge.devserver.DevServerConfig;
import dev.ccbridge.stager.ArtifactUrls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The operator as a program, with all front doors and a debug server, between a Kubernetes API and
 * a Cloud Controller in the test's own process. Needs nothing of the machine.
 */
final class ObservedBridge implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final Path SAMPLE =
      Path.of("target/static/samples/hello-procfile.tgz").toAbsolutePath();
  private static final String STACK = "cflinuxfs4";
  private static final String BUILDPACK = "binary_buildpack";
  private static final String USER = "internal_user";
  private static final String PASSWORD = "canary-cc-password";

  private final Deque<AutoCloseable> running = new ArrayDeque<>();
  private final Path data;
  private final Ports ports;
  private final int debugPort;
  private final Path kubeconfig;
  private final Pushing cloudController;
  private final List<String> more;
  private Program operator;

  private ObservedBridge(Path data, String... more) throws IOException {
    this.data = data;
    this.more = List.of(more);
    this.ports = Ports.free();
    this.debugPort = freePort();
    this.kubeconfig = data.resolve("kubeconfig");
    var definitions = new ArrayList<String>();
    for (var crd : List.of("stagingrequests", "desiredlrps")) {
      definitions.add(Files.readString(Path.of("crds", crd + ".ccbridge.dev-v1.yml")));
    }
    keep(DevServer.start(DevServerConfig.inMemory(definitions))).writeKubeconfig(kubeconfig);
    var credentials = new Credentials(USER, PASSWORD);
    keep(
        MemoryCloudController.start(
            new FakeCloudControllerConfig(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.cloudController()),
                Optional.empty(),
                data.resolve("cc"),
                ports.url(ports.stager()),
                ports.url(ports.nsync()),
                ports.url(ports.tps()),
                credentials,
                credentials,
                STACK,
                List.of(
                    new BuildpackStagingData.Buildpack(
                        BUILDPACK,
                        BUILDPACK,
                        ports.url(ports.files()) + ArtifactUrls.BUILDPACKS + BUILDPACK + ".tgz",
                        false)),
                FakeCloudControllerConfig.DEFAULT_STAGING_TIMEOUT)));
    this.cloudController = keep(new Pushing(ports.url(ports.cloudController())));
    startOperator();
  }

  /**
   * Returns when all duties have started.
   *
   * @param more options of the operator
   */
  static ObservedBridge start(Path data, String... more) throws IOException {
    return new ObservedBridge(data, more);
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void startOperator() {
    var arguments =
        new ArrayList<>(
            List.of(
                "operator",
                "--kubeconfig=" + kubeconfig,
                "--data=" + data.resolve("operator"),
                "--debug-address=127.0.0.1:" + debugPort,
                "--stager-address=127.0.0.1:" + ports.stager(),
                "--nsync-address=127.0.0.1:" + ports.nsync(),
                "--tps-address=127.0.0.1:" + ports.tps(),
                "--cc-uploader-address=127.0.0.1:" + ports.uploader(),
                "--receptor-address=127.0.0.1:" + ports.receptor(),
                "--listen-address=127.0.0.1:" + ports.files(),
                "--cc-base-url=" + ports.url(ports.cloudController()),
                "--cc-username=" + USER,
                "--cc-password=" + PASSWORD,
                "--bulk-polling-interval=2s"));
    arguments.addAll(more);
    operator = keep(Program.ccBridge(Map.of(), arguments.toArray(String[]::new)));
    operator.awaitLine("operator.started", LIMIT);
  }

  /** Pushes the sample with this environment; it is staged when this returns. The app's guid. */
  String stage(Map<String, String> environment) throws Exception {
    var app = cloudController.create(Map.of("name", "hello", "environment", environment));
    cloudController.uploadBits(app, SAMPLE);
    cloudController.change(app, Map.of("state", "STARTED"));
    await("CC hears that the app is staged")
        .atMost(LIMIT)
        .until(
            () -> {
              var entity = cloudController.app(app);
              if (entity.path("package_state").asText().equals("FAILED")) {
                // A stager that is slow just after its start sends CC away.
                System.out.println("staging failed, tried again: " + entity);
                cloudController.tryChange(app, Map.of("state", "STOPPED"));
                cloudController.tryChange(app, Map.of("state", "STARTED"));
              }
              return entity.path("package_state").asText().equals("STAGED");
            });
    return app;
  }

  void awaitRunning(String app) {
    await("the app runs").atMost(LIMIT).until(() -> cloudController.inState(app, "RUNNING") == 1);
  }

  /** The app ends itself; CC has been told, and it runs again, when this returns. */
  void crash(String app) throws Exception {
    CloudControllerE2E.get(cloudController.address(app, 0).resolve("/crash"));
    await("CC hears of the crash")
        .atMost(LIMIT)
        .until(() -> !cloudController.crashes(app).isEmpty());
    awaitRunning(app);
  }

  /** What the debug server answers. */
  String get(String path) throws Exception {
    return CloudControllerE2E.get(debugUrl().resolve(path)).body();
  }

  URI debugUrl() {
    return ports.url(debugPort);
  }

  Pushing cloudController() {
    return cloudController;
  }

  /** All that this operator, since its start, has logged. */
  String log() {
    return operator.output();
  }

  Program operator() {
    return operator;
  }

  /** Kills it and starts another one with the same data. */
  void restart() throws Exception {
    operator.kill();
    startOperator();
  }

  private <T extends AutoCloseable> T keep(T part) {
    running.push(part);
    return part;
  }

  @Override
  public void close() {
    while (!running.isEmpty()) {
      try {
        running.pop().close();
      } catch (Exception failure) {
        throw new AssertionError(failure);
      }
    }
  }
}
