package dev.ccbridge.stager;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.api.Api;
import dev.ccbridge.api.SecretRef;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestSpec;
import dev.ccbridge.api.StagingRequestSpec.Docker;
import dev.ccbridge.api.StagingRequestStatus.Phase;
import dev.ccbridge.kubernetes.DevCluster;
import dev.ccbridge.receptor.FakeReceptor;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.receptor.model.TaskCreateRequest;
import dev.ccbridge.receptor.server.ReceptorServer;
import dev.ccbridge.receptor.server.ReceptorServerConfig;
import dev.ccbridge.stager.StagerUnderTest.Setup;
import dev.ccbridge.stager.recipe.RecipeConfig;
import dev.ccbridge.web.Response;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What CC asks the stager over HTTP, and what becomes of it. */
@Timeout(180)
class StagerDoorTest {
  private static final String GUID = "Staging-1";
  private static final String PATH = "/v1/staging/" + GUID;
  private static final String CANARY = "canary-4711";
  private static final String CUSTOM = "https://u:" + CANARY + "@git.example.com/bp.git?s=1";

  private final FakeReceptor receptor = new FakeReceptor();
  private final List<String> toldCc = new CopyOnWriteArrayList<>();
  private StagerUnderTest stager;

  @AfterEach
  void stop() {
    if (stager != null) {
      stager.close();
    }
  }

  @Test
  void whatIsSecretStandsInASecretOnlyAndReachesTaskAndCcExactly() throws Exception {
    start();
    var answer =
        stager.send(
            "PUT",
            PATH,
            """
            {"app_id":"app","lifecycle":"buildpack","log_guid":"","file_descriptors":-5,"timeout":-1,
             "environment":[{"name":"","value":"no name"},{"name":"A","value":"%s"},{"name":"A"}],
             "lifecycle_data":{"stack":"cflinuxfs4","app_bits_download_uri":"http://u:%s@cc/bits",
              "droplet_upload_uri":"http://u:%s@cc/drop",
              "buildpacks":[{"name":"custom","key":"%s","url":"%s"}]}}
            """
                .formatted(CANARY, CANARY, CANARY, CUSTOM, CUSTOM));
    assertThat(answer.statusCode()).isEqualTo(202);
    assertThat(answer.body()).isEmpty();
    var task = awaitTask();
    assertThat(task.logGuid()).isEmpty();
    assertThat(json(task))
        .contains("\"nofile\":18446744073709551611", "\"timeout\":900000000000")
        .contains("-buildpackOrder=" + CUSTOM, "{\"name\":\"\",\"value\":\"no name\"}")
        .contains("cc-droplet-upload-uri=http%3A%2F%2Fu%3A" + CANARY);
    var stored = stager.find(GUID).orElseThrow();
    assertThat(stored.getMetadata().getFinalizers()).containsExactly(Api.FINALIZER);
    assertThat(stored.getSpec().completionCallback())
        .endsWith("/internal/staging/" + GUID + "/completed");

    receptor.completeTask(
        GUID, "{\"buildpack_key\":\"%s\",\"detected_start_command\":{}}".formatted(CUSTOM));
    assertThat(complete()).isEqualTo(200);
    var done = stager.awaitStatus(GUID, StagerUnderTest::isDeliveryOver);
    assertThat(done.getStatus().result().buildpack())
        .isEqualTo("https://***@git.example.com/bp.git?***");
    assertThat(toldCc).hasSize(1);
    assertThat(toldCc.getFirst())
        .contains("\"buildpack_key\":\"" + CUSTOM + "\"", "\"detected_start_command\":{}");
    assertThat(Serialization.asJson(done)).doesNotContain(CANARY);
    var events = stager.kubernetes().v1().events().inNamespace(stager.namespace).list();
    assertThat(Serialization.asJson(events)).doesNotContain(CANARY);
    assertThat(stager.meters.counter("StagingStartRequestsReceived").count()).isEqualTo(1);
    assertThat(stager.meters.counter("StagingRequestsSucceeded").count()).isEqualTo(1);
    assertThat(stager.meters.timer("StagingRequestSucceededDuration").count()).isEqualTo(1);
  }

