package dev.ccbridge.receptor.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.receptor.server.OriginalClient.ReceptorError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The calls that Lattice's {@code ltc} makes for each of its commands. Source: lattice ltc/. */
@Timeout(120)
class LtcTest {
  /** As the July client inside ltc writes it. */
  private static final String APP =
      """
      {"process_guid":"%s","domain":"lattice","rootfs":"docker:///cloudfoundry/lattice-app",\
      "instances":%d,"env":[{"name":"PROCESS_GUID","value":"app"},{"name":"PORT","value":"8080"}],\
      "action":{"run":{"path":"/lattice-app","args":["--quiet"],"dir":"/","env":null,\
      "resource_limits":{},"user":"root"}},\
      "monitor":{"run":{"path":"/tmp/healthcheck","args":["-timeout","1s","-port","8080"],\
      "dir":"","resource_limits":{},"user":"root","log_source":"HEALTH"}},\
      "start_timeout":120,"disk_mb":0,"memory_mb":128,"cpu_weight":100,"privileged":false,\
      "ports":[8080],"routes":{"cf-router":[{"hostnames":["app.192.168.11.11.xip.io"],"port":8080}],\
      "tcp-router":[]},"log_guid":"%s","log_source":"APP","metrics_guid":"%s"}""";

  private static final String BUILD =
      """
      {"action":{"serial":{"actions":[{"download":{"artifact":"cell-helpers","from":"http://f/a.tgz",\
      "to":"/tmp","cache_key":"","user":"vcap"}},{"run":{"path":"/tmp/builder","args":["-x"],\
      "dir":"/","env":[{"name":"A","value":"B"}],"resource_limits":{},"user":"vcap"}},\
      {"upload":{"artifact":"droplet","from":"/tmp/droplet","to":"http://f/d","user":"vcap"}}]}},\
      "completion_callback_url":"","cpu_weight":100,"disk_mb":0,"domain":"lattice",\
      "log_guid":"%s","log_source":"BUILD","metrics_guid":"%s","memory_mb":128,"result_file":"",\
      "task_guid":"%s","rootfs":"preloaded:cflinuxfs2","privileged":true,\
      "env":[{"name":"CF_STACK","value":"cflinuxfs2"}],\
      "egress_rules":[{"protocol":"tcp","destinations":["0.0.0.0/0"],"ports":[80,443],"log":true}]}""";

  @TempDir private Path directory;
  private ReceptorUnderTest receptor;
  private OriginalClient client;

  @BeforeEach
  void start() throws Exception {
    Files.createDirectories(directory.resolve("sync/linux"));
    Files.writeString(directory.resolve("sync/linux/ltc"), "ltc");
    receptor =
        new ReceptorUnderTest(
            directory,
            ReceptorServerConfig.defaults()
                .withCredentials("user", "pass:word")
                .withCors()
                .withVersions(Map.of("lattice_release", "v0.4.1", "ltc", ""))
                .withArtifacts(Optional.of(directory.resolve("sync"))));
    client = new OriginalClient(receptor.service.uri(), "user:pass:word");
  }

  @AfterEach
  void close() {
    receptor.close();
  }

  private boolean isTaken(String name) {
    return client.desiredLRPs().findValuesAsText("process_guid").contains(name);
  }

  private void create(String name, int instances) {
    assertThat(isTaken(name)).isFalse();
    client.upsertDomain("lattice", Duration.ZERO);
    client.createDesiredLRP(APP.formatted(name, instances, name, name));
  }

  /** What ltc polls for. */
  private long running(String name) {
    return StreamSupport.stream(client.actualLRPsByProcessGuid(name).spliterator(), false)
        .filter(instance -> instance.path("state").asText().equals("RUNNING"))
        .count();
  }

  private void awaitRunning(String name, int instances) {
    receptor.becomeHealthy(name, instances);
    await().atMost(ReceptorUnderTest.SOON).until(() -> running(name) == instances);
  }

  @Test
  void target() {
    for (var credentials : new String[] {"", "user:wrong", "user:pass"}) {
      var stranger = new OriginalClient(receptor.service.uri(), credentials);
      assertThatExceptionOfType(ReceptorError.class)
          .isThrownBy(stranger::desiredLRPs)
          .satisfies(refused -> assertThat(refused.name).isEqualTo("Unauthorized"));
    }
    assertThat(client.desiredLRPs()).isEmpty();
  }

  @Test
  void createPollScaleRemove() {
    create("app", 2);
    assertThat(running("app")).isZero();
    awaitRunning("app", 2);
    assertThat(client.domains()).containsExactly("lattice");

    assertThat(isTaken("app")).isTrue();
    client.updateDesiredLRP("app", "{\"instances\":3}");
    awaitRunning("app", 3);
    client.updateDesiredLRP("app", "{\"instances\":1}");
    await().atMost(ReceptorUnderTest.SOON).until(() -> running("app") == 1);

    client.deleteDesiredLRP("app");
    assertThat(isTaken("app")).isFalse();
    await()
        .atMost(ReceptorUnderTest.SOON)
        .until(() -> client.actualLRPsByProcessGuid("app").isEmpty());
  }

