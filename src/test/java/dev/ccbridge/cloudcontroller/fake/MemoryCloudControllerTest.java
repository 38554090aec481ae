package dev.ccbridge.cloudcontroller.fake;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.cloudcontroller.model.CloudControllerJson;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class MemoryCloudControllerTest {
  private static final String INTERNAL = basic("internal_user:in/secret");
  private static final String STAGING = basic("upload user:up@secret");
  private static final String STAGED =
      "{\"execution_metadata\":\"{}\",\"detected_start_command\":{\"web\":\"run it\"},"
          + "\"lifecycle_data\":{\"buildpack_key\":\"k\",\"detected_buildpack\":\"Ruby\"}}";

  @TempDir private Path data;
  private final ScriptedBridge bridge = new ScriptedBridge();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private MemoryCloudController cc;

  @BeforeEach
  void start() {
    cc =
        MemoryCloudController.start(
            new FakeCloudControllerConfig(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Optional.empty(),
                data,
                bridge.uri(),
                bridge.uri(),
                bridge.uri(),
                new Credentials("internal_user", "in/secret"),
                new Credentials("upload user", "up@secret"),
                "cflinuxfs2",
                List.of(),
                Duration.ofSeconds(120)));
  }

  @AfterEach
  void stop() {
    client.shutdownNow();
    cc.close();
    bridge.close();
  }

  @Test
  void anAppIsPushedStagedAndDesired() throws Exception {
    var guid =
        created(
            "{\"name\":\"shop\",\"memory\":256,\"environment\":{\"A\":\"1\",\"N\":2},\"routes\":[\"shop.test\"]}");
    assertThat(guid).hasSize(36);
    assertThat(api("PUT", "/v2/apps/" + guid + "/bits", "the bits").statusCode()).isEqualTo(201);

    assertThat(api("PUT", "/v2/apps/" + guid, "{\"state\":\"STARTED\"}").statusCode())
        .isEqualTo(201);

    var stagingGuid = guid + "-" + entity(guid).get("staging_task_id").asText();
    assertThat(bridge.lines()).containsExactly("PUT /v1/staging/" + stagingGuid);
    var request = bridge.last().body();
    assertThat(request.get("app_id").asText()).isEqualTo(guid);
    assertThat(request.get("memory_mb").asInt()).isEqualTo(1024);
    assertThat(request.get("disk_mb").asInt()).isEqualTo(4096);
    assertThat(request.get("timeout").asInt()).isEqualTo(120);
    assertThat(request.get("lifecycle").asText()).isEqualTo("buildpack");
    assertThat(request.at("/environment").findValuesAsText("name"))
        .containsExactly("VCAP_APPLICATION", "VCAP_SERVICES", "MEMORY_LIMIT", "CF_STACK", "A", "N");
    var data = request.get("lifecycle_data");
    assertThat(data.get("stack").asText()).isEqualTo("cflinuxfs2");
    assertThat(data.has("build_artifacts_cache_download_uri")).isFalse();
    var bits = data.get("app_bits_download_uri").asText();
    assertThat(bits).startsWith("http://upload%20user:up%40secret@127.0.0.1:");
    assertThat(asCell(bits).body()).isEqualTo("the bits");

    var droplet = data.get("droplet_upload_uri").asText() + "?async=true";
    var job = json(upload(droplet, "the droplet", "").body());
    assertThat(job.at("/entity/status").asText()).isEqualTo("queued");
    assertThat(json(asCell(job.at("/metadata/url").asText()).body()).at("/entity/status").asText())
        .isEqualTo("finished");
    assertThat(
            upload(data.get("build_artifacts_cache_upload_uri").asText(), "cache", "").statusCode())
        .isEqualTo(200);

    assertThat(completed(stagingGuid, STAGED).statusCode()).isEqualTo(200);

    var entity = entity(guid);
    assertThat(entity.get("package_state").asText()).isEqualTo("STAGED");
    assertThat(entity.get("detected_buildpack").asText()).isEqualTo("Ruby");
    var processGuid = entity.get("process_guid").asText();
    assertThat(processGuid).startsWith(guid + "-").hasSize(73);
    assertThat(bridge.last().line()).isEqualTo("PUT /v1/apps/" + processGuid);
    var desired = bridge.last().body();
    assertThat(desired.get("memory_mb").asInt()).isEqualTo(256);
    assertThat(desired.get("routes").get(0).asText()).isEqualTo("shop.test");
    assertThat(desired.get("etag").asText()).matches("[0-9]{10}\\.[0-9]+");
    assertThat(get(desired.get("droplet_uri").asText()).body()).isEqualTo("the droplet");
    assertThat(
            get(desired.get("droplet_uri").asText().replaceAll("/[0-9a-f]{40}/", "/00/"))
                .statusCode())
        .isEqualTo(404);
  }

  @Test
  void theCacheOfALaterStagingIsHandedOutAndTheProcessIsNew() throws Exception {
    var guid = running("{\"name\":\"shop\"}");
    var before = entity(guid).get("process_guid").asText();
    var cache = cc.uri() + "/staging/buildpack_cache/cflinuxfs2/" + guid;
    assertThat(upload(cache + "/upload", "the cache", "").statusCode()).isEqualTo(200);

    assertThat(api("POST", "/v2/apps/" + guid + "/restage", "").statusCode()).isEqualTo(201);

    var entity = entity(guid);
    assertThat(entity.get("package_state").asText()).isEqualTo("PENDING");
    assertThat(entity.get("process_guid").asText()).isNotEqualTo(before);
    assertThat(bridge.lines()).contains("DELETE /v1/apps/" + before);
    var download =
        bridge.last().body().at("/lifecycle_data/build_artifacts_cache_download_uri").asText();
    assertThat(asCell(download).body()).isEqualTo("the cache");
  }

  @Test
  void aRunningAppIsScaledStoppedStartedAgainAndDeleted() throws Exception {
    var guid = running("{\"name\":\"shop\"}");
    var process = entity(guid).get("process_guid").asText();
    var etag = bridge.last().body().get("etag").asText();

    api("PUT", "/v2/apps/" + guid, "{\"instances\":3}");
    assertThat(bridge.last().line()).isEqualTo("PUT /v1/apps/" + process);
    assertThat(bridge.last().body().get("num_instances").asInt()).isEqualTo(3);
    assertThat(bridge.last().body().get("etag").asText()).isNotEqualTo(etag);

    api("PUT", "/v2/apps/" + guid, "{\"state\":\"STOPPED\"}");
    assertThat(bridge.last().line()).isEqualTo("DELETE /v1/apps/" + process);
    assertThat(page("{}", 10).get("fingerprints")).isEmpty();

    api("PUT", "/v2/apps/" + guid, "{\"state\":\"STARTED\"}");
    var again = entity(guid).get("process_guid").asText();
    assertThat(again).isNotEqualTo(process);
    assertThat(bridge.last().line()).isEqualTo("PUT /v1/apps/" + again);

    assertThat(api("DELETE", "/v2/apps/" + guid, "").statusCode()).isEqualTo(204);
    assertThat(bridge.last().line()).isEqualTo("DELETE /v1/apps/" + again);
    assertThat(get(cc.uri() + "/v2/apps/" + guid).statusCode()).isEqualTo(404);
    try (var files = Files.list(data)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void aDockerAppNeedsNoBits() throws Exception {
    var guid =
        created("{\"name\":\"d\",\"docker_image\":\"reg.test:5000/me/img\",\"state\":\"STARTED\"}");

    assertThat(bridge.last().body().at("/lifecycle_data/docker_image").asText())
        .isEqualTo("reg.test:5000/me/img:latest");
    completed(stagingGuid(guid), "{\"execution_metadata\":\"{}\",\"detected_start_command\":{}}");

    assertThat(bridge.last().line()).startsWith("PUT /v1/apps/" + guid);
    assertThat(bridge.last().body().get("docker_image").asText())
        .isEqualTo("reg.test:5000/me/img:latest");
    assertThat(bridge.last().body().get("droplet_uri").asText()).isEmpty();
  }

  @Test
  void aRefusingStagerFailsTheStaging() throws Exception {
    bridge.answers(
        500, "{\"error\":{\"id\":\"StagingError\",\"message\":\"missing docker registry\"}}");
    var guid = created("{\"name\":\"x\"}");
    api("PUT", "/v2/apps/" + guid + "/bits", "bits");

    var answer = api("PUT", "/v2/apps/" + guid, "{\"state\":\"STARTED\"}");

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).contains("missing docker registry");
    assertThat(entity(guid).get("package_state").asText()).isEqualTo("FAILED");
    assertThat(entity(guid).get("staging_failed_reason").asText()).isEqualTo("StagingError");
  }

  @ParameterizedTest
  @CsvSource({
    "NoAppDetectedError, NoAppDetectedError",
    "StagingTimeExpired, StagingTimeExpired",
    "SomethingElse, StagingError"
  })
  void aFailedStagingIsShown(String id, String shown) throws Exception {
    var guid = staging();

    var answer =
        completed(stagingGuid(guid), "{\"error\":{\"id\":\"" + id + "\",\"message\":\"why\"}}");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{}");
    assertThat(entity(guid).get("package_state").asText()).isEqualTo("FAILED");
    assertThat(entity(guid).get("staging_failed_reason").asText()).isEqualTo(shown);
    assertThat(entity(guid).get("staging_failed_description").asText()).isEqualTo("why");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"execution_metadata\":{},\"detected_start_command\":{},\"lifecycle_data\":{\"buildpack_key\":\"\",\"detected_buildpack\":\"\"}}",
        "{\"execution_metadata\":\"\",\"detected_start_command\":null,\"lifecycle_data\":{\"buildpack_key\":\"\",\"detected_buildpack\":\"\"}}",
        "{\"execution_metadata\":\"\",\"detected_start_command\":{},\"lifecycle_data\":{\"buildpack_key\":\"\"}}",
        "{\"execution_metadata\":\"\",\"detected_start_command\":{}}",
        "{\"error\":{\"id\":1,\"message\":\"\"}}",
        "{\"error\":\"text\"}",
      })
  void aMalformedOutcomeIsRefusedAndFailsTheStaging(String body) throws Exception {
    var guid = staging();

    assertThat(completed(stagingGuid(guid), body).statusCode()).isEqualTo(400);

    assertThat(entity(guid).get("staging_failed_reason").asText()).isEqualTo("StagingError");
  }

  @Test
  void whatIsNoJsonIsRefusedAndChangesNothing() throws Exception {
    var guid = staging();

    assertThat(completed(stagingGuid(guid), "<html>").statusCode()).isEqualTo(400);
    assertThat(completed(stagingGuid(guid), "").statusCode()).isEqualTo(400);
    assertThat(entity(guid).get("package_state").asText()).isEqualTo("PENDING");
  }

  @Test
  void anOutcomeThatIsNoLongerCurrentIsIgnored() throws Exception {
    var guid = staging();
    var old = stagingGuid(guid);
    api("POST", "/v2/apps/" + guid + "/restage", "");
    var calls = bridge.lines();

    assertThat(completed(old, STAGED).statusCode()).isEqualTo(200);

    assertThat(entity(guid).get("package_state").asText()).isEqualTo("PENDING");
    assertThat(bridge.lines()).isEqualTo(calls).contains("DELETE /v1/staging/" + old);
    assertThat(completed(UUID.randomUUID() + "-1", STAGED).statusCode()).isEqualTo(404);
  }

  @Test
  void withoutTheRightCredentialsEverythingIsRefused() throws Exception {
    var guid = running("{\"name\":\"x\"}");
    for (var wrong : List.of("", basic("internal_user:wrong"), STAGING, "Bearer x")) {
      assertThat(call("POST", "/internal/staging/" + guid + "-1/completed", STAGED, wrong))
          .isEqualTo(401);
      assertThat(call("GET", "/internal/bulk/apps?batch_size=1&token={}", "", wrong))
          .isEqualTo(401);
      assertThat(call("POST", "/internal/bulk/apps", "[]", wrong)).isEqualTo(401);
      assertThat(call("POST", "/internal/apps/" + guid + "-1/crashed", "{}", wrong)).isEqualTo(401);
    }
    for (var wrong : List.of("", basic("upload user:wrong"), INTERNAL)) {
      assertThat(call("GET", "/staging/apps/" + guid, "", wrong)).isEqualTo(401);
      assertThat(call("GET", "/staging/jobs/x", "", wrong)).isEqualTo(401);
      assertThat(call("POST", "/staging/droplets/" + guid + "/upload", "x", wrong)).isEqualTo(401);
      assertThat(call("POST", "/staging/buildpack_cache/s/" + guid + "/upload", "x", wrong))
          .isEqualTo(401);
      assertThat(call("GET", "/staging/buildpack_cache/s/" + guid + "/download", "", wrong))
          .isEqualTo(401);
    }
  }

  @ParameterizedTest
  @CsvSource({"5, 2, 2 2 1", "4, 2, 2 2 0", "0, 2, 0", "3, 10, 3"})
  void fingerprintsComeInPages(int apps, int batch, String sizes) throws Exception {
    var expected = new ArrayList<String>();
    for (int i = 0; i < apps; i++) {
      expected.add(entity(running("{\"name\":\"a" + i + "\"}")).get("process_guid").asText());
    }
    created("{\"name\":\"stopped\"}");

    var seen = new ArrayList<String>();
    var pages = new ArrayList<String>();
    var token = "{}";
    JsonNode page;
    do {
      page = page(token, batch);
      token = page.get("token").toString();
      seen.addAll(page.get("fingerprints").findValuesAsText("process_guid"));
      pages.add(String.valueOf(page.get("fingerprints").size()));
    } while (page.get("fingerprints").size() == batch);

    assertThat(seen).isEqualTo(expected);
    assertThat(String.join(" ", pages)).isEqualTo(sizes);
    assertThat(page.get("fingerprints").isEmpty()).isEqualTo(page.at("/token/id").isNull());
  }

  @Test
  void appsAreGivenByProcessGuidWithTheEtagOfTheirFingerprint() throws Exception {
    var process = entity(running("{\"name\":\"x\"}")).get("process_guid").asText();
    running("{\"name\":\"y\"}");

    var apps =
        json(
            send("POST", "/internal/bulk/apps", "[\"" + process + "\",\"gone\"]", INTERNAL).body());

    assertThat(apps).hasSize(1);
    assertThat(apps.get(0).get("process_guid").asText()).isEqualTo(process);
    assertThat(apps.get(0).get("etag")).isEqualTo(page("{}", 1).at("/fingerprints/0/etag"));
    assertThat(send("POST", "/internal/bulk/apps", "{}", INTERNAL).statusCode()).isEqualTo(400);
    assertThat(send("POST", "/internal/bulk/apps", "[1]", INTERNAL).statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "token={}",
        "batch_size=0&token={}",
        "batch_size=x&token={}",
        "batch_size=1",
        "batch_size=1&token=x",
        "batch_size=1&token={\"id\":\"a\"}"
      })
  void aBadPageIsRefused(String query) throws Exception {
    var encoded = query.replace("{", "%7B").replace("}", "%7D").replace("\"", "%22");
    assertThat(send("GET", "/internal/bulk/apps?" + encoded, "", INTERNAL).statusCode())
        .isEqualTo(400);
  }

  @Test
  void aCrashBecomesAnEvent() throws Exception {
    var guid = running("{\"name\":\"x\"}");
    var path = "/internal/apps/" + entity(guid).get("process_guid").asText() + "/crashed";
    var crash =
        "{\"instance\":\"i\",\"index\":1,\"reason\":\"CRASHED\",\"exit_description\":\"4\",\"crash_count\":2}";

    assertThat(send("POST", path, crash, INTERNAL).statusCode()).isEqualTo(200);
    assertThat(send("POST", path, "nothing", INTERNAL).statusCode()).isEqualTo(400);
    assertThat(
            send("POST", "/internal/apps/" + UUID.randomUUID() + "-1/crashed", crash, INTERNAL)
                .statusCode())
        .isEqualTo(404);

    var events = json(get(cc.uri() + "/v2/apps/" + guid + "/events").body()).get("resources");
    assertThat(events).hasSize(1);
    assertThat(events.get(0).get("metadata")).isEqualTo(json(crash));
  }

  @Test
  void aFileThatArrivedDamagedIsRefused() throws Exception {
    var guid = staging();
    var uri = cc.uri() + "/staging/droplets/" + guid + "/upload";
    var content = "\r\n--x\r\r\n--B\r\n--\r\n\r\n--BOUND";

    assertThat(upload(uri, content, md5("something else")).statusCode()).isEqualTo(400);
    assertThat(upload(uri, content, md5(content)).statusCode()).isEqualTo(200);

    completed(stagingGuid(guid), STAGED);
    assertThat(get(bridge.last().body().get("droplet_uri").asText()).body()).isEqualTo(content);
    try (var files = Files.list(data)) {
      assertThat(files.filter(file -> file.toString().endsWith(".tmp"))).isEmpty();
    }
  }

  @Test
  void anUploadThatIsNoMultipartIsRefused() throws Exception {
    var guid = staging();
    assertThat(send("POST", "/staging/droplets/" + guid + "/upload", "raw", STAGING).statusCode())
        .isEqualTo(400);
  }

  @Test
  void instancesAndStatsAreShownByIndex() throws Exception {
    var guid = running("{\"name\":\"x\",\"instances\":2}");
    var instance =
        "{\"process_guid\":\"p\",\"instance_guid\":\"i\",\"index\":%d,\"state\":\"RUNNING\",\"uptime\":5,\"since\":7,\"host\":\"h\",\"port\":1,\"stats\":{\"mem\":9}}";
    bridge.answers(200, "[" + instance.formatted(0) + "," + instance.formatted(7) + "]");
    bridge.answers(200, "[" + instance.formatted(1) + "]");

    var instances = json(get(cc.uri() + "/v2/apps/" + guid + "/instances").body());
    var stats = json(get(cc.uri() + "/v2/apps/" + guid + "/stats").body());

    assertThat(instances)
        .isEqualTo(
            json(
                "{\"0\":{\"state\":\"RUNNING\",\"uptime\":5,\"since\":7},\"1\":{\"state\":\"DOWN\"}}"));
    assertThat(stats.at("/0/state").asText()).isEqualTo("DOWN");
    assertThat(stats.at("/1/stats/usage/mem").asInt()).isEqualTo(9);
    assertThat(bridge.last().line()).endsWith("/stats");
  }

  @Test
  void whatTheBridgeAskedIsKeptWithoutCredentials() throws Exception {
    var guid = staging();
    completed(stagingGuid(guid), "{\"error\":{\"id\":\"x\",\"message\":\"y\"}}");
    completed("nobody", STAGED);

    var recorded = get(cc.uri() + "/recorded");

    var calls = json(recorded.body());
    assertThat(calls).hasSize(2);
    assertThat(calls.get(0).get("method").asText()).isEqualTo("POST");
    assertThat(calls.get(0).get("path").asText()).startsWith("/internal/staging/" + guid);
    assertThat(calls.get(0).get("status").asInt()).isEqualTo(200);
    assertThat(calls.get(0).at("/body/error/message").asText()).isEqualTo("y");
    assertThat(calls.get(1).get("status").asInt()).isEqualTo(404);
    assertThat(recorded.body()).doesNotContain("secret").doesNotContain("Basic");
    assertThat(api("DELETE", "/recorded", "").statusCode()).isEqualTo(204);
    assertThat(json(get(cc.uri() + "/recorded").body())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "nothing",
        "{\"name\":7}",
        "{\"name\":\"x\",\"memory\":\"1\"}",
        "{\"name\":\"x\",\"memory\":0}",
        "{\"name\":\"x\",\"instances\":-1}",
        "{\"name\":\"x\",\"instances\":1.5}",
        "{\"name\":\"x\",\"routes\":\"a\"}",
        "{\"name\":\"x\",\"environment\":[]}",
        "{\"name\":\"x\",\"health_check_type\":\"odd\"}",
        "{\"name\":\"x\",\"buildpack\":\"unknown\"}",
        "{\"name\":\"x\",\"state\":\"RUNNING\"}",
        "{\"name\":\"x\",\"state\":\"STARTED\"}",
        "{\"name\":\"x\",\"stack\":\"../up\"}",
      })
  void anAppThatCannotBeIsRefused(String app) throws Exception {
    assertThat(api("POST", "/v2/apps", app).statusCode()).isEqualTo(400);
    assertThat(json(get(cc.uri() + "/v2/apps").body()).get("total_results").asInt()).isZero();
  }

  private String created(String app) throws Exception {
    return json(api("POST", "/v2/apps", app).body()).at("/metadata/guid").asText();
  }

  /** An app whose staging is under way. */
  private String staging() throws Exception {
    return started("{\"name\":\"x\"}");
  }

  private String started(String app) throws Exception {
    var guid = created(app);
    api("PUT", "/v2/apps/" + guid + "/bits", "bits");
    api("PUT", "/v2/apps/" + guid, "{\"state\":\"STARTED\"}");
    return guid;
  }

  private String running(String app) throws Exception {
    var guid = started(app);
    upload(cc.uri() + "/staging/droplets/" + guid + "/upload", "droplet", "");
    completed(stagingGuid(guid), STAGED);
    return guid;
  }

  private String stagingGuid(String guid) throws Exception {
    return guid + "-" + entity(guid).get("staging_task_id").asText();
  }

  private JsonNode entity(String guid) throws Exception {
    return json(get(cc.uri() + "/v2/apps/" + guid).body()).get("entity");
  }

  private HttpResponse<String> completed(String stagingGuid, String body) throws Exception {
    return send("POST", "/internal/staging/" + stagingGuid + "/completed", body, INTERNAL);
  }

  private JsonNode page(String token, int size) throws Exception {
    var encoded = token.replace("{", "%7B").replace("}", "%7D").replace("\"", "%22");
    var query = "batch_size=" + size + "&format=fingerprint&token=" + encoded;
    return json(send("GET", "/internal/bulk/apps?" + query, "", INTERNAL).body());
  }

  private HttpResponse<String> api(String method, String path, String body) throws Exception {
    return send(method, path, body, "");
  }

  private int call(String method, String path, String body, String authorization) throws Exception {
    var encoded = path.replace("{", "%7B").replace("}", "%7D");
    return send(method, encoded, body, authorization).statusCode();
  }

  private HttpResponse<String> get(String uri) throws Exception {
    return client.send(HttpRequest.newBuilder(URI.create(uri)).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> send(String method, String path, String body, String authorization)
      throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(cc.uri() + path))
            .method(method, BodyPublishers.ofString(body));
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  /** As a cell does: the user info is the authorization. */
  private HttpResponse<String> asCell(String uri) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(uri.replaceFirst("//[^@/]*@", "//")));
    request.header("Authorization", STAGING);
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> upload(String uri, String content, String md5) throws Exception {
    var body = new ByteArrayOutputStream();
    body.writeBytes(
        bytes(
            "--BOUNDARY\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n"
                + "Content-Type: application/octet-stream\r\n\r\n"
                + content
                + "\r\n--BOUNDARY--\r\n"));
    var request =
        HttpRequest.newBuilder(URI.create(uri.replaceFirst("//[^@/]*@", "//")))
            .header("Authorization", STAGING)
            .header("Content-Type", "multipart/form-data; boundary=BOUNDARY")
            .header("Content-MD5", md5)
            .POST(BodyPublishers.ofByteArray(body.toByteArray()));
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private static String md5(String content) throws Exception {
    return Base64.getEncoder()
        .encodeToString(MessageDigest.getInstance("MD5").digest(bytes(content)));
  }

  private static JsonNode json(String text) throws Exception {
    return CloudControllerJson.mapper().readTree(text);
  }

  private static String basic(String credentials) {
    return "Basic " + Base64.getEncoder().encodeToString(bytes(credentials));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
