package dev.ccbridge.receptor.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.receptor.model.TaskProgress;
import dev.ccbridge.receptor.model.TaskState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class CompletionCallbackTest {
  private static final int CLOSE_WITHOUT_ANSWER = 0;

  @TempDir private Path directory;
  private StoreScenario scenario;
  private HttpServer receiver;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Queue<Integer> answers = new ConcurrentLinkedQueue<>();
  private final List<JsonNode> received = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() throws IOException {
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    receiver.setExecutor(threads);
    receiver.createContext("/", this::receive);
    receiver.start();
    scenario = new StoreScenario(directory.resolve("receptor.db"));
  }

  @AfterEach
  void close() {
    scenario.close();
    receiver.stop(0);
    threads.shutdownNow();
  }

  @Test
  void tellsTheWholeTaskOnceAndForgetsIt() {
    scenario.runTask("t1", url());
    scenario.backend.progress("t1", new TaskProgress(List.of(), "secret words"));
    assertThat(received).isEmpty();

    scenario.backend.finish("t1", "the result");

    scenario.awaitNoTask("t1");
    assertThat(received).hasSize(1);
    var body = received.getFirst();
    assertThat(body.path("task_guid").asText()).isEqualTo("t1");
    assertThat(body.path("state").asText()).isEqualTo("COMPLETED");
    assertThat(body.path("result").asText()).isEqualTo("the result");
    assertThat(body.path("failed").asBoolean()).isFalse();
    assertThat(body.path("annotation").asText()).isEqualTo("{\"k\":1}");
    assertThat(body.path("created_at").asLong()).isPositive();
    assertThat(body.has("progress")).isFalse();
    assertThat(scenario.backend.destroyed()).contains("t1");
  }

  @Test
  void tellsOfACancelledTaskToo() {
    scenario.runTask("t1", url());
    scenario.store.cancelTask("t1");
    scenario.awaitNoTask("t1");
    assertThat(received.getFirst().path("failure_reason").asText()).isEqualTo("task was cancelled");
  }

  @ParameterizedTest
  @ValueSource(ints = {204, 302, 400, 404, 500, 502})
  void takesAnyAnswerButUnavailableForAcceptance(int status) {
    answers.add(status);
    finish(url());
    scenario.awaitNoTask("t1");
    assertThat(received).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {503, 504, CLOSE_WITHOUT_ANSWER})
  void triesAgainAtOnceWhenTheReceiverIsUnavailable(int answer) {
    answers.addAll(List.of(answer, answer, 200));
    finish(url());
    scenario.awaitNoTask("t1");
    assertThat(received).hasSize(3);
  }

  @Test
  void leavesItToConvergenceAfterThreeAttempts() {
    answers.addAll(List.of(503, 504, 503));
    finish(url());
    await().atMost(StoreScenario.SOON).until(() -> received.size() == 3);
    scenario.awaitTask("t1", TaskState.RESOLVING);
    scenario.time.advance(Duration.ofSeconds(29));
    assertThat(received).hasSize(3);

    // Little by little, since the worker may not have come back from its third attempt yet.
    await()
        .atMost(StoreScenario.SOON)
        .until(
            () -> {
              scenario.time.advance(Duration.ofSeconds(1));
              return received.size() > 3;
            });

    scenario.awaitNoTask("t1");
    assertThat(received).hasSize(4);
  }

  @Test
  void leavesItToConvergenceWhenNobodyListens() {
    var gone = url();
    receiver.stop(0);
    finish(gone);
    scenario.awaitTask("t1", TaskState.RESOLVING);
    assertThat(scenario.task("t1").result()).isEqualTo("r");
    scenario.time.advance(Duration.ofSeconds(119));

    // More than once, since a round may come while the callback is being tried again.
    await()
        .atMost(StoreScenario.SOON)
        .until(
            () -> {
              scenario.time.advance(Duration.ofSeconds(1));
              return scenario.store.findTask("t1").isEmpty();
            });
  }

  @Test
  void keepsATaskWhoseCallbackCannotBeCalled() {
    finish("/no/host");
    scenario.awaitTask("t1", TaskState.RESOLVING);
  }

  @Test
  void sendsTheCredentialsOfTheAddress() {
    finish(url().replace("http://", "http://us%40er:p%3Aw@"));
    scenario.awaitNoTask("t1");
    // us@er:p:w
    assertThat(authorizations).containsExactly("Basic dXNAZXI6cDp3");
  }

  @Test
  void makesTheCallbackAgainAfterARestart() {
    answers.addAll(List.of(503, 503, 503));
    finish(url());
    await().atMost(StoreScenario.SOON).until(() -> received.size() == 3);
    try (var second = scenario.killed()) {
      second.awaitNoTask("t1");
      assertThat(received).hasSize(4);
    }
  }

  private void finish(String callbackUrl) {
    scenario.runTask("t1", callbackUrl);
    scenario.backend.finish("t1", "r");
  }

  private String url() {
    return "http://127.0.0.1:" + receiver.getAddress().getPort() + "/done?token=t0ken";
  }

  private void receive(HttpExchange exchange) throws IOException {
    assertThat(exchange.getRequestMethod()).isEqualTo("POST");
    assertThat(exchange.getRequestURI().getQuery()).isEqualTo("token=t0ken");
    var authorization = exchange.getRequestHeaders().getFirst("Authorization");
    if (authorization != null) {
      authorizations.add(authorization);
    }
    var answer = answers.poll();
    received.add(ReceptorJson.mapper().readTree(exchange.getRequestBody()));
    if (answer != null && answer == CLOSE_WITHOUT_ANSWER) {
      exchange.close();
      return;
    }
    exchange.sendResponseHeaders(answer == null ? 200 : answer, -1);
    exchange.close();
  }
}
