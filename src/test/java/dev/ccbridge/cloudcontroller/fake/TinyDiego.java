package dev.ccbridge.cloudcontroller.fake;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.cloudcontroller.model.CloudControllerJson;
import dev.ccbridge.uploader.UploaderConfig;
import dev.ccbridge.uploader.UploaderRoutes;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import dev.ccbridge.web.Router;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bridge and a cell that do the least: the droplet is the bits, brought through the real
 * uploader; what is desired runs at once, and crashes at once when its command exits. Thread-safe.
 */
final class TinyDiego implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TinyDiego.class);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final UploaderRoutes uploader = new UploaderRoutes(UploaderConfig.DEFAULT);
  private final Map<String, JsonNode> desired = new ConcurrentHashMap<>();
  private final AtomicReference<URI> cloudController = new AtomicReference<>();
  private final String authorization;
  private final HttpService http;

  TinyDiego(Credentials credentials) {
    var pair = credentials.user() + ":" + credentials.password();
    authorization =
        "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    var router =
        new Router()
            .route("PUT", "/v1/staging/:guid", this::stage)
            .route("PUT", "/v1/apps/:guid", this::desire)
            .route("DELETE", "/v1/apps/:guid", this::stop)
            .route("GET", "/v1/actual_lrps/:guid", this::instances)
            .route("GET", "/v1/actual_lrps/:guid/stats", this::instances)
            .route("GET", "/", request -> Response.text(200, "an instance\n"));
    http =
        HttpService.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), uploader.addTo(router));
  }

  URI uri() {
    return http.uri();
  }

  void tells(URI baseUrl) {
    cloudController.set(baseUrl);
  }

  private Response stage(Request request) throws Exception {
    var message = json(request);
    later(() -> staging(request.param("guid"), message));
    return Response.empty(202);
  }

  private void staging(String stagingGuid, JsonNode message) throws Exception {
    var data = message.get("lifecycle_data");
    var bits =
        client.send(
            request(withoutUserInfo(data.get("app_bits_download_uri").asText())).GET().build(),
            BodyHandlers.ofByteArray());
    var target =
        uri()
            + "/v1/droplet/x?cc-droplet-upload-uri="
            + URLEncoder.encode(data.get("droplet_upload_uri").asText(), StandardCharsets.UTF_8);
    var uploaded =
        client.send(
            request(target).POST(BodyPublishers.ofByteArray(bits.body())).build(),
            BodyHandlers.ofString());
    tell(
        "/internal/staging/" + stagingGuid + "/completed",
        uploaded.statusCode() == 201
            ? "{\"execution_metadata\":\"\",\"detected_start_command\":{\"web\":\"serve\"},"
                + "\"lifecycle_data\":{\"buildpack_key\":\"\",\"detected_buildpack\":\"tiny\"}}"
            : "{\"error\":{\"id\":\"StagingError\",\"message\":\""
                + uploaded.statusCode()
                + "\"}}");
  }

  private Response desire(Request request) throws Exception {
    var message = json(request);
    desired.put(request.param("guid"), message);
    if (message.get("start_command").asText().contains("exit")) {
      later(
          () ->
              tell(
                  "/internal/apps/" + request.param("guid") + "/crashed",
                  "{\"instance\":\"i\",\"index\":0,\"reason\":\"CRASHED\",\"crash_count\":1}"));
    }
    return Response.empty(202);
  }

  private Response stop(Request request) {
    return Response.empty(desired.remove(request.param("guid")) == null ? 404 : 202);
  }

  private Response instances(Request request) {
    var instances = CloudControllerJson.mapper().createArrayNode();
    var app = desired.get(request.param("guid"));
    for (int index = 0; app != null && index < app.get("num_instances").asInt(); index++) {
      instances
          .addObject()
          .put("index", index)
          .put("state", "RUNNING")
          .put("host", uri().getHost())
          .put("port", uri().getPort());
    }
    return Response.json(200, instances.toString().getBytes(StandardCharsets.UTF_8));
  }

  private void tell(String path, String body) throws Exception {
    client.send(
        request(cloudController.get() + path).POST(BodyPublishers.ofString(body)).build(),
        BodyHandlers.discarding());
  }

  private HttpRequest.Builder request(String uri) {
    return HttpRequest.newBuilder(URI.create(uri)).header("Authorization", authorization);
  }

  private static String withoutUserInfo(String uri) {
    return uri.replaceFirst("//[^@/]*@", "//");
  }

  private static JsonNode json(Request request) throws Exception {
    return CloudControllerJson.mapper().readTree(request.body(1 << 20));
  }

  private interface Work {
    void run() throws Exception;
  }

  private static void later(Work work) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                work.run();
              } catch (Exception failure) {
                LOG.error("did not tell", failure);
              }
            });
  }

  @Override
  public void close() {
    client.shutdownNow();
    http.close();
    uploader.close();
  }
}