  @Test
  void aFailureTellsNoSecretEither() throws Exception {
    start();
    stager.send("PUT", PATH, message("http://u:" + CANARY + "@cc/bits"));
    awaitTask();
    receptor.failTask(GUID, "Get http://u:" + CANARY + "@cc/bits: password " + CANARY + " refused");
    complete();
    var done = stager.awaitStatus(GUID, StagerUnderTest::isDeliveryOver);
    assertThat(done.getStatus().failure().message()).contains("refused");
    assertThat(Serialization.asJson(done)).doesNotContain(CANARY);
    assertThat(toldCc.getFirst())
        .contains("{\"id\":\"StagingError\",\"message\":\"staging failed\"}");
    assertThat(stager.meters.counter("StagingRequestsFailed").count()).isEqualTo(1);
  }

  @Test
  void aRepeatedRequestIsTheSameStaging() throws Exception {
    start();
    for (var i = 0; i < 3; i++) {
      assertThat(stager.send("PUT", PATH, message("http://cc/bits")).statusCode()).isEqualTo(202);
    }
    awaitTask();
    assertThat(receptor.createdTasks()).hasSize(1);
    assertThat(stager.all()).hasSize(1);
  }

  @Test
  void guidsThatDifferInCaseAreTwoRequests() throws Exception {
    start();
    stager.send("PUT", PATH, message("http://cc/bits"));
    var other = stager.send("PUT", PATH.toLowerCase(java.util.Locale.ROOT), message("http://cc/2"));
    assertThat(other.statusCode()).isEqualTo(202);
    assertThat(stager.all()).hasSize(2);
  }

  @Test
  void doubledLateAndForgedCallbacks() throws Exception {
    start();
    stager.send("PUT", PATH, message("http://cc/bits"));
    awaitTask();
    assertThat(stager.send("POST", PATH + "/completed", finished()).statusCode()).isEqualTo(403);
    assertThat(
            stager.send("POST", callback().replace("token=", "token=x"), finished()).statusCode())
        .isEqualTo(403);
    assertThat(stager.find(GUID).orElseThrow().getStatus().phase()).isEqualTo(Phase.STAGING);

    receptor.completeTask(GUID, TestTasks.RESULT);
    assertThat(complete()).isEqualTo(200);
    assertThat(complete()).as("a second time").isEqualTo(200);
    stager.awaitStatus(GUID, StagerUnderTest::isDeliveryOver);
    assertThat(toldCc).hasSize(1);

    var url = callback();
    stager.kubernetes().resource(stager.find(GUID).orElseThrow()).delete();
    stager.awaitTrue(() -> stager.all().isEmpty());
    assertThat(stager.send("POST", url, finished()).statusCode()).as("too late").isEqualTo(404);
  }

  @Test
  void stoppingCancelsWhatRunsAndKnowsNothingOfWhatIsOver() throws Exception {
    start();
    assertThat(stager.send("DELETE", PATH, "").statusCode()).as("unknown").isEqualTo(404);
    stager.send("PUT", PATH, message("http://cc/bits"));
    awaitTask();
    var answer = stager.send("DELETE", PATH, "");
    assertThat(answer.statusCode()).isEqualTo(202);
    assertThat(answer.body()).isEmpty();
    stager.awaitStatus(GUID, status -> status.phase() == Phase.CANCELLED);
    stager.awaitStatus(GUID, StagerUnderTest::isDeliveryOver);
    assertThat(toldCc.getFirst()).contains("staging failed");
    assertThat(stager.send("DELETE", PATH, "").statusCode()).as("over").isEqualTo(404);
    assertThat(stager.meters.counter("StagingStopRequestsReceived").count()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{} x|400|body: wanted a staging request as JSON, but it is not well-formed",
        "{\"app_id\":|400|body: wanted a staging request as JSON, but it is not well-formed",
        "[]|400|body: wanted an object or a list",
        "{\"memory_mb\":\"1024\"}|400|memory_mb: wanted an integer",
        "{\"disk_mb\":1.5}|400|disk_mb: wanted an integer",
        "{\"app_id\":7}|400|app_id: wanted a text",
        "{\"environment\":[{\"name\":{}}]}|400|environment.[0].name: wanted a text",
        "null|404|lifecycle: was , wanted buildpack or docker",
        "{\"lifecycle\":\"noodles\"}|404|lifecycle: was noodles, wanted buildpack or docker",
        "{\"lifecycle\":\"buildpack\"}|500|staging failed",
        "{\"lifecycle\":\"docker\"}|500|staging failed",
        "{\"lifecycle\":\"docker\",\"app_id\":\"a\",\"lifecycle_data\":{}}|500|"
            + "missing docker image download url",
      })
  void whatCannotBeReadIsRefused(String body, int status, String message) throws Exception {
    start();
    var answer = stager.send("PUT", PATH, body);
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(ReceptorJson.mapper().readTree(answer.body()).at("/error/message").asText())
        .isEqualTo(message);
    assertThat(stager.all()).isEmpty();
  }

