package dev.ccbridge.receptor.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.receptor.Requests;
import dev.ccbridge.receptor.backend.FakeBackend;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.receptor.store.DrivenTime;
import dev.ccbridge.receptor.store.ReceptorStore;
import dev.ccbridge.receptor.store.ReceptorStoreConfig;
import dev.ccbridge.receptor.store.Records;
import dev.ccbridge.web.HttpService;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the contract cannot see: statuses, headers and bodies as bytes. */
@Timeout(60)
class ReceptorServerTest {
  private static final String TASK =
      """
      {"TASK_GUID":"t1","domain":"demo","rootfs":"a:b",
       "action":{"run":{"path":"p","user":"u","resource_limits":{}}}}\
      """;
  // username:password
  private static final String RIGHT = "Basic dXNlcm5hbWU6cGFzc3dvcmQ=";

  @TempDir private Path directory;
  private final FakeBackend backend = new FakeBackend();
  private final DrivenTime time = new DrivenTime();
  private final HttpClient http = HttpClient.newHttpClient();
  private ReceptorStore store;
  private HttpService service;
  private ReceptorServer server;

  @BeforeEach
  void start() {
    store =
        new ReceptorStore(
            ReceptorStoreConfig.defaults(),
            Records.inFile(directory.resolve("receptor.db")),
            backend,
            time,
            time);
    store.start();
    publish(ReceptorServerConfig.defaults());
  }

  @AfterEach
  void close() {
    service.close();
    store.close();
    http.close();
  }

  @Test
  @DisplayName("H1 H5 H6 H7 H9 H10 H13 H15 empty answers have no type")
  void answersWithoutATypeWhereThereIsNoBody() throws Exception {
    var created = send("POST", "/v1/tasks", TASK);
    assertThat(created.statusCode()).isEqualTo(201);
    assertThat(created.body()).isEmpty();
    assertThat(created.headers().firstValue("Content-Type")).isEmpty();
    assertThat(send("POST", "/v1/tasks/t1/cancel", "null").statusCode()).isEqualTo(200);
    assertThat(send("DELETE", "/v1/tasks/t1", "null").statusCode()).isEqualTo(200);
    assertThat(send("PUT", "/v1/domains/demo", "null").statusCode()).isEqualTo(204);
    assertThat(send("POST", "/v1/desired_lrps", lrp()).statusCode()).isEqualTo(201);
    assertThat(send("PUT", "/v1/desired_lrps/web", "null").statusCode()).isEqualTo(204);
    assertThat(send("DELETE", "/v1/actual_lrps/web/index/0", "null").statusCode()).isEqualTo(204);
    assertThat(send("DELETE", "/v1/desired_lrps/web", "").statusCode()).isEqualTo(204);
  }

  @Test
  @DisplayName("H3 H11 H12 H14 H15 lists of nothing are exactly []")
  void answersJsonWithItsLength() throws Exception {
    backend.loseCells();
    for (var path :
        List.of("/v1/tasks", "/v1/desired_lrps", "/v1/actual_lrps", "/v1/domains", "/v1/cells")) {
      var answer = send("GET", path, "null");
      assertThat(answer.body()).isEqualTo("[]");
      assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
      assertThat(answer.headers().firstValue("Content-Length")).hasValue("2");
      assertThat(answer.headers().firstValue("Transfer-Encoding")).isEmpty();
    }
    assertThat(send("GET", "/v1/actual_lrps/unknown", "").body()).isEqualTo("[]");
    assertThat(send("GET", "/v1/version", "").body()).isEqualTo("{}");
  }

  @Test
  void tellsProgressOnlyToWhoAsks() throws Exception {
    send("POST", "/v1/tasks", TASK);
    assertThat(send("GET", "/v1/tasks/t1", "").body()).doesNotContain("\"progress\"");
    assertThat(send("GET", "/v1/tasks", "").body()).doesNotContain("\"progress\"");
    assertThat(send("GET", "/v1/tasks/t1?progress=true", "").body()).contains("\"progress\"");
  }

