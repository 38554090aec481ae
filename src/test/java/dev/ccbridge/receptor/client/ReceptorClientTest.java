package dev.ccbridge.receptor.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.fail;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.receptor.EventStreamEndedException;
import dev.ccbridge.receptor.Requests;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.DesiredLRPSummary;
import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.LogRange;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorEvent;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.TaskCreateRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the client meets Receptors that are not ours, and routers in between. */
@Timeout(60)
class ReceptorClientTest {
  private record Answer(int status, String contentType, String body) {}

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch silence = new CountDownLatch(1);
  private HttpServer server;
  private ReceptorClient client;
  private volatile Answer answer = new Answer(200, "application/json", "[]");
  private volatile String routerError = "";
  private volatile boolean silent;
  private volatile boolean cutsStream;
  private volatile boolean promisesHeartbeats;
  private volatile boolean endless;
  private volatile String seen = "";

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
    client = client("", Duration.ofSeconds(20));
  }

  @AfterEach
  void close() {
    silence.countDown();
    client.close();
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  @DisplayName("K1 what the client sends")
  void sendsWhatTheGoClientSends() {
    client = client("us%40er:p%3Aw@", Duration.ofSeconds(20));
    client.desiredLRPs("cf apps/ü");
    assertThat(seen)
        .isEqualTo(
            "GET /v1/desired_lrps?domain=cf%20apps%2F%C3%BC type=application/json length=4"
                + " auth=Basic dXNAZXI6cDp3 cache=null body=null");
    client.upsertDomain("cf-apps", Duration.ofSeconds(120));
    assertThat(seen).startsWith("PUT /v1/domains/cf-apps ").contains("cache=max-age=120 body=null");
    client.upsertDomain("cf-apps", Duration.ZERO);
    assertThat(seen).contains("cache=null");
  }

  @ParameterizedTest(name = "K1 status {0} of type {1}: {3}")
  @CsvSource(
      delimiter = '|',
      value = {
        "404 | application/json | {\"name\":\"DesiredLRPNotFound\",\"message\":\"m\"}"
            + " | DesiredLRPNotFound | m",
        "500 | Application/JSON ; charset=utf-8 | {\"name\":\"ResourceConflict\",\"message\":\"m\"}"
            + " | ResourceConflict | m",
        "400 | application/json | {\"name\":\"NewName\",\"message\":\"m\"} | UnknownError | m",
        "502 | text/html | <html> | InvalidResponse | Invalid Response with status code: 502",
        "301 | text/html | moved | InvalidResponse | Invalid Response with status code: 301",
      })
  void turnsAnErrorAnswerIntoItsName(
      int status, String type, String body, ReceptorErrorName name, String message) {
    answer = new Answer(status, type, body);
    assertThatExceptionOfType(ReceptorException.class)
        .isThrownBy(() -> client.deleteDesiredLRP("web"))
        .withMessage(message)
        .satisfies(e -> assertThat(e.name()).isEqualTo(name));
  }

  @ParameterizedTest(name = "K1 broken JSON with status {0}")
  @CsvSource({"200", "500"})
  void callsBrokenJsonInvalidWhateverTheStatus(int status) {
    answer = new Answer(status, "application/json", "{\"a\":s3cret");
    assertThatExceptionOfType(ReceptorException.class)
        .isThrownBy(() -> client.cells())
        .satisfies(e -> assertThat(e.name()).isEqualTo(ReceptorErrorName.InvalidJSON));
  }

  @Test
  @DisplayName("K1 a router in between is believed")
  void believesTheRouterBeforeTheAnswer() {
    routerError = "unknown_route";
    assertThatExceptionOfType(ReceptorException.class)
        .isThrownBy(() -> client.cells())
        .withMessage("unknown_route")
        .satisfies(e -> assertThat(e.name()).isEqualTo(ReceptorErrorName.RouterError))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE));
  }

  @Test
  @DisplayName("K1 a list call without type and body is no error")
  void takesAnAnswerWithoutBodyForAnEmptyList() {
    answer = new Answer(204, null, "");
    assertThat(client.cells()).isEmpty();
    answer = new Answer(200, "application/json", "null");
    assertThat(client.domains()).isEmpty();
  }

  @Test
  void readsSummariesAsAStream() {
    answer =
        new Answer(
            200,
            "application/json",
            """
            [{"process_guid":"a","domain":"d","annotation":"1","action":{"unknown":{}}},
             {"process_guid":"b","domain":"d"}]
            """);
    var seen = new ArrayList<DesiredLRPSummary>();
    client.summaries("d", seen::add);
    assertThat(seen)
        .containsExactly(new DesiredLRPSummary("a", "d", "1"), new DesiredLRPSummary("b", "d", ""));
    answer = new Answer(200, "application/json", "null");
    client.summaries("d", summary -> fail("there is none"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200|application/json|[{\"process_guid\":\"a\"}|InvalidJSON",
        "200|application/json|[7]|InvalidJSON",
        "200|application/json|{}|InvalidJSON",
        "200|text/html|[]|InvalidResponse",
        "500|application/json|{\"name\":\"UnknownError\"}|UnknownError"
      })
  void takesABrokenListForNoList(int status, String type, String body, ReceptorErrorName name) {
    answer = new Answer(status, type, body);
    assertThatExceptionOfType(ReceptorException.class)
        .isThrownBy(() -> client.summaries("d", summary -> {}))
        .satisfies(e -> assertThat(e.name()).isEqualTo(name));
  }

  @Test
  void givesUpOnAListThatStops() {
    cutsStream = true;
    silent = true;
    try (var impatient = client("", Duration.ofSeconds(1))) {
      assertThatExceptionOfType(ReceptorException.class)
          .isThrownBy(() -> impatient.summaries("d", summary -> {}))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE));
    }
  }

  @Test
  void findsNoInstanceWhereTheAnswerIsNull() {
    answer = new Answer(404, "application/json", "null");
    assertThat(client.findActualLRP("web", 0)).isEmpty();
  }

  @Test
  void hasNoLogsOfAReceptorWithoutThatRoute() {
    answer = new Answer(404, "text/plain; charset=utf-8", "404 page not found\n");
    assertThat(client.taskLogs("t1", 10)).isEmpty();
    assertThat(client.lrpLogs("web", 0, 10)).isEmpty();
    assertThat(seen).startsWith("GET /v1/desired_lrps/web/logs?index=0&lines=10 ");
  }

  @Test
  void givesUpOnASilentReceptor() {
    client = client("user:s3cret@", Duration.ofMillis(200));
    silent = true;
    assertThatExceptionOfType(ReceptorException.class)
        .isThrownBy(() -> client.tasks(""))
        .withMessageContaining("no answer within")
        .withMessageNotContaining("s3cret")
        .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE));
    assertThatExceptionOfType(ReceptorException.class)
        .as("a stream that does not begin, too")
        .isThrownBy(() -> client.subscribeToEvents());
  }

  @Test
  void saysThatItCannotBeReachedWithoutItsCredentials() {
    client = client("user:s3cret@", Duration.ofSeconds(20));
    server.stop(0);
    assertThatExceptionOfType(ReceptorException.class)
        .isThrownBy(() -> client.createTask(Requests.task("t1")))
        .withMessageContaining("POST http://127.0.0.1:")
        .withMessageNotContaining("s3cret")
        .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE));
  }

  @Test
  void refusesToSendAnEndlesslyNestedTask() {
    Action action = Requests.task("t1").action();
    for (var i = 0; i < 20_000; i++) {
      action = Action.tolerate(action);
    }
    var deep =
        new TaskCreateRequest(
            action, "", "", 0, 0, "demo", "", "", "", 0, "", "t1", "a:b", false, List.of(),
            List.of());
    assertThatExceptionOfType(ReceptorException.class)
        .isThrownBy(() -> client.createTask(deep))
        .satisfies(e -> assertThat(e.name()).isEqualTo(ReceptorErrorName.InvalidTask));
  }

  @Test
  @DisplayName("K3 unknown events are passed over, an end stays one")
  void skipsCommentsUnknownEventsAndEventsWithoutData() throws InterruptedException {
    answer =
        new Answer(
            200,
            "text/event-stream",
            ": hello\n\nid: 0\nevent: actual_lrp_crashed\ndata: {}\n\nevent: desired_lrp_removed\n"
                + "\nid: 2\nevent: desired_lrp_removed\ndata: {\"desired_lrp\":\n"
                + "data: {\"process_guid\":\"web\"}}\nretry: 5\n\n");
    var events = client.subscribeToEvents();
    var event = (ReceptorEvent.DesiredLRPRemoved) events.next();
    assertThat(event.desiredLRP().processGuid()).isEqualTo("web");
    assertThatExceptionOfType(EventStreamEndedException.class).isThrownBy(events::next);
    assertThatExceptionOfType(EventStreamEndedException.class).isThrownBy(events::next);
  }

  @ParameterizedTest(name = "K3 a bad payload: {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "{}",
        "{\"desired_lrp\":null}",
        "{\"desired_lrp\":{\"instances\":\"x\"}}",
        "no json"
      })
  void endsAStreamWithAnEventItCannotRead(String data) {
    answer =
        new Answer(200, "text/event-stream", "event: desired_lrp_created\ndata: " + data + "\n\n");
    var events = client.subscribeToEvents();
    assertThatExceptionOfType(EventStreamEndedException.class)
        .isThrownBy(events::next)
        .withMessageContaining("invalid json payload");
  }

  @Test
  @DisplayName("K3 a stream that is cut")
  void endsAStreamThatIsCut() {
    cutsStream = true;
    var events = client.subscribeToEvents();
    assertThatExceptionOfType(EventStreamEndedException.class)
        .isThrownBy(events::next)
        .withMessageContaining("cut");
  }

  @Test
  void noticesThatNobodyIsThereAnyMoreOnAStreamThatPromisedHeartbeats() {
    cutsStream = true;
    silent = true;
    promisesHeartbeats = true;
    try (var impatient =
        new ReceptorClient(
            new ReceptorClientConfig(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
                Duration.ofSeconds(5),
                Duration.ofSeconds(20),
                Duration.ofMillis(200)))) {
      assertThatExceptionOfType(EventStreamEndedException.class)
          .isThrownBy(() -> impatient.subscribeToEvents().next())
          .withMessageContaining("no heartbeat for PT0.2S");
      assertThatExceptionOfType(EventStreamEndedException.class)
          .as("a log too")
          .isThrownBy(() -> impatient.followTaskLogs("t1", LogRange.last(1)).next());
    }
  }

  @Test
  void endsAStreamWithAnEventThatNeverEnds() {
    endless = true;
    var events = client.subscribeToEvents();
    assertThatExceptionOfType(EventStreamEndedException.class)
        .isThrownBy(events::next)
        .withMessageContaining("an event of more than 16777216 bytes");
  }

  @Test
  void takesALogThatEndsWithoutSayingSoForCut() throws InterruptedException {
    var line =
        "id: 7\nevent: log\ndata: {\"timestamp\":7,\"source\":\"APP\",\"index\":0,\"stderr\":true,"
            + "\"text\":\"t\"}\n\n";
    answer = new Answer(200, "text/event-stream", line + "event: later\ndata: {}\n\n");
    try (var log = client.followLrpLogs("web", 1, LogRange.after(5, 0))) {
      assertThat(seen)
          .startsWith("GET /v1/desired_lrps/web/logs?follow=true&index=1&lines=0&after=5");
      assertThat(log.next()).containsExactly(new LogLine(7, "APP", 0, true, "t"));
      assertThatExceptionOfType(EventStreamEndedException.class).isThrownBy(log::next);
    }
    answer = new Answer(200, "text/event-stream", line + "event: end\ndata: {}\n\n");
    try (var log = client.followTaskLogs("t1", LogRange.last(1))) {
      assertThat(log.next()).hasSize(1);
      assertThat(log.next()).isEmpty();
    }
    answer = new Answer(404, "text/plain; charset=utf-8", "404 page not found\n");
    assertThatExceptionOfType(ReceptorException.class)
        .as("a Receptor that is not ours")
        .isThrownBy(() -> client.followTaskLogs("t1", LogRange.last(1)))
        .satisfies(e -> assertThat(e.name()).isEqualTo(ReceptorErrorName.InvalidResponse));
  }

  @Test
  void doesNotTakeTheCountOfAnOriginalForAnIdToGoOnWith() throws InterruptedException {
    answer =
        new Answer(
            200,
            "text/event-stream",
            "id: 0\n"
                + "event: desired_lrp_removed\n"
                + "data: {\"desired_lrp\":{\"process_guid\":\"web\"}}\n\n");
    try (var events = client.subscribeToEvents("0")) {
      assertThat(seen).startsWith("GET /v1/events?replay=true");
      assertThat(events.isResumed()).isFalse();
      assertThat(events.next()).isNotNull();
    }
  }

  @ParameterizedTest
  @CsvSource({"401, Unauthorized", "404, TaskNotFound"})
  void saysWhyItCannotSubscribe(int status, ReceptorErrorName name) {
    answer =
        new Answer(status, "application/json", "{\"name\":\"" + name + "\",\"message\":\"m\"}");
    assertThatExceptionOfType(ReceptorException.class)
        .isThrownBy(() -> client.subscribeToEvents())
        .satisfies(e -> assertThat(e.name()).isEqualTo(name));
  }

  @Test
  @DisplayName("K3 a stream that is closed ends who waits")
  void endsAReaderThatWaitsWhenTheStreamIsClosed() throws Exception {
    answer = new Answer(200, "text/event-stream", "");
    silent = true;
    cutsStream = true;
    var events = client.subscribeToEvents();
    var reader =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return events.next().wireName();
              } catch (EventStreamEndedException ended) {
                return "ended";
              } catch (InterruptedException interrupted) {
                return "interrupted";
              }
            },
            threads);
    events.close();
    assertThat(reader.get(10, TimeUnit.SECONDS)).isEqualTo("ended");
  }

  @Test
  void namesABadTargetWithoutItsPassword() {
    assertThatExceptionOfType(CcBridgeException.class)
        .isThrownBy(() -> ReceptorClientConfig.of(URI.create("ftp://user:s3cret@host")))
        .withMessageContaining("target")
        .withMessageNotContaining("s3cret");
    assertThatExceptionOfType(CcBridgeException.class)
        .isThrownBy(
            () ->
                new ReceptorClientConfig(
                    URI.create("http://host"), Duration.ZERO, Duration.ofSeconds(1)))
        .withMessageContaining("connectTimeout");
    var config = ReceptorClientConfig.of(URI.create("http://user:s3cret@host:8888"));
    assertThat(config.toString()).contains("http://host:8888").doesNotContain("s3cret");
    assertThat(config.connectTimeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(config.requestTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThatCode(() -> ReceptorClientConfig.of(URI.create("https://host")))
        .doesNotThrowAnyException();
  }

  private ReceptorClient client(String credentials, Duration timeout) {
    if (client != null) {
      client.close();
    }
    return new ReceptorClient(
        new ReceptorClientConfig(
            URI.create("http://" + credentials + "127.0.0.1:" + server.getAddress().getPort()),
            Duration.ofSeconds(5),
            timeout));
  }

  private void serve(HttpExchange exchange) throws IOException {
    var headers = exchange.getRequestHeaders();
    seen =
        exchange.getRequestMethod()
            + " "
            + exchange.getRequestURI()
            + " type="
            + headers.getFirst("Content-Type")
            + " length="
            + headers.getFirst("Content-Length")
            + " auth="
            + headers.getFirst("Authorization")
            + " cache="
            + headers.getFirst("Cache-Control")
            + " body="
            + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    if (silent && !cutsStream) {
      awaitEnd();
      return;
    }
    if (!routerError.isEmpty()) {
      exchange.getResponseHeaders().set("X-Cf-Routererror", routerError);
    }
    if (answer.contentType != null) {
      exchange.getResponseHeaders().set("Content-Type", answer.contentType);
    }
    if (promisesHeartbeats) {
      exchange.getResponseHeaders().set("X-Heartbeat-Millis", "50");
    }
    if (endless) {
      exchange.sendResponseHeaders(200, 0);
      while (true) {
        exchange.getResponseBody().write(new byte[1 << 16]);
      }
    }
    var bytes = answer.body.getBytes(StandardCharsets.UTF_8);
    if (cutsStream) {
      exchange.sendResponseHeaders(200, 1000);
      exchange.getResponseBody().write("id".getBytes(StandardCharsets.UTF_8));
      exchange.getResponseBody().flush();
      if (silent) {
        awaitEnd();
      }
      exchange.close();
      return;
    }
    exchange.sendResponseHeaders(answer.status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private void awaitEnd() {
    try {
      silence.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
