package dev.ccbridge.receptor.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.receptor.FakeReceptor;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.receptor.server.OriginalClient.ReceptorError;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the suite of the original's binary asserts, line by line, each test beginning with the
 * line's name. Source: receptor/cmd/receptor/*_test.go.
 *
 * <p>Otherwise than there: instances come about by desired LRPs only (A1), and a copy is gone
 * before its replacement can be evacuated, too, so that its record never changes (E3). The lines
 * F1, N1 and S1 are about the program: ReceptorProcessIT.
 */
@Timeout(120)
class ConformanceTest {
  private static final String LRP =
      """
      {"process_guid":"%s","domain":"%s","rootfs":"some:rootfs","instances":1,"setup":null,\
      "action":{"run":{"path":"/bin/bash","user":"me","resource_limits":{}}},"monitor":null,\
      "start_timeout":0,"disk_mb":0,"memory_mb":0,"cpu_weight":0,"privileged":false,\
      "ports":[1234,5678],"log_guid":"","log_source":"","metrics_guid":""}""";
  private static final String CREDENTIALS = "username:password";

  @TempDir private Path directory;
  private ReceptorUnderTest receptor;
  private OriginalClient client;

  @BeforeEach
  void start() {
    receptor = new ReceptorUnderTest(directory);
    client = receptor.client();
  }

  @AfterEach
  void close() {
    receptor.close();
  }

  private static void refuses(ThrowingCallable call, String name) {
    assertThatExceptionOfType(ReceptorError.class)
        .isThrownBy(call)
        .satisfies(error -> assertThat(error.name).isEqualTo(name));
  }

  private static String task(String guid) {
    return ReceptorUnderTest.TASK.formatted(guid);
  }

  private static List<String> guids(JsonNode list, String member) {
    return list.findValuesAsText(member);
  }

  @Test
  @DisplayName("T1 an answer has a numeric length and exactly the type application/json")
  void t1() throws Exception {
    try (var guarded = guarded()) {
      var answer = new Plain(guarded).send("GET", "/v1/tasks");
      assertThat(answer.headers().firstValueAsLong("Content-Length")).isPresent();
      assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    }
  }

  @Test
  @DisplayName("T2 a valid task is stored, pending")
  void t2() {
    var placing = new CountDownLatch(1);
    receptor.backend.whilePlacing(container -> awaitUninterrupted(placing));
    client.createTask(task("t"));
    assertThat(client.tasks()).hasSize(1);
    assertThat(client.getTask("t").path("state").asText()).isEqualTo("PENDING");
    placing.countDown();
    await().atMost(ReceptorUnderTest.SOON).until(() -> receptor.backend.isRunning("t"));
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  @DisplayName("T3 the same guid again: TaskGuidAlreadyExists")
  void t3() {
    client.createTask(task("t"));
    refuses(() -> client.createTask(task("t")), "TaskGuidAlreadyExists");
  }

  @Test
  @DisplayName("T4 on completion, and not before, one callback with the whole task")
  void t4() throws Exception {
    var calls = new LinkedBlockingQueue<String>();
    try (var cc =
        HttpService.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            request -> record(request, calls))) {
      client.createTask(
          task("t")
              .replace(
                  "\"domain\"",
                  "\"completion_callback_url\":\"" + cc.uri() + "/the/callback\",\"domain\""));
      await().atMost(ReceptorUnderTest.SOON).until(() -> receptor.backend.isRunning("t"));
      assertThat(calls).isEmpty();
      receptor.backend.fail("t", "the failure reason");
      assertThat(calls.poll(20, TimeUnit.SECONDS)).isEqualTo("POST /the/callback application/json");
      var body = ReceptorJson.mapper().readTree(calls.poll(20, TimeUnit.SECONDS));
      GoShapes.TASK.check(body, "callback");
      assertThat(body.path("task_guid").asText()).isEqualTo("t");
      assertThat(body.path("failed").asBoolean()).isTrue();
      assertThat(body.path("failure_reason").asText()).isEqualTo("the failure reason");
      assertThat(body.path("annotation").asText()).isEqualTo("{\"k\":1}");
      assertThat(body.path("result").isTextual()).isTrue();
      await().atMost(ReceptorUnderTest.SOON).until(() -> client.tasks().isEmpty());
      assertThat(calls).isEmpty();
    }
  }

