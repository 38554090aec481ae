package dev.ccbridge.stager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A Consul agent that is its own cluster of one, on loopback, and keeps nothing. */
final class RealConsul implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;
  private final URI uri;
  private final Path log;

  private RealConsul(Process process, URI uri, Path log) {
    this.process = process;
    this.uri = uri;
    this.log = log;
  }

  /** Skips the test, and says so, if this machine has no such program. */
  static RealConsul start(Path directory) throws Exception {
    var program = program();
    if (program.isEmpty()) {
      var reason = "no consul on the PATH, and CC_BRIDGE_CONSUL names none";
      System.out.println("skipped: " + reason + "; .ci/consul/build makes one");
      assumeTrue(false, reason);
    }
    Files.createDirectories(directory);
    var log = directory.resolve("log");
    var port = freePort();
    var process =
        new ProcessBuilder(command(program.orElseThrow(), port))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    var consul = new RealConsul(process, URI.create("http://127.0.0.1:" + port), log);
    await("Consul leads").atMost(PATIENCE).until(consul::leads);
    return consul;
  }

  /** Everything that is not needed is off, so that two agents do not meet. */
  private static List<String> command(String program, int port) throws IOException {
    return List.of(
        program,
        "agent",
        "-dev",
        "-log-level=warn",
        "-bind=127.0.0.1",
        "-client=127.0.0.1",
        "-http-port=" + port,
        "-server-port=" + freePort(),
        "-serf-lan-port=" + freePort(),
        "-serf-wan-port=-1",
        "-dns-port=-1",
        "-grpc-port=-1",
        "-grpc-tls-port=-1");
  }

  private static Optional<String> program() {
    var named = Optional.ofNullable(System.getenv("CC_BRIDGE_CONSUL"));
    var onPath =
        Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .map(directory -> directory + "/consul");
    return Stream.concat(named.stream(), onPath)
        .map(Path::of)
        .filter(candidate -> Files.isRegularFile(candidate) && Files.isExecutable(candidate))
        .map(Path::toString)
        .findFirst();
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private boolean leads() throws Exception {
    assertThat(process.isAlive()).as("runs; see %s", log).isTrue();
    try {
      var leader = send("GET", "/v1/status/leader", "");
      return leader.statusCode() == 200 && !leader.body().equals("\"\"");
    } catch (IOException notYet) {
      return false;
    }
  }

  /** As the release of the docker registry has it registered: without address and port. */
  void registerDockerRegistry() throws Exception {
    var service = "{\"Name\":\"docker-registry\",\"Tags\":[\"docker-cache-0\"]}";
    var answer = send("PUT", "/v1/agent/service/register", service);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    await("the catalogue knows what the agent knows")
        .atMost(PATIENCE)
        .until(() -> !dockerRegistries().equals("[]"));
  }

  /** What the catalogue says, as JSON. */
  String dockerRegistries() throws Exception {
    return send("GET", "/v1/catalog/service/docker-registry", "").body();
  }

  private HttpResponse<String> send(String method, String path, String body) throws Exception {
    var request =
        HttpRequest.newBuilder(uri.resolve(path))
            .timeout(Duration.ofSeconds(30))
            .method(method, BodyPublishers.ofString(body))
            .build();
    return http.send(request, BodyHandlers.ofString());
  }

  /** Of its HTTP API. */
  URI uri() {
    return uri;
  }

  @Override
  public void close() {
    http.close();
    process.destroy();
    try {
      if (process.waitFor(30, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