  @Test
  void namesInAnyCaseAndTheLastOfSeveral() throws Exception {
    start();
    var answer =
        stager.send(
            "PUT",
            PATH,
            """
            {"APP_ID":"first","app_id":"second","App_Id":null,"Lifecycle":"buildpack","memory_mb":1,
             "memory_mb":2,"environment":null,"egress_rules":null,"unknown":[1],
             "lifecycle_data":{"Stack":"cflinuxfs4","APP_BITS_DOWNLOAD_URI":"http://cc/bits"}}
            """);
    assertThat(answer.statusCode()).isEqualTo(202);
    var task = awaitTask();
    assertThat(task.memoryMb()).isEqualTo(2);
    assertThat(json(task)).contains("/v1/droplet/second?");
  }

  @Test
  void aBodyThatIsTooLargeIsRefused() throws Exception {
    start();
    var answer = stager.send("PUT", PATH, "\"" + "x".repeat(9 << 20) + "\"");
    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(answer.body()).contains("body: was larger than 8388608 bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a%2Fb", "%C3%BC-%E2%9C%93", "%20", "a..b", "LONG"})
  void aGuidThatNoReceptorTakesIsRefused(String guid) throws Exception {
    start();
    var path = "/v1/staging/" + guid.replace("LONG", "g".repeat(300));
    assertThat(stager.send("PUT", path, message("http://cc/bits")).statusCode()).isEqualTo(500);
    assertThat(stager.send("DELETE", path, "").statusCode()).isEqualTo(404);
    assertThat(stager.all()).isEmpty();
    assertThat(receptor.createdTasks()).isEmpty();
  }