  private static Response record(Request request, LinkedBlockingQueue<String> calls)
      throws Exception {
    calls.add(request.method() + " " + request.rawPath() + " " + request.mediaType());
    calls.add(new String(request.body(1 << 20), java.nio.charset.StandardCharsets.UTF_8));
    return Response.empty(200);
  }

  @Test
  @DisplayName("T5 lists of no tasks, of two, of one domain's")
  void t5() {
    assertThat(client.tasks()).isEmpty();
    client.createTask(task("one"));
    client.createTask(task("two").replace("demo", "other & more"));
    assertThat(guids(client.tasks(), "task_guid")).containsExactlyInAnyOrder("one", "two");
    assertThat(guids(client.tasksByDomain("other & more"), "task_guid")).containsExactly("two");
    assertThat(client.tasksByDomain("none")).isEmpty();
  }

  @Test
  @DisplayName("T6 a task before and after its end; an unknown one: TaskNotFound")
  void t6() throws Exception {
    receptor.runTask("t");
    assertThat(client.getTask("t").path("domain").asText()).isEqualTo("demo");
    assertThat(client.getTask("t").path("state").asText()).isEqualTo("RUNNING");
    receptor.backend.finish("t", "the result");
    var task = client.getTask("t");
    assertThat(task.path("state").asText()).isEqualTo("COMPLETED");
    assertThat(task.path("result").asText()).isEqualTo("the result");
    assertThat(task.path("failed").asBoolean()).isFalse();
    assertThat(task.path("failure_reason").asText()).isEmpty();
    assertThat(task.path("cell_id").asText()).isEmpty();
    refuses(() -> client.getTask("unknown"), "TaskNotFound");
  }

  @Test
  @DisplayName("T7 a finished task is gone when DELETE returns; a running one stays")
  void t7() throws Exception {
    receptor.runTask("t");
    refuses(() -> client.deleteTask("t"), "TaskNotDeletable");
    assertThat(client.getTask("t").path("state").asText()).isEqualTo("RUNNING");
    receptor.backend.finish("t", "");
    client.deleteTask("t");
    assertThat(client.tasks()).isEmpty();
    refuses(() -> client.deleteTask("t"), "TaskNotFound");
  }

  @Test
  @DisplayName("T8 a running task is COMPLETED when cancel returns")
  void t8() throws Exception {
    receptor.runTask("t");
    client.cancelTask("t");
    assertThat(client.getTask("t").path("state").asText()).isEqualTo("COMPLETED");
    assertThat(client.getTask("t").path("failure_reason").asText()).isEqualTo("task was cancelled");
  }

  @Test
  @DisplayName("D1 an LRP is stored once")
  void d1() {
    client.createDesiredLRP(LRP.formatted("web", "demo"));
    assertThat(client.desiredLRPs()).hasSize(1);
    refuses(
        () -> client.createDesiredLRP(LRP.formatted("web", "other")), "DesiredLRPAlreadyExists");
  }

  @Test
  @DisplayName("D2 what is read is what was stored")
  void d2() throws Exception {
    client.createDesiredLRP(LRP.formatted("web", "demo"));
    var stored = receptor.store.findDesiredLRP("web").orElseThrow();
    assertThat(receptor.send("GET", "/v1/desired_lrps/web", "null").body())
        .isEqualTo(ReceptorJson.mapper().writeValueAsString(stored))
        .contains("\"ports\":[1234,5678]", "\"setup\":null", "\"monitor\":null")
        .doesNotContain("\"routes\"", "\"env\"", "\"annotation\"", "\"egress_rules\"");
  }

