package dev.ccbridge.executor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.ccbridge.receptor.backend.ArtifactServer;
import dev.ccbridge.receptor.model.Action;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Downloads and uploads beside servers that are slow, die, or answer differently each time. */
@Timeout(30)
class TransferStepsTest {
  private interface Answer {
    void give(HttpExchange exchange) throws IOException;
  }

  @TempDir private Path directory;
  private final Queue<Answer> answers = new ArrayDeque<>();
  private final List<String> bodies = new CopyOnWriteArrayList<>();
  private final List<String> conditions = new CopyOnWriteArrayList<>();
  private final List<Integer> statuses = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private FakeSandbox sandbox;
  private ActionExecutor executor;

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
    sandbox = new FakeSandbox(directory);
    Files.createDirectories(directory.resolve("tmp"));
    executor =
        new ActionExecutor(
            new ExecutorConfig(
                directory.resolve("downloads"),
                1_000_000,
                true,
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ofMillis(1),
                Duration.ZERO,
                Duration.ofSeconds(10),
                ArchiveLimits.DEFAULT),
            Clock.systemUTC());
  }

  @AfterEach
  void close() {
    server.stop(0);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      conditions.add(String.valueOf(exchange.getRequestHeaders().getFirst("If-None-Match")));
      Answer answer;
      synchronized (answers) {
        answer = answers.size() > 1 ? answers.remove() : answers.element();
      }
      answer.give(exchange);
    }
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/x";
  }

  private Outcome perform(Action action) {
    var scope =
        new Scope(
            sandbox,
            (key, source, stderr, text) -> {},
            Journal.inMemory(),
            StepRecorder.none(),
            "CELL",
            new Cancellation());
    return executor.perform(action, "0", scope);
  }

  private static Answer archive(byte[] content, String etag) {
    return exchange -> {
      exchange.getResponseHeaders().add("ETag", etag);
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content);
    };
  }

  /** Says how much comes, sends half of it, and goes away. */
  private static Answer dying(byte[] content) {
    return exchange -> {
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content, 0, content.length / 2);
      exchange.getResponseBody().flush();
      throw new IOException("gone");
    };
  }

  private Action download(String key) {
    return Action.download("", url(), "/tmp/d", key, "vcap");
  }

  @Test
  void downloadIsWholeAfterAServerThatDied() throws Exception {
    var content = ArtifactServer.tgz(Map.of("f", "x".repeat(10_000)));
    answers.addAll(List.of(dying(content), archive(content, "\"e\"")));

    assertThat(perform(download("")).reason()).isEmpty();

    assertThat(directory.resolve("tmp/d/f")).hasContent("x".repeat(10_000));
    assertThat(conditions).hasSize(2);
    assertThat(sandbox.given).containsEntry("0", "vcap").containsEntry("d", "vcap");
    assertThat(directory.resolve("downloads/incoming")).isEmptyDirectory();
  }

  @Test
  void slowServerIsWaitedForWhileItSends() throws Exception {
    var content = ArtifactServer.tgz(Map.of("f", "slow"));
    answers.add(
        exchange -> {
          exchange.sendResponseHeaders(200, content.length);
          for (var b : content) {
            exchange.getResponseBody().write(b);
            exchange.getResponseBody().flush();
          }
        });

    assertThat(perform(download("")).reason()).isEmpty();
    assertThat(directory.resolve("tmp/d/f")).hasContent("slow");
  }

  @Test
  void serverThatAlwaysDiesFailsAfterThreeAttemptsAndLeavesNothing() throws Exception {
    answers.add(dying(ArtifactServer.tgz(Map.of("f", "x"))));

    assertThat(perform(download("key")).reason()).isEqualTo("Downloading failed");

    assertThat(conditions).hasSize(3);
    assertThat(directory.resolve("downloads/incoming")).isEmptyDirectory();
    assertThat(directory.resolve("downloads/cache")).isEmptyDirectory();
  }

  private Answer withEtag(byte[] content) {
    return exchange -> {
      boolean isKnown = "\"v1\"".equals(exchange.getRequestHeaders().getFirst("If-None-Match"));
      exchange.getResponseHeaders().add("ETag", "\"v1\"");
      statuses.add(isKnown ? 304 : 200);
      exchange.sendResponseHeaders(isKnown ? 304 : 200, isKnown ? -1 : content.length);
      if (!isKnown) {
        exchange.getResponseBody().write(content);
      }
    };
  }

  @Test
  void twoThatAskForOneKeyAtOnceFetchItOnce() throws Exception {
    answers.add(withEtag(ArtifactServer.tgz(Map.of("f", "x"))));
    var other = Action.download("", url(), "/tmp/e", "key", "vcap");

    assertThat(perform(Action.parallel(List.of(download("key"), other))).reason()).isEmpty();

    assertThat(statuses).containsExactly(200, 304);
    assertThat(directory.resolve("tmp/d/f")).hasContent("x");
    assertThat(directory.resolve("tmp/e/f")).hasContent("x");
  }

  @Test
  void damagedEntryOfTheCacheIsFetchedAgain() throws Exception {
    answers.add(withEtag(ArtifactServer.tgz(Map.of("f", "x"))));
    perform(download("key"));
    try (var kept = Files.newDirectoryStream(directory.resolve("downloads/cache"), "*.content")) {
      for (var file : kept) {
        var bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
      }
    }

    assertThat(perform(download("key")).reason()).isEmpty();
    assertThat(perform(download("key")).reason()).isEmpty();

    assertThat(statuses).containsExactly(200, 304, 200, 304);
    assertThat(directory.resolve("tmp/d/f")).hasContent("x");
  }

  @Test
  void uploadSendsAllOfItsFileAtEachAttempt() throws Exception {
    var content = "droplet".repeat(50_000);
    Files.writeString(directory.resolve("tmp/droplet"), content);
    answers.add(
        exchange -> {
          assertThat(exchange.getRequestBody().readNBytes(1000)).hasSize(1000);
          throw new IOException("gone");
        });
    answers.add(exchange -> receive(exchange, 503));
    answers.add(exchange -> receive(exchange, 201));

    var upload = Action.upload("", "/tmp/droplet", url(), "vcap");
    assertThat(perform(upload).reason()).isEmpty();

    assertThat(bodies).containsExactly(content, content);
    assertThat(conditions).hasSize(3);
  }

  private void receive(HttpExchange exchange, int status) throws IOException {
    bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    exchange.sendResponseHeaders(status, -1);
  }

  @Test
  void refusalOfAnUploadIsNotTriedAgain() throws Exception {
    Files.writeString(directory.resolve("tmp/droplet"), "x");
    answers.add(exchange -> receive(exchange, 413));

    var upload = Action.upload("", "/tmp/droplet", url(), "vcap");

    assertThat(perform(upload).reason()).isEqualTo("Upload failed: Status code 413");
    assertThat(bodies).hasSize(1);
  }

  @Test
  void whatItsUserMayNotReadIsNotUploaded() throws Exception {
    Files.writeString(directory.resolve("tmp/droplet"), "x");
    sandbox.stranger = "vcap";

    var upload = Action.upload("", "/tmp/droplet", url(), "vcap");

    assertThat(perform(upload).reason()).isEqualTo("Failed to establish stream from container");
    assertThat(bodies).isEmpty();
  }

  @Test
  void oddNamesInArchivesAreKept() throws Exception {
    var names = List.of("with space", "ünï", "-dash", "new\nline", "quote'\"", "a".repeat(150));
    var files = new java.util.HashMap<String, String>();
    names.forEach(name -> files.put(name, "in " + name));
    answers.add(archive(ArtifactServer.zip(files), "\"e\""));

    assertThat(perform(download("")).reason()).isEmpty();

    for (var name : names) {
      assertThat(directory.resolve("tmp/d").resolve(name)).hasContent("in " + name);
    }
  }
}
