package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/** Asks a Cloud Controller what its users ask, and what it heard from the bridge. */
final class Pushing implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI cloudController;
  private final HttpClient http = HttpClient.newHttpClient();

  Pushing(URI cloudController) {
    this.cloudController = cloudController;
  }

  /** The app's guid. */
  String create(Map<String, Object> app) throws Exception {
    return send("POST", "/v2/apps", json(app)).at("/metadata/guid").asText();
  }

  void uploadBits(String guid, Path archive) throws Exception {
    send("PUT", "/v2/apps/" + guid + "/bits", BodyPublishers.ofFile(archive));
  }

  void change(String guid, Map<String, Object> changes) throws Exception {
    send("PUT", "/v2/apps/" + guid, json(changes));
  }

  /** Whether CC took it: it refuses when the bridge cannot be reached. */
  boolean tryChange(String guid, Map<String, Object> changes) throws Exception {
    return status("PUT", "/v2/apps/" + guid, json(changes)) == 201;
  }

  void delete(String guid) throws Exception {
    assertThat(status("DELETE", "/v2/apps/" + guid, BodyPublishers.noBody())).isEqualTo(204);
  }

  /** The app as CC sees it. */
  JsonNode app(String guid) throws Exception {
    return send("GET", "/v2/apps/" + guid, BodyPublishers.noBody()).path("entity");
  }

  /** Through tps: instances in this state. */
  long inState(String guid, String state) throws Exception {
    return StreamSupport.stream(get("/v2/apps/" + guid + "/instances").spliterator(), false)
        .filter(i -> i.path("state").asText().equals(state))
        .count();
  }

  /** Through tps: where an instance answers. */
  URI address(String guid, int index) throws Exception {
    var stats = get("/v2/apps/" + guid + "/stats").path(String.valueOf(index)).path("stats");
    return URI.create("http://" + stats.path("host").asText() + ":" + stats.path("port").asInt());
  }

  /** Crashes that CC was told of. */
  List<JsonNode> crashes(String guid) throws Exception {
    return StreamSupport.stream(
            get("/v2/apps/" + guid + "/events").path("resources").spliterator(), false)
        .toList();
  }

  /** Calls of the bridge to paths that end so. */
  List<JsonNode> heard(String method, String pathEnd) throws Exception {
    return StreamSupport.stream(get("/recorded").spliterator(), false)
        .filter(c -> c.path("method").asText().equals(method))
        .filter(c -> c.path("path").asText().endsWith(pathEnd))
        .toList();
  }

  private JsonNode get(String path) throws Exception {
    return send("GET", path, BodyPublishers.noBody());
  }

  private JsonNode send(String method, String path, BodyPublisher body) throws Exception {
    var response = http.send(request(method, path, body), BodyHandlers.ofString());
    assertThat(response.statusCode())
        .as("%s %s: %s", method, path, response.body())
        .isBetween(200, 299);
    return JSON.readTree(response.body());
  }

  private int status(String method, String path, BodyPublisher body) throws Exception {
    return http.send(request(method, path, body), BodyHandlers.discarding()).statusCode();
  }

  private HttpRequest request(String method, String path, BodyPublisher body) {
    return HttpRequest.newBuilder(URI.create(cloudController + path))
        .header("Authorization", "bearer user")
        .method(method, body)
        .build();
  }

  private static BodyPublisher json(Map<String, Object> content) throws IOException {
    return BodyPublishers.ofByteArray(JSON.writeValueAsBytes(content));
  }

  @Override
  public void close() {
    http.close();
  }
}