  @Test
  @DisplayName("D3 instances, annotation and routes are replaced, routes byte for byte")
  void d3() throws Exception {
    client.createDesiredLRP(LRP.formatted("web", "demo"));
    var routes =
        "{\"any-router\":{\"z\":[1.50,12345678901234567890,\"\\u003ca\\u003e\"],\"a\":{}},\"x\":\"y\"}";
    client.updateDesiredLRP(
        "web", "{\"instances\":6,\"routes\":" + routes + ",\"annotation\":\"new\"}");
    assertThat(client.getDesiredLRP("web").path("instances").asInt()).isEqualTo(6);
    assertThat(client.getDesiredLRP("web").path("annotation").asText()).isEqualTo("new");
    assertThat(receptor.send("GET", "/v1/desired_lrps/web", "").body())
        .contains("\"routes\":" + routes + ",");
    client.updateDesiredLRP("web", "{\"instances\":1}");
    assertThat(receptor.send("GET", "/v1/desired_lrps/web", "").body())
        .contains("\"routes\":" + routes + ",");
    refuses(() -> client.updateDesiredLRP("none", "{}"), "DesiredLRPNotFound");
  }

  @Test
  @DisplayName("D4 a deleted LRP: DesiredLRPNotFound")
  void d4() {
    client.createDesiredLRP(LRP.formatted("web", "demo"));
    client.deleteDesiredLRP("web");
    refuses(() -> client.getDesiredLRP("web"), "DesiredLRPNotFound");
    refuses(() -> client.deleteDesiredLRP("web"), "DesiredLRPNotFound");
  }

  @Test
  @DisplayName("D5 lists of LRPs, also of one domain")
  void d5() {
    for (var i = 0; i < 10; i++) {
      client.createDesiredLRP(LRP.formatted("web-" + i, "domain-" + i % 2));
    }
    assertThat(client.desiredLRPs()).hasSize(10);
    assertThat(guids(client.desiredLRPsByDomain("domain-1"), "process_guid"))
        .hasSize(5)
        .allMatch(guid -> guid.matches("web-[13579]"));
  }

  @Test
  @DisplayName("A1 A4 running instances with their data")
  void a1() {
    for (var i = 0; i < 6; i++) {
      client.createDesiredLRP(LRP.formatted("web-" + i, "demo"));
      receptor.becomeHealthy("web-" + i, 1);
    }
    assertThat(client.actualLRPs()).hasSize(6);
    var instance = client.actualLRPByProcessGuidAndIndex("web-3", 0);
    assertThat(instance.path("state").asText()).isEqualTo("RUNNING");
    assertThat(instance.path("address").asText()).isEqualTo("10.0.0.1");
    assertThat(instance.path("evacuating").asBoolean()).isFalse();
    assertThat(instance.at("/ports/1/container_port").asInt()).isEqualTo(5678);
    assertThat(client.actualLRPs()).contains(instance);
    refuses(() -> client.actualLRPByProcessGuidAndIndex("web-3", 1), "");
    assertThat(client.actualLRPsByProcessGuid("none")).isEmpty();
    client.killActualLRPByProcessGuidAndIndex("web-3", 0);
    refuses(() -> client.killActualLRPByProcessGuidAndIndex("web-3", 7), "ActualLRPIndexNotFound");
  }

