package dev.ccbridge.receptor.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.web.HttpService;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is sent: a clear refusal, never a 5xx, and everybody else is served as before. */
@Timeout(120)
class BadInputTest {
  private static final String HEAD = "Host: receptor.test\r\nConnection: close\r\n";

  @TempDir private Path directory;
  private ReceptorUnderTest receptor;

  @BeforeEach
  void start() {
    receptor = new ReceptorUnderTest(directory);
  }

  @AfterEach
  void close() {
    receptor.close();
  }

  private void servesOthers() throws Exception {
    for (var path :
        new String[] {"/v1/tasks", "/v1/desired_lrps", "/v1/actual_lrps", "/v1/domains"}) {
      assertThat(receptor.send("GET", path, "").statusCode()).as(path).isEqualTo(200);
    }
  }

  private static String lrp(String guid, String member) {
    return ReceptorUnderTest.LRP
        .formatted(guid)
        .replace("\"instances\":1", "\"instances\":0," + member);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "tasks | hello | not JSON: Unrecognized token 'hello'",
        "tasks | {\"task_guid\":\"a | Unexpected end-of-input",
        "tasks | {\"task_guid\" | Unexpected end-of-input",
        "tasks | [] | the body: want an object, got an array",
        "tasks | \"\" | the body: want an object, got a string",
        "tasks | 7 | the body: want an object, got the number 7",
        "tasks | {\"task_guid\":1} | task_guid: want a string, got the number 1",
        "tasks | {\"domain\":{}} | domain: want a string, got an object",
        "tasks | {\"env\":{}} | env: want an array, got an object",
        "tasks | {\"env\":[{},{\"value\":17}]} | env[1].value: want a string, got the number 17",
        "tasks | {\"env\":[\"PW=s3cret\"]} | env[0]: want an object, got a string",
        "tasks | {\"cpu_weight\":\"s3cret\"} | cpu_weight: want an integer that fits, got a string",
        "tasks | {\"cpu_weight\":1.5} | cpu_weight: want an integer that fits, got the number 1.5",
        "tasks | {\"cpu_weight\":-1} | cpu_weight: want an integer that fits, got the number -1",
        "tasks | {\"memory_mb\":1e3} | memory_mb: want an integer that fits, got the number 1e3",
        "tasks | {\"memory_mb\":99999999999} | memory_mb: Numeric value (99999999999) out of range",
        "tasks | {\"privileged\":\"s3cret\"} | privileged: want true or false, got a string",
        "tasks | {\"privileged\":1} | privileged: want true or false, got the number 1",
        "tasks | {\"action\":\"run\"} | action: want an object, got a string",
        "tasks | {\"action\":{\"run\":7}} | action: want an object, got the number 7",
        "tasks | {\"action\":{\"run\":{\"args\":\"s3cret\"}}} | action.args: want an array, got a"
            + " string",
        "tasks | {\"action\":{\"serial\":{\"actions\":{}}}} | action.actions: want an array",
        "tasks | {\"egress_rules\":[7]} | egress_rules[0]: want an object, got the number 7",
        "desired_lrps | {\"instances\":4294967296} | instances: Numeric value (4294967296) out of",
        "desired_lrps | {\"instances\":true} | instances: want an integer that fits, got true",
        "desired_lrps | {\"routes\":[]} | routes: want an object, got an array",
        "desired_lrps | {\"ports\":[1.0]} | ports[0]: want an integer that fits, got the number 1.0",
        "desired_lrps | {\"ports\":[65536]} | ports[0]: want an integer that fits, got the number"
            + " 65536",
        "desired_lrps | {\"setup\":[]} | setup: want an object, got an array",
        "desired_lrps | {\"start_timeout\":-1} | start_timeout: want an integer that fits, got the",
      })
  void saysWhereABodyIsWrongAndWhatIsWanted(String what, String body, String message)
      throws Exception {
    var answer = receptor.send("POST", "/v1/" + what, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    var error = ReceptorJson.mapper().readTree(answer.body());
    assertThat(error.path("name").asText()).isEqualTo("InvalidJSON");
    assertThat(error.path("message").asText())
        .contains(message.strip())
        .doesNotContain("s3cret", "dev.ccbridge", "java.");
    assertThat(receptor.send("GET", "/v1/" + what, "").body()).isEqualTo("[]");
  }

  @Test
  void saysThatABodyIsMissing() throws Exception {
    for (var body : new String[] {"", "  \n"}) {
      var answer = receptor.send("POST", "/v1/tasks", body);
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body())
          .isEqualTo(
              "{\"name\":\"InvalidJSON\",\"message\":\"not JSON: the body is empty, want an"
                  + " object\"}");
    }
  }

  @Test
  void readsNoOtherEncodingThanUtf8() throws Exception {
    for (var body : new String[] {"\0{\0}", "{\0}\0", "\0\0\0{", "\ufeff{}"}) {
      assertThat(receptor.send("POST", "/v1/tasks", body).body())
          .startsWith("{\"name\":\"InvalidJSON\"");
    }
  }

  /** Go does so on its side; a text that cannot be sent would take the whole list with it. */
  @Test
  void takesHalfACharacterForTheReplacementCharacter() throws Exception {
    var odd =
        lrp(
            "odd",
            "\"annotation\":\"a\\ud800b \\udc00\\ud83d\\ude00 \\\\ud800 \\ud8\",\"log_guid\":\"\\uD800\"");
    assertThat(receptor.send("POST", "/v1/desired_lrps", odd).statusCode()).isEqualTo(400);
    odd = odd.replace(" \\ud8\"", "\"");
    assertThat(receptor.send("POST", "/v1/desired_lrps", odd).statusCode()).isEqualTo(201);
    var lrp = receptor.client().desiredLRPs().get(0);
    assertThat(lrp.path("annotation").asText()).isEqualTo("a\ufffdb \ufffd\ud83d\ude00 \\ud800");
    assertThat(lrp.path("log_guid").asText()).isEqualTo("\ufffd");

    var bytes = lrp("bytes", "\"annotation\":\"\u00ff\u00ed\u00a0\u0080\"");
    var answer =
        receptor.raw(
            "POST /v1/desired_lrps HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n%s"
                .formatted(HEAD, bytes.length(), bytes));
    assertThat(answer).startsWith("HTTP/1.1 201 ");
    assertThat(receptor.client().getDesiredLRP("bytes").path("annotation").asText())
        .matches("\ufffd{2,4}");
  }

  @Test
  void refusesRoutesThatAreTooDeepToBeListed() throws Exception {
    for (var levels : new int[] {101, 998, 5000}) {
      var deep = "\"routes\":{\"a\":" + "[".repeat(levels) + "]".repeat(levels) + "}";
      assertThat(receptor.send("POST", "/v1/desired_lrps", lrp("deep", deep)).statusCode())
          .isEqualTo(400);
    }
    var most = "\"routes\":{\"a\":" + "[".repeat(100) + "]".repeat(100) + "}";
    assertThat(receptor.send("POST", "/v1/desired_lrps", lrp("deep", most)).statusCode())
        .isEqualTo(201);
    assertThat(receptor.client().desiredLRPs()).hasSize(1);
  }

  @Test
  void refusesAnActionTreeThatIsTenThousandDeepWhateverItIsMadeOf() throws Exception {
    var shapes =
        new String[][] {
          {"{\"try\":{\"action\":", "}}"},
          {"{\"serial\":{\"actions\":[", "]}}"},
          {"{\"fly\":[", "]}"},
          {"[", "]"}
        };
    for (var shape : shapes) {
      var deep = shape[0].repeat(10_000) + "{}" + shape[1].repeat(10_000);
      var task =
          ReceptorUnderTest.TASK.formatted("deep").replace("{\"run\"", deep + ",\"x\":{\"r\"");
      var answer = receptor.send("POST", "/v1/tasks", task);
      assertThat(answer.statusCode()).as(shape[0]).isEqualTo(400);
      assertThat(receptor.send("POST", "/v1/desired_lrps", lrp("d", "\"setup\":" + deep)).body())
          .contains("\"name\":\"Invalid");
    }
    servesOthers();
  }

  @Test
  void takesNullForTheZeroValueOfEveryMember() throws Exception {
    var lrp =
        "{\"process_guid\":\"n\",\"domain\":\"d\",\"rootfs\":\"a:b\",\"instances\":null,\"env\":null,"
            + "\"setup\":null,\"action\":{\"upload\":null,\"run\":{\"path\":\"p\",\"user\":\"u\",\"args\":null,"
            + "\"env\":[null],\"resource_limits\":null,\"dir\":null}},\"monitor\":null,"
            + "\"start_timeout\":null,\"disk_mb\":null,\"memory_mb\":null,\"cpu_weight\":null,"
            + "\"privileged\":null,\"ports\":null,\"routes\":null,\"log_guid\":null,\"annotation\":null,"
            + "\"egress_rules\":null}";
    assertThat(receptor.send("POST", "/v1/desired_lrps", lrp).body()).isEmpty();
    assertThat(receptor.send("GET", "/v1/desired_lrps/n", "").body())
        .contains("\"ports\":[]", "\"setup\":null", "\"monitor\":null", "\"instances\":0");
    var nulls = "{\"instances\":null,\"routes\":null,\"annotation\":null}";
    assertThat(receptor.send("PUT", "/v1/desired_lrps/n", nulls).statusCode()).isEqualTo(204);
    assertThat(receptor.send("POST", "/v1/tasks", "null").body()).contains("InvalidTask");
  }

  @Test
  void countsTheLastOfAMemberThatComesTwiceInAnyCaseAndIgnoresUnknownOnes() throws Exception {
    var twice =
        "{\"task_guid\":\"first\",\"TASK_GUID\":\"last\",\"domain\":\"d\",\"rootfs\":\"a:b\","
            + "\"colour\":{\"a\":[1e999]},\"action\":{\"run\":{\"path\":\"p\"},"
            + "\"run\":{\"path\":\"q\",\"user\":\"u\"}}} and what follows is not read";
    assertThat(receptor.send("POST", "/v1/tasks", twice).statusCode()).isEqualTo(201);
    assertThat(receptor.client().getTask("last").at("/action/run/path").asText()).isEqualTo("q");
  }

  @Test
  void readsABodyWhateverItsContentTypeSays() throws Exception {
    for (var type : new String[] {"application/x-www-form-urlencoded", "text/plain", "a b;;", ""}) {
      var guid = "t" + Math.abs(type.hashCode());
      var answer =
          receptor.send(
              "POST", "/v1/tasks", ReceptorUnderTest.TASK.formatted(guid), "Content-Type", type);
      assertThat(answer.statusCode()).as(type).isEqualTo(201);
    }
  }

  @Test
  void takesABodyUpToTheLimitAndNoByteMore() throws Exception {
    var base = ReceptorUnderTest.TASK.formatted("big");
    var padded = base + " ".repeat((1 << 20) - base.length());
    assertThat(receptor.send("POST", "/v1/tasks", padded + " ").statusCode()).isEqualTo(413);
    assertThat(receptor.send("GET", "/v1/tasks", padded + " ").statusCode()).isEqualTo(413);
    assertThat(receptor.send("POST", "/v1/tasks", padded).statusCode()).isEqualTo(201);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a%2Fb | a/b",
        "%C3%A9%20%22 | é \"",
        "%2e%2e | ..",
        "a%00b | a\0b",
        "a+b | a+b",
        "a%2Bb | a+b"
      })
  void namesAGuidAsItWasMeant(String path, String guid) throws Exception {
    var message = "task with guid '" + guid + "' not found";
    for (var method : new String[] {"GET", "DELETE"}) {
      var answer = receptor.send(method, "/v1/tasks/" + path, "");
      assertThat(answer.statusCode()).isEqualTo(404);
      assertThat(ReceptorJson.mapper().readTree(answer.body()).path("message").asText())
          .isEqualTo(message);
    }
    assertThat(receptor.send("PUT", "/v1/domains/" + path, "").statusCode()).isEqualTo(204);
    assertThat(receptor.client().domains()).containsExactly(guid);
  }

  @ParameterizedTest
  @CsvSource({
    "GET,    /v1/tasks/,                 404, ''",
    "GET,    /v1/tasks/a/,               404, ''",
    "GET,    //v1/tasks,                 404, ''",
    "GET,    /V1/tasks,                  404, ''",
    "GET,    /,                          404, ''",
    "GET,    /v1/t%61sks,                200, ''",
    "PUT,    /v1/tasks,                  405, 'GET, HEAD, POST'",
    "PATCH,  /v1/desired_lrps/a,         405, 'DELETE, GET, HEAD, PUT'",
    "GET,    /v1/tasks/a/cancel,         405, POST",
    "POST,   /v1/tasks/a,                405, 'DELETE, GET, HEAD'",
    "OPTIONS,/v1/domains/a,              405, PUT",
    "TRACE,  /v1/cells,                  405, 'GET, HEAD'",
    "GET,    /v1/auth_cookie,            405, POST",
    "HEAD,   /v1/tasks,                  200, ''",
    "HEAD,   /v1/tasks/a,                404, ''",
    "HEAD,   /v1/actual_lrps/a/index/x,  400, ''",
    "DELETE, /v1/actual_lrps/a/index/1e3,400, ''",
    "GET,    /v1/actual_lrps/a/index/99999999999, 400, ''",
    "GET,    /v1/actual_lrps/a/index/%D9%A1,      400, ''",
  })
  void answersPathsAndMethods(String method, String path, int status, String allow)
      throws Exception {
    var answer = receptor.send(method, path, "");
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Allow").orElse("")).isEqualTo(allow);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 20\r\n\r\n{}",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\n{}",
        "Expect: 100-continue\r\nContent-Length: 2000000\r\n\r\n",
        "Content-Length: -1\r\n\r\n",
        "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        "Content-Length: 9999999999999999999999\r\n\r\n{}",
      })
  void refusesABodyThatDoesNotComeAsAnnounced(String rest) throws Exception {
    assertThat(receptor.raw("POST /v1/tasks HTTP/1.1\r\n" + HEAD + rest))
        .contains("HTTP/1.1 400 ")
        .doesNotContain("HTTP/1.1 5");
    servesOthers();
  }

  @Test
  void answersEachRequestOfOneConnectionInTurnAlsoAfterARefusal() throws Exception {
    var answers =
        receptor.raw(
            "GET /v1/tasks/x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nnull"
                + "POST /v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}"
                + "POST /v1/tasks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3\r\nnul\r\n1\r\nl\r\n0\r\n\r\n"
                + "GET /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nnull"
                + "GET /v1/domains HTTP/1.1\r\n"
                + HEAD
                + "\r\n");
    assertThat(answers.split("HTTP/1.1 "))
        .hasSize(6)
        .satisfies(
            parts -> {
              assertThat(parts[1]).startsWith("404").contains("TaskNotFound");
              assertThat(parts[2]).startsWith("400").contains("InvalidTask");
              assertThat(parts[3]).startsWith("400").contains("InvalidTask");
              assertThat(parts[4]).startsWith("404").contains("404 page not found");
              assertThat(parts[5]).startsWith("200").endsWith("[]");
            });
  }

  @Test
  void saysGoOnToWhoAsksFirst() throws Exception {
    assertThat(
            receptor.raw(
                "POST /v1/tasks HTTP/1.1\r\n"
                    + HEAD
                    + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}"))
        .startsWith("HTTP/1.1 100 Continue")
        .contains("HTTP/1.1 400 ", "InvalidTask");
  }

  @Test
  void packsNothingAndUnderstandsOldClients() throws Exception {
    var answer =
        receptor.raw("GET /v1/domains HTTP/1.0\r\nAccept-Encoding: gzip, deflate, br\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\n[]");
    assertThat(answer).doesNotContainIgnoringCase("content-encoding");
  }

  @Test
  void waitsForASlowSender() throws Exception {
    var body = "{}";
    try (var socket = slowSender("Content-Length: 2\r\n\r\n{")) {
      servesOthers();
      socket.getOutputStream().write(body.charAt(1));
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("HTTP/1.1 400 ")
          .contains("InvalidTask");
    }
  }

  private Socket slowSender(String rest) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), port(receptor.service));
    socket.setSoTimeout((int) ReceptorUnderTest.SOON.toMillis());
    socket
        .getOutputStream()
        .write(("POST /v1/tasks HTTP/1.1\r\n" + HEAD + rest).getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static int port(HttpService service) {
    return service.address().getPort();
  }
}