  @ParameterizedTest(name = "H2 H4 H7 H9 H12 H13 {0} {1} {2}: {3} {4}")
  @CsvSource(
      delimiter = '|',
      value = {
        "POST | /v1/tasks | hello | 400 | InvalidJSON",
        "POST | /v1/tasks | [] | 400 | InvalidJSON",
        "POST | /v1/tasks | {\"cpu_weight\":-1} | 400 | InvalidJSON",
        "POST | /v1/tasks | null | 400 | InvalidTask",
        "POST | /v1/tasks | {\"completion_callback_url\":\"no uri\"} | 400 | InvalidTask",
        "GET | /v1/tasks/none | null | 404 | TaskNotFound",
        "DELETE | /v1/tasks/none | null | 404 | TaskNotFound",
        "POST | /v1/desired_lrps | {\"ports\":[70000]} | 400 | InvalidJSON",
        "POST | /v1/desired_lrps | {} | 400 | InvalidLRP",
        "PUT | /v1/desired_lrps/none | {} | 404 | DesiredLRPNotFound",
        "PUT | /v1/desired_lrps/none | x | 400 | InvalidJSON",
        "PUT | /v1/desired_lrps/none | {\"instances\":-1} | 500 | UnknownError",
        "GET | /v1/actual_lrps/none/index/a | null | 400 | InvalidRequest",
        "GET | /v1/actual_lrps/none/index/-1 | null | 500 | UnknownError",
        "DELETE | /v1/actual_lrps/none/index/a | null | 400 | InvalidRequest",
        "DELETE | /v1/actual_lrps/none/index/0 | null | 404 | ActualLRPIndexNotFound",
        "GET | /v1/tasks/t/logs?lines=-1 | null | 400 | InvalidRequest",
      })
  void namesTheError(String method, String path, String body, int status, String name)
      throws Exception {
    var answer = send(method, path, body);
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(answer.body()).startsWith("{\"name\":\"" + name + "\",\"message\":\"");
  }

  @Test
  void saysConflictsAndRefusalsWithTheOriginalsStatus() throws Exception {
    send("POST", "/v1/tasks", TASK);
    assertThat(send("POST", "/v1/tasks", TASK).body())
        .isEqualTo("{\"name\":\"TaskGuidAlreadyExists\",\"message\":\"task already exists\"}");
    assertThat(send("POST", "/v1/tasks", TASK).statusCode()).isEqualTo(409);
    assertThat(send("DELETE", "/v1/tasks/t1", "").statusCode()).isEqualTo(409);
    send("POST", "/v1/tasks/t1/cancel", "");
    assertThat(send("POST", "/v1/tasks/t1/cancel", "").statusCode()).isEqualTo(500);
  }

