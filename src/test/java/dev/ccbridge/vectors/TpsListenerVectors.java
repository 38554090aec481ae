package dev.ccbridge.vectors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.receptor.client.ReceptorClient;
import dev.ccbridge.receptor.client.ReceptorClientConfig;
import dev.ccbridge.tps.TpsListener;
import dev.ccbridge.tps.TpsListenerConfig;
import dev.ccbridge.tps.TrafficControllerConfig;
import dev.ccbridge.tps.TrafficControllerMetrics;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Response;
import dev.ccbridge.web.Router;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The listener's routes over HTTP, with a scripted Receptor and a scripted traffic controller,
 * which answers as Loggregator does: multipart, each part an envelope in protobuf.
 */
final class TpsListenerVectors implements VectorRunner {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final HttpClient http = HttpClient.newHttpClient();

  @Override
  public ObjectNode run(JsonNode vector) throws Exception {
    var input = vector.path("input");
    var now = Instant.ofEpochSecond(0, input.path("now_nanoseconds").asLong());
    try (var receptorServer = new ScriptedServer(seen -> receptor(input, seen));
        var controller = new ScriptedServer(seen -> metrics(input));
        var receptor =
            new ReceptorClient(
                ReceptorClientConfig.of(
                    input.path("receptor_down").asBoolean()
                        ? ScriptedServer.nobody()
                        : receptorServer.uri()));
        var metrics = new TrafficControllerMetrics(config(controller));
        var listener =
            HttpService.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                router(
                    new TpsListener(
                        new TpsListenerConfig(input.path("max_in_flight").asInt(200), 15),
                        receptor,
                        metrics,
                        Clock.fixed(now, ZoneOffset.UTC))))) {
      var seen = report(send(listener.uri(), input));
      addReceptorRequests(seen, receptorServer);
      addMetricsRequests(seen, controller);
      return seen;
    }
  }

  private static Router router(TpsListener listener) {
    var router = new Router();
    listener.addRoutes(router);
    return router;
  }

  private static TrafficControllerConfig config(ScriptedServer controller) {
    var url = URI.create("ws" + controller.uri().toString().substring("http".length()));
    return new TrafficControllerConfig(url, true, Duration.ofSeconds(10));
  }

  private HttpResponse<String> send(URI listener, JsonNode input) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(listener + input.path("path").asText()))
            .method(input.path("method").asText(), HttpRequest.BodyPublishers.noBody());
    for (var header : input.path("headers").properties()) {
      request.header(header.getKey(), header.getValue().asText());
    }
    return http.send(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
  }

  private static Response receptor(JsonNode input, ScriptedServer.Seen seen) throws Exception {
    var scripted = input.path("receptor").path(seen.path());
    return scripted.isMissingNode()
        ? Response.json(200, "[]".getBytes(StandardCharsets.UTF_8))
        : ScriptedServer.answer(scripted);
  }

  private static ObjectNode report(HttpResponse<String> response) throws IOException {
    var seen = JSON.createObjectNode().put("http_status", response.statusCode());
    response.headers().firstValue("Allow").ifPresent(allow -> seen.put("response_allow", allow));
    if (!response.body().isEmpty()) {
      seen.set("response_body", body(response.body()));
      seen.put("response_content_type", response.headers().firstValue("Content-Type").orElse(""));
    }
    return seen;
  }

  private static JsonNode body(String body) {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException noJson) {
      return JSON.createObjectNode().put("text", body);
    }
  }

  private static void addReceptorRequests(ObjectNode seen, ScriptedServer receptor) {
    var requests = seen.putArray("receptor_requests");
    receptor.requests().stream()
        .sorted(
            Comparator.comparing(ScriptedServer.Seen::path)
                .thenComparing(ScriptedServer.Seen::method))
        .forEach(r -> requests.addObject().put("method", r.method()).put("path", r.path()));
  }

  private static void addMetricsRequests(ObjectNode seen, ScriptedServer controller) {
    for (var request : controller.requests()) {
      var guid = request.path().replaceFirst("^/apps/(.*)/containermetrics$", "$1");
      seen.withArray("metrics_requests")
          .addObject()
          .put("app_guid", URLDecoder.decode(guid, StandardCharsets.UTF_8))
          .put("authorization", request.header("Authorization"));
    }
  }

  // ---- a traffic controller ----

  private static Response metrics(JsonNode input) throws IOException {
    if (input.path("metrics_fail").asBoolean()) {
      return Response.empty(500);
    }
    var body = new ByteArrayOutputStream();
    for (var metric : input.path("container_metrics")) {
      body.write("--b0undary\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      body.write(envelope(metric));
      body.write("\r\n".getBytes(StandardCharsets.UTF_8));
    }
    body.write("--b0undary--\r\n".getBytes(StandardCharsets.UTF_8));
    return Response.bytes(200, "multipart/x-protobuf; boundary=b0undary", body.toByteArray());
  }

  private static byte[] envelope(JsonNode metric) throws IOException {
    return new Protobuf()
        .text(1, "rep")
        .varint(2, 9)
        .varint(6, 1_440_200_000_000_000_000L)
        .bytes(
            12,
            new Protobuf()
                .text(1, "some-app")
                .varint(2, metric.path("instance_index").asLong())
                .fixed64(3, metric.path("cpu_percentage").asDouble())
                .varint(4, metric.path("memory_bytes").asLong())
                .varint(5, metric.path("disk_bytes").asLong())
                .toBytes())
        .text(13, "deployment")
        .toBytes();
  }

  @Override
  public List<KnownDifference> knownDifferences() {
    return List.of(
        new KnownDifference(
            "a refusal says why",
            "the original's is empty; CC looks at the status alone, a person reads the body",
            vector ->
                Set.of(400, 401).contains(vector.path("expected").path("http_status").asInt()),
            (vector, expected) -> refusal(vector.path("input"), expected)),
        new KnownDifference(
            "a look that breaks off is repeated",
            "once, by the JDK's client; the original's does so on a connection that it used before",
            vector -> breaksOff(vector, vector.path("expected").path("receptor_requests")),
            TpsListenerVectors::repeat));
  }

  /** A look that is repeated anyway would be taken for two. */
  @Override
  public boolean isWithoutMeaning(JsonNode vector, String mutation) {
    return breaksOff(vector, vector.path("expected").path("receptor_requests"))
        && mutation.equals("doubled /receptor_requests");
  }

  private static boolean breaksOff(JsonNode vector, JsonNode requests) {
    return requests.valueStream().anyMatch(request -> isBrokenOff(vector, request));
  }

  private static boolean isBrokenOff(JsonNode vector, JsonNode request) {
    var script = vector.path("input").path("receptor").path(request.path("path").asText());
    return script.path("drop").asBoolean();
  }

  private static void repeat(JsonNode vector, ObjectNode expected) {
    var repeated = JSON.createArrayNode();
    for (var request : expected.path("receptor_requests")) {
      repeated.add(request);
      if (isBrokenOff(vector, request)) {
        repeated.add(request.deepCopy());
      }
    }
    expected.set("receptor_requests", repeated);
  }

  private static void refusal(JsonNode input, ObjectNode expected) {
    var body = expected.putObject("response_body");
    expected.put("response_content_type", "application/json");
    if (expected.path("http_status").asInt() == 401) {
      body.put("name", "Unauthorized")
          .put("message", "header Authorization: expected the user's token, was absent");
      return;
    }
    var query = Pattern.compile("[?&]guids=([^&]*)").matcher(input.path("path").asText());
    var guids = query.find() ? URLDecoder.decode(query.group(1), StandardCharsets.UTF_8) : "";
    body.put("name", "InvalidGuids")
        .put(
            "message",
            "query parameter guids: expected process guids of letters, digits, _ and - with commas"
                + " between them, was \""
                + guids.substring(0, Math.min(200, guids.length()))
                + '"');
  }

  @Override
  public void close() {
    http.close();
  }
}
