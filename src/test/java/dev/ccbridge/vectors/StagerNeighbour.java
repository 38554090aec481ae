package dev.ccbridge.vectors;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What is sent to a neighbour of the stager, and the answers that a recording scripts for it. */
final class StagerNeighbour {
  static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
  private static final int MAX_BODY = 1 << 24;
  private static final long FOR_EVER_MILLIS = 600_000;
  private final List<ObjectNode> requests = new ArrayList<>();

  /** Notes a request in the form of the recordings; returns its number, from 0. */
  synchronized int note(Request request, byte[] body, List<String> headers) throws IOException {
    var noted = JsonNodeFactory.instance.objectNode();
    noted.put("method", request.method()).put("path", request.rawPath());
    var json = JSON.readTree(body);
    if (!json.isNull() && !json.isMissingNode()) {
      noted.set("body", json);
    }
    if (!headers.isEmpty()) {
      var seen = noted.putObject("headers");
      headers.forEach(h -> request.header(h).ifPresent(value -> seen.put(h, value)));
    }
    requests.add(noted);
    return requests.size() - 1;
  }

  static byte[] body(Request request) throws IOException {
    return request.body(MAX_BODY);
  }

  synchronized int count() {
    return requests.size();
  }

  synchronized ObjectNode get(int number) {
    return requests.get(number).deepCopy();
  }

  synchronized ArrayNode requests() {
    var all = JsonNodeFactory.instance.arrayNode();
    requests.forEach(request -> all.add(request.deepCopy()));
    return all;
  }

  /** A scripted answer. */
  static Response answer(JsonNode script) throws IOException, InterruptedException {
    if (script.path("hang").asBoolean()) {
      Thread.sleep(FOR_EVER_MILLIS);
    }
    if (script.path("drop").asBoolean()) {
      throw new IOException("dropped, as the recording wants it");
    }
    var response = withBody(script);
    for (var header : script.path("headers").properties()) {
      response = response.header(header.getKey(), header.getValue().asText());
    }
    return response;
  }

  private static Response withBody(JsonNode script) {
    var status = script.path("status").asInt();
    if (script.has("body")) {
      return Response.json(status, utf8(script.get("body").toString()));
    }
    return script.has("body_text")
        ? Response.bytes(
            status,
            script.path("content_type").asText("text/plain"),
            utf8(script.get("body_text").asText()))
        : Response.empty(status);
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
