package dev.ccbridge.receptor.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * What the Go client of August 2015 sends, and how it takes what comes back: a JSON body with every
 * call, the four bytes {@code null} where it has nothing to say; answers read by their content
 * type; void answers that must not be JSON; no fraction for an integer. Source: receptor/client.go,
 * cf_http, Go's net/http.
 */
final class OriginalClient {
  /** Strict, and none of ours. */
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  /** An error as the client reports it; a name of its own for what it could not read. */
  static final class ReceptorError extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final String name;

    ReceptorError(String name, String message) {
      super(message);
      this.name = name;
    }
  }

  private final HttpClient http = HttpClient.newBuilder().version(Version.HTTP_1_1).build();
  private final URI target;
  private final String authorization;

  /**
   * @param userInfo {@code user:password} as in the target's URL; empty: none
   */
  OriginalClient(URI target, String userInfo) {
    this.target = target;
    this.authorization =
        userInfo.isEmpty()
            ? ""
            : "Basic "
                + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
  }

  void createTask(String request) {
    callVoid("POST", "/v1/tasks", request);
  }

  JsonNode tasks() {
    return list("/v1/tasks", GoShapes.TASK);
  }

  JsonNode tasksByDomain(String domain) {
    return list("/v1/tasks?domain=" + query(domain), GoShapes.TASK);
  }

  JsonNode getTask(String guid) {
    return call("GET", "/v1/tasks/" + guid, "null", GoShapes.TASK);
  }

  void deleteTask(String guid) {
    callVoid("DELETE", "/v1/tasks/" + guid, "null");
  }

  void cancelTask(String guid) {
    callVoid("POST", "/v1/tasks/" + guid + "/cancel", "null");
  }

  void createDesiredLRP(String request) {
    callVoid("POST", "/v1/desired_lrps", request);
  }

  JsonNode getDesiredLRP(String guid) {
    return call("GET", "/v1/desired_lrps/" + guid, "null", GoShapes.DESIRED_LRP);
  }

  void updateDesiredLRP(String guid, String update) {
    callVoid("PUT", "/v1/desired_lrps/" + guid, update);
  }

  void deleteDesiredLRP(String guid) {
    callVoid("DELETE", "/v1/desired_lrps/" + guid, "null");
  }

  JsonNode desiredLRPs() {
    return list("/v1/desired_lrps", GoShapes.DESIRED_LRP);
  }

  JsonNode desiredLRPsByDomain(String domain) {
    return list("/v1/desired_lrps?domain=" + query(domain), GoShapes.DESIRED_LRP);
  }

  JsonNode actualLRPs() {
    return list("/v1/actual_lrps", GoShapes.ACTUAL_LRP);
  }

  JsonNode actualLRPsByDomain(String domain) {
    return list("/v1/actual_lrps?domain=" + query(domain), GoShapes.ACTUAL_LRP);
  }

  JsonNode actualLRPsByProcessGuid(String guid) {
    return list("/v1/actual_lrps/" + guid, GoShapes.ACTUAL_LRP);
  }

  JsonNode actualLRPByProcessGuidAndIndex(String guid, int index) {
    return call("GET", "/v1/actual_lrps/" + guid + "/index/" + index, "null", GoShapes.ACTUAL_LRP);
  }

  void killActualLRPByProcessGuidAndIndex(String guid, int index) {
    callVoid("DELETE", "/v1/actual_lrps/" + guid + "/index/" + index, "null");
  }

  JsonNode cells() {
    return list("/v1/cells", GoShapes.CELL);
  }

  /** Whole seconds; zero sends no header: for ever. */
  void upsertDomain(String domain, Duration ttl) {
    var request = request("PUT", "/v1/domains/" + domain, "null");
    if (!ttl.isZero()) {
      request.header("Cache-Control", "max-age=" + ttl.toSeconds());
    }
    decodeVoid(send(request));
  }

  List<String> domains() {
    var domains = new ArrayList<String>();
    list("/v1/domains", GoShapes.STRING).forEach(domain -> domains.add(domain.asText()));
    return domains;
  }

  JsonNode version() {
    return call("GET", "/v1/version", "null", GoShapes.VERSION);
  }

  /** Without a body, and with an empty Last-Event-ID. Returns when the answer's head is there. */
  Events subscribeToEvents() {
    try {
      var request =
          HttpRequest.newBuilder(URI.create(target + "/v1/events"))
              .header("Last-Event-ID", "")
              .header("Accept-Encoding", "gzip");
      if (!authorization.isEmpty()) {
        request.header("Authorization", authorization);
      }
      var answer = http.send(request.build(), BodyHandlers.ofInputStream());
      if (answer.statusCode() != 200) {
        throw new ReceptorError("BadResponse", "status " + answer.statusCode());
      }
      return new Events(answer);
    } catch (IOException failure) {
      throw new ReceptorError("", failure.toString());
    } catch (InterruptedException stopping) {
      throw new IllegalStateException(stopping);
    }
  }

  /** Of {@code id}, {@code event} and {@code data}; comments are skipped. */
  record Event(String id, String name, JsonNode data) {}

  static final class Events implements AutoCloseable {
    private final HttpResponse<InputStream> answer;
    private final BufferedReader lines;

    Events(HttpResponse<InputStream> answer) {
      this.answer = answer;
      this.lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
    }

    HttpResponse<InputStream> head() {
      return answer;
    }

    /** The next event; null at a clean end. */
    Event next() throws IOException {
      String id = "";
      String name = "";
      String data = "";
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("id: ")) {
          id = line.substring(4);
        } else if (line.startsWith("event: ")) {
          name = line.substring(7);
        } else if (line.startsWith("data: ")) {
          data = line.substring(6);
        } else if (line.isEmpty() && !data.isEmpty()) {
          return new Event(id, name, GoShapes.event(name).check(JSON.readTree(data), name));
        }
      }
      return null;
    }

    /** The next of this kind, the others skipped, as the suites do. */
    Event next(String kind) throws IOException {
      for (var event = next(); event != null; event = next()) {
        if (event.name().equals(kind)) {
          return event;
        }
      }
      throw new AssertionError("the stream ended without " + kind);
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }

  private JsonNode list(String path, GoShapes.Shape element) {
    var list = call("GET", path, "null", GoShapes.list(element));
    return list.isNull() ? JSON.createArrayNode() : list;
  }

  private JsonNode call(String method, String path, String body, GoShapes.Shape shape) {
    var answer = decode(send(request(method, path, body)));
    return shape.check(answer, path);
  }

  private void callVoid(String method, String path, String body) {
    decodeVoid(send(request(method, path, body)));
  }

  private HttpRequest.Builder request(String method, String path, String body) {
    var request =
        HttpRequest.newBuilder(URI.create(target + path))
            .timeout(TIMEOUT)
            .header("Content-Type", "application/json")
            .header("User-Agent", "Go 1.1 package http")
            // Go's transport asks for it, and unpacks only what says that it is packed.
            .header("Accept-Encoding", "gzip")
            .method(method, BodyPublishers.ofString(body));
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return request;
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(request.build(), BodyHandlers.ofString());
    } catch (IOException failure) {
      throw new ReceptorError("", failure.toString());
    } catch (InterruptedException stopping) {
      throw new IllegalStateException(stopping);
    }
  }

  /** Null for an answer that is no JSON. */
  static JsonNode decode(HttpResponse<String> answer) {
    var router = answer.headers().firstValue("X-Cf-Routererror");
    if (router.isPresent()) {
      throw new ReceptorError("RouterError", router.get());
    }
    if (!isJson(answer)) {
      if (answer.statusCode() > 299) {
        throw new ReceptorError(
            "InvalidResponse", "Invalid Response with status code: " + answer.statusCode());
      }
      return NullNode.instance;
    }
    var body = parse(answer.body());
    if (answer.statusCode() > 299) {
      GoShapes.ERROR.check(body, "error");
      throw new ReceptorError(body.path("name").asText(""), body.path("message").asText(""));
    }
    return body;
  }

  /** Go decodes any JSON into the nothing that the caller gave, which is an error. */
  private static void decodeVoid(HttpResponse<String> answer) {
    if (answer.statusCode() <= 299 && isJson(answer)) {
      throw new ReceptorError("InvalidJSON", "json: Unmarshal(nil)");
    }
    var unused = decode(answer);
  }

  private static boolean isJson(HttpResponse<String> answer) {
    var type = answer.headers().firstValue("Content-Type").orElse("");
    return type.split(";")[0].strip().equalsIgnoreCase("application/json");
  }

  private static JsonNode parse(String body) {
    try {
      if (body.isEmpty()) {
        throw new ReceptorError("InvalidJSON", "EOF");
      }
      return JSON.readTree(body);
    } catch (JsonProcessingException broken) {
      throw new ReceptorError("InvalidJSON", broken.getOriginalMessage());
    }
  }

  private static String query(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** For what the client leaves out when it is empty. */
  static String json(Map<String, Object> members) {
    try {
      return JSON.writeValueAsString(members);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