  @Test
  void anApiServerThatRefusesIsARefusal() throws Exception {
    start(new FaultyApi().answer("POST", "/stagingrequests", 422));
    var answer = stager.send("PUT", PATH, message("http://cc/bits"));
    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).contains("{\"id\":\"StagingError\",\"message\":\"staging failed\"}");
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 429, 500, 503})
  void anApiServerThatCannotForTheMomentMayBeAskedAgain(int status) throws Exception {
    start(
        new FaultyApi()
            .answer("POST", "/stagingrequests", status)
            .answer("GET", "/stagingrequests", status));
    var answer = stager.send("PUT", PATH, message("http://cc/bits"));
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).contains("5");
    assertThat(answer.body()).contains("\"error\":{\"id\":\"StagingError\"");
    assertThat(stager.send("DELETE", PATH, "").statusCode()).isEqualTo(503);
    assertThat(stager.all()).isEmpty();
  }

  @Test
  void withoutItsSecretARequestIsTakenBack() throws Exception {
    start(new FaultyApi().answer("POST", "/secrets", 403));
    var answer = stager.send("PUT", PATH, message("http://cc/bits"));
    assertThat(answer.statusCode()).isEqualTo(503);
    stager.awaitTrue(() -> stager.all().isEmpty());
    assertThat(receptor.createdTasks()).isEmpty();
  }

  @Test
  void aRequestThatIsStoredTooLateIsTakenBack() throws Exception {
    var api = new FaultyApi();
    var slow = new CountDownLatch(1);
    start(api.hold("POST", "/stagingrequests", slow));
    assertThat(stager.send("PUT", PATH, message("http://cc/bits")).statusCode()).isEqualTo(503);
    slow.countDown();
    stager.awaitTrue(() -> api.count("DELETE") > 0);
    stager.awaitTrue(() -> stager.all().isEmpty());
  }

  @Test
  void aLeftoverWithoutItsSecretIsFailedAndCcTold() throws Exception {
    // As seen a minute later.
    start(
        new FaultyApi().answer("POST", "/secrets", 403).answer("DELETE", "/stagingrequests", 500),
        Duration.ofMinutes(1));
    assertThat(stager.send("PUT", PATH, message("http://cc/bits")).statusCode()).isEqualTo(503);
    var failed = stager.awaitStatus(GUID, StagerUnderTest::isDeliveryOver);
    assertThat(failed.getStatus().phase()).isEqualTo(Phase.FAILED);
    assertThat(failed.getStatus().failure().message()).contains("stored only in part");
    assertThat(receptor.createdTasks()).isEmpty();
    assertThat(toldCc.getFirst()).contains("staging failed");
  }

  @Test
  void aRequestByHandIsCachedWithItsCredentials() throws Exception {
    start();
    stager
        .kubernetes()
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace(stager.namespace)
                .withName("login")
                .endMetadata()
                .withStringData(Map.of("username", "me", "password", CANARY))
                .build())
        .create();
    stager.kubernetes().resource(byHand()).create();
    stager.awaitTrue(() -> !receptor.createdTasks().isEmpty());
    assertThat(json(receptor.createdTasks().getFirst()))
        .contains(
            "\"-dockerRegistryIPs\",\"10.0.0.9,10.0.0.10\"",
            "\"-dockerUser\",\"me\",\"-dockerPassword\",\"" + CANARY + "\",\"-dockerEmail\"",
            "\"env\":[{\"name\":\"DIEGO_DOCKER_CACHE\",\"value\":\"true\"}]",
            "{\"protocol\":\"tcp\",\"destinations\":[\"10.0.0.10\"],\"ports\":[8080],\"log\":false}");
  }

  private StagingRequest byHand() {
    var request = new StagingRequest();
    request.setMetadata(
        new ObjectMetaBuilder().withNamespace(stager.namespace).withName("by-hand").build());
    var docker = new Docker("library/busybox", new SecretRef("login"), null, true);
    request.setSpec(
        new StagingRequestSpec(
            null,
            null,
            StagingRequestSpec.Lifecycle.DOCKER,
            null,
            docker,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null));
    return request;
  }

  private static String message(String bits) {
    return """
    {"app_id":"app","lifecycle":"buildpack","environment":[{"name":"A","value":"a value"}],
     "lifecycle_data":{"stack":"cflinuxfs4","app_bits_download_uri":"%s"}}
    """
        .formatted(bits);
  }

  private void start() {
    start(DevCluster.shared().client(), Duration.ZERO);
  }

  private void start(FaultyApi api) {
    start(api, Duration.ZERO);
  }

  private void start(FaultyApi api, Duration ahead) {
    start(api.client(), ahead);
  }

  private void start(KubernetesClient client, Duration ahead) {
    var lifecycles = Map.of("buildpack/cflinuxfs4", "bp.tgz", "docker", "docker.tgz");
    stager =
        new StagerUnderTest(
            new Setup(
                new RecipeConfig(
                    lifecycles, "http://fs", "http://up", false, "cflinuxfs4", "reg:8080", false),
                "http://stager",
                Optional.of(new ReceptorServer(ReceptorServerConfig.defaults(), receptor)),
                Optional.of(
                    request -> {
                      toldCc.add(new String(request.body(1 << 20), StandardCharsets.UTF_8));
                      return Response.empty(200);
                    }),
                "user",
                "password",
                Optional.of(
                    request ->
                        Response.json(
                            200,
                            "[{\"address\":\"10.0.0.9\"},{\"Address\":\"10.0.0.10\"}]"
                                .getBytes(StandardCharsets.UTF_8)))),
            client,
            ahead);
  }

  private TaskCreateRequest awaitTask() {
    stager.awaitTrue(
        () -> receptor.currentTasks().stream().anyMatch(t -> t.taskGuid().equals(GUID)));
    return receptor.createdTasks().getFirst();
  }

  /** Calls back as a Receptor does. */
  private int complete() throws Exception {
    return stager.send("POST", callback(), finished()).statusCode();
  }

  private String callback() {
    var url = URI.create(receptor.createdTasks().getFirst().completionCallbackUrl());
    return url.getRawPath() + "?" + url.getRawQuery();
  }

  private String finished() throws Exception {
    return receptor.currentTasks().isEmpty()
        ? json(TestTasks.succeeded()).replace("uid-1", GUID)
        : json(receptor.currentTasks().getFirst());
  }

  private static String json(Object value) throws Exception {
    return ReceptorJson.mapper().writeValueAsString(value).replace("\\u0026", "&");
  }
}