  @Test
  @DisplayName("A2 A3 of an index that moves, the evacuating record is told")
  void a2() {
    client.createDesiredLRP(LRP.formatted("web", "domain-0").replace("stances\":1", "stances\":2"));
    receptor.becomeHealthy("web", 2);
    client.createDesiredLRP(LRP.formatted("other", "domain-1"));
    receptor.backend.evacuate("web", 1, "other-cell");
    var listed = client.actualLRPsByDomain("domain-0");
    assertThat(listed.findValuesAsText("evacuating")).containsExactly("false", "true");
    assertThat(client.actualLRPsByProcessGuid("web")).isEqualTo(listed);
    var copy = client.actualLRPByProcessGuidAndIndex("web", 1);
    assertThat(copy).isEqualTo(listed.get(1));
    assertThat(copy.path("state").asText()).isEqualTo("RUNNING");
    assertThat(copy.path("address").asText()).isEqualTo("10.0.0.1");
    assertThat(copy.path("cell_id").asText()).isEqualTo("fake-cell");
  }

  @Test
  @DisplayName("H1 a task keeps all it was created with, and what is absent stays absent")
  void h1() throws Exception {
    var full =
        """
        {"task_guid":"full","domain":"demo","rootfs":"docker:///busybox","env":[{"name":"A","value":"B"}],
         "action":{"run":{"path":"/bin/make","args":["all"],"dir":"/d","env":[{"name":"C","value":""}],
         "user":"vcap","resource_limits":{"nofile":5}}},"cpu_weight":20,"disk_mb":512,"memory_mb":256,
         "privileged":true,"log_guid":"g","log_source":"MAKE","metrics_guid":"m","result_file":"/r",
         "completion_callback_url":"http://127.0.0.1:1/done","annotation":"{\\"k\\":1}",
         "egress_rules":[{"protocol":"tcp","destinations":["1.2.3.4"],"ports":[80],"log":true}]}""";
    client.createTask(full);
    var sent = ReceptorJson.mapper().readTree(full);
    var stored = client.getTask("full");
    for (var member : sent.properties()) {
      assertThat(stored.path(member.getKey())).as(member.getKey()).isEqualTo(member.getValue());
    }
    client.createTask(task("bare"));
    assertThat(client.getTask("bare").has("env")).isFalse();
    assertThat(client.getTask("bare").has("egress_rules")).isFalse();
  }

  @Test
  @DisplayName("H13 killing an index that moves ends what is told of it")
  void h13() {
    client.createDesiredLRP(LRP.formatted("web", "demo"));
    receptor.becomeHealthy("web", 1);
    var left = receptor.backend.evacuate("web", 0, "other-cell");
    client.killActualLRPByProcessGuidAndIndex("web", 0);
    assertThat(receptor.backend.stops()).contains(left);
    assertThat(client.actualLRPByProcessGuidAndIndex("web", 0).path("evacuating").asBoolean())
        .isFalse();
  }

  @Test
  @DisplayName("C1 cells with their capacity")
  void c1() {
    var cell = client.cells().get(0);
    assertThat(cell.path("cell_id").asText()).isEqualTo("fake-cell");
    assertThat(cell.path("zone").asText()).isEqualTo("z1");
    assertThat(cell.at("/capacity/containers").asInt()).isEqualTo(256);
    assertThat(cell.at("/rootfs_providers/preloaded/0").asText()).isEqualTo("trusty");
    receptor.backend.loseCells();
    assertThat(client.cells()).isEmpty();
  }

