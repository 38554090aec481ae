package dev.ccbridge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A registry as others run it: the program {@code docker-registry} as a process, with an empty
 * storage of its own, on loopback, speaking plain HTTP.
 */
public final class RealRegistry implements AutoCloseable {
  private final Process process;
  private final int port;

  private RealRegistry(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Skips the test, and says so, if this machine has no such program. */
  public static RealRegistry start(Path directory) throws Exception {
    return start(directory, "");
  }

  /**
   * One that knows its users.
   *
   * @param users a line for each, as {@code htpasswd -B} writes it
   */
  public static RealRegistry startProtected(Path directory, String users) throws Exception {
    Files.createDirectories(directory);
    var file = directory.resolve("htpasswd");
    Files.writeString(file, users);
    return start(directory, "auth: {htpasswd: {realm: tests, path: %s}}\n".formatted(file));
  }

  private static RealRegistry start(Path directory, String auth) throws Exception {
    var program = program();
    if (program.isEmpty()) {
      var reason = "no docker-registry on the PATH, and CC_BRIDGE_DOCKER_REGISTRY names none";
      System.out.println("skipped: " + reason + "; .ci/registry/install brings one");
      assumeTrue(false, reason);
    }
    Files.createDirectories(directory);
    var port = Lifecycle.freePort();
    Files.writeString(
        directory.resolve("config.yml"),
        """
        version: 0.1
        log: {level: warn}
        storage:
          filesystem: {rootdirectory: %s}
          delete: {enabled: true}
        http: {addr: "127.0.0.1:%d"}
        """
                .formatted(directory.resolve("storage"), port)
            + auth);
    var process =
        new ProcessBuilder(program.orElseThrow(), "serve", directory + "/config.yml")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    var registry = new RealRegistry(process, port);
    Awaitility.await().atMost(60, TimeUnit.SECONDS).until(() -> registry.answers(directory));
    return registry;
  }

  private static Optional<String> program() {
    var named = Optional.ofNullable(System.getenv("CC_BRIDGE_DOCKER_REGISTRY"));
    var onPath =
        Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .map(directory -> directory + "/docker-registry");
    return Stream.concat(named.stream(), onPath)
        .map(Path::of)
        .filter(candidate -> Files.isRegularFile(candidate) && Files.isExecutable(candidate))
        .map(Path::toString)
        .findFirst();
  }

  private boolean answers(Path directory) throws IOException {
    assertThat(process.isAlive()).as("runs; see %s/log", directory).isTrue();
    var url = URI.create("http://" + host() + "/v2/").toURL();
    try {
      return url.openConnection() instanceof HttpURLConnection http
          && Set.of(200, 401).contains(http.getResponseCode());
    } catch (IOException notYet) {
      return false;
    }
  }

  public int port() {
    return port;
  }

  /** As references write it. */
  public String host() {
    return "127.0.0.1:" + port;
  }

  @Override
  public void close() {
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