  @Test
  void updateRoutes() throws Exception {
    create("app", 0);
    var routes =
        "{\"cf-router\":[{\"hostnames\":[\"a.example.com\",\"b\"],\"port\":8080}],"
            + "\"tcp-router\":[{\"external_port\":50000,\"container_port\":8080}]}";
    client.updateDesiredLRP("app", "{\"routes\":" + routes + "}");
    assertThat(
            receptor
                .send(
                    "GET",
                    "/v1/desired_lrps/app",
                    "",
                    "Authorization",
                    "Basic dXNlcjpwYXNzOndvcmQ=")
                .body())
        .contains("\"routes\":" + routes);
    client.updateDesiredLRP("app", "{\"routes\":{\"cf-router\":[],\"tcp-router\":[]}}");
    assertThat(client.getDesiredLRP("app").path("routes"))
        .hasToString("{\"cf-router\":[],\"tcp-router\":[]}");
  }

  @Test
  void anAppThatDoesNotFitTellsWhy() {
    receptor.backend.refusePlacement("insufficient resources");
    create("app", 1);
    await()
        .atMost(ReceptorUnderTest.SOON)
        .until(
            () ->
                client
                    .actualLRPsByProcessGuid("app")
                    .path(0)
                    .path("placement_error")
                    .asText()
                    .equals("insufficient resources"));
  }

  @Test
  void listStatusCells() {
    create("app", 1);
    awaitRunning("app", 1);
    client.createTask(BUILD.formatted("build", "build", "build"));
    assertThat(client.desiredLRPs()).hasSize(1);
    assertThat(client.actualLRPs()).hasSize(1);
    assertThat(client.tasks()).hasSize(1);
    assertThat(client.cells()).hasSize(1);

    var desired = client.getDesiredLRP("app");
    assertThat(desired.path("start_timeout").asInt()).isEqualTo(120);
    assertThat(desired.path("cpu_weight").asInt()).isEqualTo(100);
    assertThat(desired.at("/monitor/run/log_source").asText()).isEqualTo("HEALTH");
    var actual = client.actualLRPsByProcessGuid("app").get(0);
    assertThat(actual.path("since").asLong())
        .isEqualTo(receptor.time.instant().getEpochSecond() * 1_000_000_000L);
    assertThat(actual.at("/ports/0/host_port").asInt()).isEqualTo(68080);
    assertThatExceptionOfType(ReceptorError.class)
        .isThrownBy(() -> client.getDesiredLRP("other"))
        .satisfies(refused -> assertThat(refused.name).isEqualTo("DesiredLRPNotFound"));
  }

  private JsonNode submit(String name) {
    assertThat(client.tasks().findValuesAsText("task_guid")).doesNotContain(name);
    client.upsertDomain("lattice", Duration.ZERO);
    client.createTask(BUILD.formatted(name, name, name));
    await().atMost(ReceptorUnderTest.SOON).until(() -> receptor.backend.isRunning(name));
    return client.getTask(name);
  }

  @Test
  void submitTaskAndDeleteIt() {
    assertThat(submit("build").path("state").asText()).isEqualTo("RUNNING");
    receptor.backend.finish("build", "done");
    var task = client.getTask("build");
    assertThat(task.path("state").asText()).isEqualTo("COMPLETED");
    assertThat(task.path("result").asText()).isEqualTo("done");
    client.deleteTask("build");
    assertThatExceptionOfType(ReceptorError.class)
        .isThrownBy(() -> client.getTask("build"))
        .satisfies(refused -> assertThat(refused.name).isEqualTo("TaskNotFound"));
  }

  @Test
  void cancelTask() {
    submit("build");
    client.cancelTask("build");
    var task = client.getTask("build");
    assertThat(task.path("failed").asBoolean()).isTrue();
    assertThat(task.path("cell_id").asText()).isEmpty();
  }

  /** Since November a task is cancelled first, whether that works or not. */
  @Test
  void deleteTaskAsInNovember() {
    submit("running");
    client.cancelTask("running");
    submit("finished");
    receptor.backend.finish("finished", "");
    assertThatExceptionOfType(ReceptorError.class)
        .isThrownBy(() -> client.cancelTask("finished"))
        .withMessage("Cannot transition from Completed to Completed");
    for (var name : new String[] {"running", "finished"}) {
      await()
          .atMost(ReceptorUnderTest.SOON)
          .until(() -> client.getTask(name).path("state").asText().equals("COMPLETED"));
      client.deleteTask(name);
    }
    assertThat(client.tasks()).isEmpty();
  }

  @Test
  void syncAndVersion() throws Exception {
    var answer = receptor.send("GET", "/v1/sync/linux/ltc", "");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("ltc");
    assertThat(answer.headers().firstValue("Content-Length")).hasValue("3");
    assertThat(client.version()).hasToString("{\"lattice_release\":\"v0.4.1\"}");
  }
}