  @Test
  @DisplayName("M1 M2 M3 domains are listed as long as they are fresh")
  void m1() {
    client.upsertDomain("a", Duration.ofSeconds(100));
    assertThat(client.domains()).containsExactly("a");
    client.upsertDomain("b", Duration.ZERO);
    client.upsertDomain("c", Duration.ofSeconds(1));
    assertThat(client.domains()).containsExactlyInAnyOrder("a", "b", "c");
    receptor.time.advance(Duration.ofSeconds(2));
    assertThat(client.domains()).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  @DisplayName("E1 events of a desired LRP")
  void e1() throws Exception {
    try (var events = client.subscribeToEvents()) {
      client.createDesiredLRP(LRP.formatted("web", "demo").replace("[1234,5678]", "null"));
      var created = events.next("desired_lrp_created");
      assertThat(created.data().path("desired_lrp")).isEqualTo(client.getDesiredLRP("web"));
      assertThat(created.data().toString()).contains("\"ports\":[]");
      client.updateDesiredLRP("web", "{\"routes\":{\"r\":[{\"port\":80}]}}");
      var changed = events.next("desired_lrp_changed").data();
      assertThat(changed.at("/desired_lrp_after/routes")).hasToString("{\"r\":[{\"port\":80}]}");
      assertThat(changed.path("desired_lrp_before")).isEqualTo(created.data().path("desired_lrp"));
      client.deleteDesiredLRP("web");
      assertThat(events.next("desired_lrp_removed").data().at("/desired_lrp/process_guid").asText())
          .isEqualTo("web");
    }
  }

  @Test
  @DisplayName("E2 E4 events of an instance, from its creation to its end")
  void e2() throws Exception {
    try (var events = client.subscribeToEvents()) {
      client.createDesiredLRP(LRP.formatted("web", "demo"));
      var created = events.next("actual_lrp_created").data().path("actual_lrp");
      assertThat(created.path("state").asText()).isEqualTo("UNCLAIMED");
      assertThat(created.path("ports").isNull()).isTrue();
      var claimed = events.next("actual_lrp_changed").data();
      assertThat(claimed.path("actual_lrp_before")).isEqualTo(created);
      assertThat(claimed.at("/actual_lrp_after/state").asText()).isEqualTo("CLAIMED");
      receptor.becomeHealthy("web", 1);
      var running = events.next("actual_lrp_changed").data();
      assertThat(running.path("actual_lrp_before")).isEqualTo(claimed.path("actual_lrp_after"));
      assertThat(running.path("actual_lrp_after"))
          .isEqualTo(client.actualLRPByProcessGuidAndIndex("web", 0));
      client.deleteDesiredLRP("web");
      var removed = events.next("actual_lrp_removed").data().path("actual_lrp");
      assertThat(removed.path("evacuating").asBoolean()).isFalse();
      assertThat(removed.path("instance_guid"))
          .isEqualTo(running.at("/actual_lrp_after/instance_guid"));
    }
  }

  @Test
  @DisplayName("E3 E4 events of an instance that moves, and of the copy that it leaves")
  void e3() throws Exception {
    try (var events = client.subscribeToEvents()) {
      client.createDesiredLRP(LRP.formatted("web", "demo"));
      events.next("actual_lrp_created");
      events.next("actual_lrp_changed");
      receptor.becomeHealthy("web", 1);
      var before = events.next("actual_lrp_changed").data().path("actual_lrp_after");
      receptor.backend.evacuate("web", 0, "other-cell");
      var copy = events.next("actual_lrp_created").data().path("actual_lrp");
      assertThat(copy).isEqualTo(client.actualLRPByProcessGuidAndIndex("web", 0));
      assertThat(copy.path("evacuating").asBoolean()).isTrue();
      assertThat(copy.at("/modification_tag/index").asInt()).isOne();
      var unclaimed = events.next("actual_lrp_changed").data();
      assertThat(unclaimed.path("actual_lrp_before")).isEqualTo(before);
      assertMoves(unclaimed, "UNCLAIMED");
      assertMoves(events.next("actual_lrp_changed").data(), "CLAIMED");
      receptor.becomeHealthy("web", 1);
      assertMoves(events.next("actual_lrp_changed").data(), "RUNNING");
      assertThat(events.next("actual_lrp_removed").data().path("actual_lrp")).isEqualTo(copy);
    }
  }

  private static void assertMoves(JsonNode changed, String state) {
    assertThat(changed.at("/actual_lrp_after/state").asText()).isEqualTo(state);
    assertThat(changed.at("/actual_lrp_after/evacuating").asBoolean()).isFalse();
  }

  @Test
  @DisplayName("E5 the stream ends with the server, cleanly")
  void e5() throws Exception {
    try (var events = client.subscribeToEvents()) {
      assertThat(events.head().headers().firstValue("Content-Type"))
          .hasValue("text/event-stream; charset=utf-8");
      receptor.store.close();
      assertThat(events.next()).isNull();
    }
  }

  private HttpService guarded() {
    return ReceptorUnderTest.serve(
        ReceptorServerConfig.defaults().withCredentials("username", "password"), receptor.store);
  }

  @Test
  @DisplayName("U1 U2 the root and the events ask for credentials, header or cookie")
  void u1() throws Exception {
    try (var guarded = guarded()) {
      var plain = new Plain(guarded);
      var cookie = "receptor_authorization=" + Plain.BASIC;
      assertThat(plain.send("GET", "/").statusCode()).isEqualTo(401);
      assertThat(plain.send("GET", "/", "Cookie", cookie).statusCode()).isEqualTo(404);
      assertThat(plain.send("HEAD", "/v1/events").statusCode()).isEqualTo(401);
      assertThat(plain.send("HEAD", "/v1/events", "Cookie", cookie).statusCode()).isEqualTo(200);
      refuses(() -> new OriginalClient(guarded.uri(), "").tasks(), "Unauthorized");
      refuses(() -> new OriginalClient(guarded.uri(), "username:wrong").tasks(), "Unauthorized");
      refuses(() -> new OriginalClient(guarded.uri(), "").subscribeToEvents(), "BadResponse");
      var right = new OriginalClient(guarded.uri(), CREDENTIALS);
      assertThat(right.tasks()).isEmpty();
      right.subscribeToEvents().close();
    }
    assertThat(receptor.send("GET", "/", "").statusCode()).isEqualTo(404);
  }

  @Test
  @DisplayName("U3 the cookie is made from the credentials, and opens what they open")
  void u3() throws Exception {
    try (var guarded = guarded()) {
      var plain = new Plain(guarded);
      var made = plain.send("POST", "/v1/auth_cookie", "Authorization", Plain.BASIC);
      assertThat(made.statusCode()).isEqualTo(204);
      var cookies = made.headers().allValues("Set-Cookie");
      assertThat(cookies).containsExactly("receptor_authorization=" + Plain.BASIC + "; HttpOnly");
      var cookie = cookies.getFirst().split(";")[0];
      assertThat(plain.send("GET", "/", "Cookie", cookie).statusCode()).isEqualTo(404);
    }
  }

  @Test
  @DisplayName("O1 with CORS the origin is echoed, and OPTIONS needs no credentials")
  void o1() throws Exception {
    try (var open =
        ReceptorUnderTest.serve(
            ReceptorServerConfig.defaults().withCredentials("username", "password").withCors(),
            receptor.store)) {
      var plain = new Plain(open);
      var answer =
          plain.send("GET", "/v1/tasks", "Origin", "example.com", "Authorization", Plain.BASIC);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Access-Control-Allow-Origin"))
          .hasValue("example.com");
      assertThat(plain.send("OPTIONS", "/").statusCode()).isEqualTo(200);
    }
  }

  @Test
  @DisplayName("O2 without CORS there is no such header")
  void o2() throws Exception {
    assertThat(receptor.send("GET", "/v1/tasks", "", "Origin", "example.com").headers().map())
        .doesNotContainKey("access-control-allow-origin");
  }

  @Test
  @DisplayName("K1 the client takes what the server says: every call works on an empty Receptor")
  void k1() {
    try (var fake = new FakeReceptor();
        var service = ReceptorUnderTest.serve(ReceptorServerConfig.defaults(), fake)) {
      var other = new OriginalClient(service.uri(), "");
      assertThat(other.tasks()).isEmpty();
      assertThat(other.desiredLRPs()).isEmpty();
      assertThat(other.actualLRPs()).isEmpty();
      assertThat(other.domains()).isEmpty();
      assertThat(other.version()).isEmpty();
    }
  }
}