  @Test
  @DisplayName("H12 a missing instance is null")
  void answersNullForAMissingInstance() throws Exception {
    var answer = send("GET", "/v1/actual_lrps/web/index/0", "null");
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body()).isEqualTo("null");
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
  }

  @Test
  void refusesABodyOverTheLimit() throws Exception {
    var answer = send("POST", "/v1/tasks", "{\"annotation\":\"" + "x".repeat(1 << 20) + "\"}");
    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(answer.body()).startsWith("{\"name\":\"InvalidRequest\"");
  }

  @Test
  void survivesAnActionTreeThatIsThousandsDeep() throws Exception {
    var deep = TASK.replace("{\"run\"", "{\"try\":{\"action\":".repeat(5000) + "{\"run\"");
    assertThat(send("POST", "/v1/tasks", deep).statusCode()).isEqualTo(400);
    var legal = "{\"try\":{\"action\":".repeat(300) + "{}" + "}}".repeat(300);
    var answer =
        send(
            "POST",
            "/v1/tasks",
            "{\"task_guid\":\"t\",\"domain\":\"d\",\"rootfs\":\"a:b\",\"action\":" + legal + "}");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("InvalidTask", "nested more than 100 levels");
  }

  @ParameterizedTest(name = "H15 {0}: {1} {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "max-age=90           | 204 | ''",
        "max-age=0            | 204 | ''",
        "public, max-age=90   | 400 | max-age directive missing from request",
        "public               | 400 | max-age directive missing from request",
        "max-age=90, public   | 400 | invalid-max-age-directive: max-age=90, public",
        "max-age=abc          | 400 | invalid-max-age-directive: max-age=abc",
        "max-age=-1           | 400 | invalid-max-age-directive: max-age=-1",
      })
  void readsTheTimeOfADomainFromEachHeaderLine(String header, int status, String message)
      throws Exception {
    var answer = send("PUT", "/v1/domains/demo", "null", "Cache-Control", header);
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.body()).contains(message);
  }

  @Test
  @DisplayName("H15 public and max-age as two header lines")
  void takesTheFirstHeaderLineThatIsAMaxAge() throws Exception {
    var answer =
        send(
            "PUT",
            "/v1/domains/demo",
            "null",
            "Cache-Control",
            "public",
            "Cache-Control",
            "max-age=1000");
    assertThat(answer.statusCode()).isEqualTo(204);
    time.advance(Duration.ofSeconds(999));
    assertThat(send("GET", "/v1/domains", "").body()).isEqualTo("[\"demo\"]");
    time.advance(Duration.ofSeconds(1));
    assertThat(send("GET", "/v1/domains", "").body()).isEqualTo("[]");
  }

  @Test
  @DisplayName("H19 headers and ids of an event stream")
  void streamsEventsInTheOriginalsFrame() throws Exception {
    var stream =
        http.send(HttpRequest.newBuilder(uri("/v1/events")).build(), BodyHandlers.ofInputStream());
    assertThat(stream.statusCode()).isEqualTo(200);
    assertThat(stream.headers().firstValue("Content-Type"))
        .hasValue("text/event-stream; charset=utf-8");
    assertThat(stream.headers().firstValue("Cache-Control"))
        .hasValue("no-cache, no-store, must-revalidate");
    try (var lines =
        new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
      store.createDesiredLRP(Requests.lrp("web", 0));
      store.deleteDesiredLRP("web");
      assertThat(lines.readLine()).isEqualTo("id: 0");
      assertThat(lines.readLine()).isEqualTo("event: desired_lrp_created");
      assertThat(lines.readLine()).startsWith("data: {\"desired_lrp\":{\"process_guid\":\"web\"");
      assertThat(lines.readLine()).isEmpty();
      assertThat(lines.readLine()).isEqualTo("id: 1");
      assertThat(lines.readLine()).isEqualTo("event: desired_lrp_removed");
    }
  }

  @Test
  void sendsCommentsOnASilentStreamAndEndsItCleanly() throws Exception {
    publish(
        new ReceptorServerConfig(
            "", "", false, Map.of(), Optional.empty(), 1000, Duration.ofMillis(20)));
    var stream =
        http.send(HttpRequest.newBuilder(uri("/v1/events")).build(), BodyHandlers.ofInputStream());
    try (var lines =
        new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
      assertThat(lines.readLine()).startsWith(":");
      store.close();
      await().until(() -> lines.readLine() == null);
    }
  }

  @Test
  void followsALogAsAnEventStream() throws Exception {
    store.createDesiredLRP(Requests.lrp("web", 0));
    for (var how : List.of("?follow=true&lines=1", "?lines=1")) {
      var stream =
          http.send(
              HttpRequest.newBuilder(uri("/v1/desired_lrps/web/logs" + how))
                  .header("Accept", "text/event-stream")
                  .build(),
              BodyHandlers.ofInputStream());
      assertThat(stream.headers().firstValue("Content-Type"))
          .hasValue("text/event-stream; charset=utf-8");
      try (var lines =
          new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
        assertThat(lines.readLine()).isEqualTo("id: 3");
        assertThat(lines.readLine()).isEqualTo("event: log");
        assertThat(lines.readLine())
            .isEqualTo(
                "data: {\"timestamp\":3,\"source\":\"APP\",\"index\":0,\"stderr\":false,"
                    + "\"text\":\"web three\"}");
        assertThat(lines.readLine()).isEmpty();
      }
    }
    var goesOn =
        http.send(
            HttpRequest.newBuilder(uri("/v1/desired_lrps/web/logs?follow=true"))
                .header("Last-Event-ID", "1")
                .build(),
            BodyHandlers.ofInputStream());
    try (var lines =
        new BufferedReader(new InputStreamReader(goesOn.body(), StandardCharsets.UTF_8))) {
      assertThat(lines.readLine()).isEqualTo("id: 2");
    }
  }

  @Test
  void endsALogThatIsOverWithAnEventThatSaysSo() throws Exception {
    store.createDesiredLRP(Requests.lrp("web", 0));
    var stream =
        http.send(
            HttpRequest.newBuilder(uri("/v1/desired_lrps/web/logs?follow=true&lines=0")).build(),
            BodyHandlers.ofInputStream());
    store.deleteDesiredLRP("web");
    var all = new String(stream.body().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(all).isEqualTo("event: end\ndata: {}\n\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/desired_lrps/none/logs?follow=true | 404 | DesiredLRPNotFound",
        "/v1/tasks/none/logs?follow=true | 404 | TaskNotFound",
        "/v1/tasks/none/logs?follow=yes | 400 | follow must be true or false, was yes",
        "/v1/tasks/none/logs?after=x | 400 | after must be a number from 0, was x",
        "/v1/tasks/none/logs?after=9999999999999999999 | 400 | after must be a number from 0 to",
        "/v1/tasks/none/logs?lines=-1 | 400 | lines must be a number from 0, was -1",
        "/v1/desired_lrps/web/logs?index=x | 400 | index not a number",
        "/v1/tasks/none/logs | 200 | []",
      })
  void saysWhatIsWrongWithAnAskForLogs(String path, int status, String body) throws Exception {
    var answer = send("GET", path, "null");
    assertThat(answer.statusCode()).isEqualTo(status);
    if (!path.contains("/none/logs") || status != 200) {
      assertThat(answer.body()).contains(body);
    }
  }

  @Test
  void endsAStreamWithItsLastChunkWhenItIsClosedBeforeItsListener() throws Exception {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), service.address().getPort())) {
      socket.setSoTimeout(20_000);
      var request = "GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      await().until(() -> server.openStreams() == 1);
      store.createDesiredLRP(Requests.lrp("web", 0));
      var in = socket.getInputStream();
      var seen = new StringBuilder();
      while (!seen.toString().contains("desired_lrp_created")) {
        seen.append((char) in.read());
      }
      server.close();
      service.close();
      seen.append(new String(in.readAllBytes(), StandardCharsets.US_ASCII));
      assertThat(seen.toString()).endsWith("\r\n0\r\n\r\n");
    }
  }

  @Test
  void givesIdsToGoOnWithOnlyToWhoAsksForThem() throws Exception {
    var stream =
        http.send(
            HttpRequest.newBuilder(uri("/v1/events?replay=true")).build(),
            BodyHandlers.ofInputStream());
    assertThat(stream.headers().firstValue("X-Events-Resumed")).hasValue("false");
    String begin;
    try (var lines =
        new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
      begin = lines.readLine();
      assertThat(begin).startsWith("id: ").endsWith(".0");
    }
    store.createDesiredLRP(Requests.lrp("web", 0));
    var again =
        http.send(
            HttpRequest.newBuilder(uri("/v1/events?replay=true"))
                .header("Last-Event-ID", begin.substring("id: ".length()))
                .build(),
            BodyHandlers.ofInputStream());
    assertThat(again.headers().firstValue("X-Events-Resumed")).hasValue("true");
    try (var lines =
        new BufferedReader(new InputStreamReader(again.body(), StandardCharsets.UTF_8))) {
      assertThat(lines.readLine()).isEqualTo(begin);
      assertThat(lines.readLine()).isEmpty();
      assertThat(lines.readLine()).endsWith(".1");
      assertThat(lines.readLine()).isEqualTo("event: desired_lrp_created");
    }
  }

  @Test
  void keepsNoSubscriptionForHead() throws Exception {
    var head =
        http.send(
            HttpRequest.newBuilder(uri("/v1/events")).HEAD().build(), BodyHandlers.ofString());
    assertThat(head.statusCode()).isEqualTo(200);
  }

  @Test
  @DisplayName("H17 none or wrong credentials get 401 with the JSON error")
  void asksForCredentialsEverywhereButForArtifacts() throws Exception {
    publish(ReceptorServerConfig.defaults().withCredentials("username", "password"));
    for (var path : new String[] {"/v1/tasks", "/v1/events", "/", "/nowhere"}) {
      var answer = send("GET", path, "null");
      assertThat(answer.statusCode()).as(path).isEqualTo(401);
      assertThat(answer.body())
          .isEqualTo("{\"name\":\"Unauthorized\",\"message\":\"Unauthorized\"}");
      assertThat(answer.headers().firstValue("WWW-Authenticate"))
          .hasValue("Basic realm=\"API Authentication\"");
    }
    assertThat(send("GET", "/v1/sync/linux/ltc", "").statusCode()).isEqualTo(500);
    assertThat(send("GET", "/v1/tasks", "", "Authorization", RIGHT).statusCode()).isEqualTo(200);
    assertThat(send("GET", "/", "", "Authorization", RIGHT).statusCode()).isEqualTo(404);
  }

  @ParameterizedTest(name = "H17 wrong credentials: {0}")
  @ValueSource(strings = {"basic dXNlcm5hbWU6cGFzc3dvcmQ=", "Basic %%%", "Basic dXNlcjpw", "x"})
  void refusesWrongCredentials(String authorization) throws Exception {
    publish(ReceptorServerConfig.defaults().withCredentials("username", "password"));
    assertThat(send("GET", "/v1/tasks", "", "Authorization", authorization).statusCode())
        .isEqualTo(401);
  }

  @Test
  @DisplayName("H17 H18 a cookie is made of the credentials, and replaces them")
  void takesACookieForCredentialsQuotedOrNot() throws Exception {
    publish(ReceptorServerConfig.defaults().withCredentials("username", "password"));
    var cookie = send("POST", "/v1/auth_cookie", "null", "Authorization", RIGHT);
    assertThat(cookie.statusCode()).isEqualTo(204);
    assertThat(cookie.headers().firstValue("Set-Cookie"))
        .hasValue("receptor_authorization=" + RIGHT + "; HttpOnly");
    for (var value : new String[] {RIGHT, "\"" + RIGHT + "\""}) {
      var answer =
          send(
              "GET",
              "/v1/tasks",
              "",
              "Cookie",
              "a=b; receptor_authorization=" + value,
              "Authorization",
              "wrong");
      assertThat(answer.statusCode()).isEqualTo(200);
    }
  }

  @Test
  @DisplayName("H18 no cookie without credentials")
  void givesNoCookieToWhoHasNoCredentials() throws Exception {
    var answer = send("POST", "/v1/auth_cookie", "null");
    assertThat(answer.statusCode()).isEqualTo(204);
    assertThat(answer.headers().firstValue("Set-Cookie")).isEmpty();
  }

  @Test
  @DisplayName("H16 origins are echoed, and OPTIONS is answered")
  void letsPagesOfOtherOriginsCallWhenToldTo() throws Exception {
    publish(ReceptorServerConfig.defaults().withCredentials("username", "password").withCors());
    var answer = send("GET", "/v1/tasks", "", "Origin", "example.com");
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).hasValue("example.com");
    assertThat(answer.headers().firstValue("Access-Control-Allow-Credentials")).hasValue("true");
    for (var nobody : new String[] {"*", ""}) {
      assertThat(send("GET", "/", "", "Origin", nobody).headers().map())
          .doesNotContainKey("access-control-allow-origin");
    }
    var preflight =
        send(
            "OPTIONS",
            "/",
            "",
            "Origin",
            "example.com",
            "Access-Control-Request-Method",
            "PUT",
            "Access-Control-Request-Headers",
            "X-A");
    assertThat(preflight.statusCode()).isEqualTo(200);
    assertThat(preflight.headers().firstValue("Access-Control-Allow-Methods")).hasValue("PUT");
    assertThat(preflight.headers().firstValue("Access-Control-Allow-Headers")).hasValue("X-A");
  }

  @Test
  void saysNothingOfOriginsByDefault() throws Exception {
    var answer = send("GET", "/v1/tasks", "", "Origin", "example.com");
    assertThat(answer.headers().map()).doesNotContainKey("access-control-allow-origin");
    assertThat(send("OPTIONS", "/v1/tasks", "").statusCode()).isEqualTo(405);
  }

  @Test
  @DisplayName("H20 artifacts, and versions that are known")
  void servesArtifactsByTheirBaseNames() throws Exception {
    var artifacts = directory.resolve("artifacts");
    Files.createDirectories(artifacts.resolve("linux"));
    Files.writeString(artifacts.resolve("linux").resolve("ltc"), "abc");
    Files.writeString(directory.resolve("secret"), "s3cret");
    publish(
        new ReceptorServerConfig(
            "",
            "",
            false,
            Map.of("receptor", "v8", "ltc", ""),
            Optional.of(artifacts),
            1000,
            Duration.ofSeconds(15)));
    var answer = send("GET", "/v1/sync/linux/ltc", "");
    assertThat(answer.body()).isEqualTo("abc");
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/octet-stream");
    for (var path :
        new String[] {
          "/v1/sync/linux/none",
          "/v1/sync/..%2F/secret",
          "/v1/sync/%2e%2e/secret",
          "/v1/sync/linux/..%2F..%2Fsecret",
          "/v1/sync/a%00/b"
        }) {
      var missing = send("GET", path, "");
      assertThat(missing.statusCode()).as(path).isEqualTo(500);
      assertThat(missing.body()).isEmpty();
    }
    assertThat(answer.headers().firstValue("Content-Length")).hasValue("3");
    assertThat(send("GET", "/v1/version", "").body()).isEqualTo("{\"receptor\":\"v8\"}");
  }

  @Test
  void releasesAConnectionWhoseClientSendsRubbish() throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), service.address().getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write("rubbish\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(answer).startsWith("HTTP/1.1 400");
    }
  }

  private void publish(ReceptorServerConfig config) {
    if (service != null) {
      service.close();
    }
    service =
        HttpService.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            server = new ReceptorServer(config, store));
  }

  private URI uri(String path) {
    return URI.create(service.uri() + path);
  }

  private HttpResponse<String> send(String method, String path, String body, String... headers)
      throws Exception {
    var request =
        HttpRequest.newBuilder(uri(path))
            .timeout(Duration.ofSeconds(20))
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private static String lrp() throws Exception {
    return ReceptorJson.mapper().writeValueAsString(Requests.lrp("web", 1));
  }
}
