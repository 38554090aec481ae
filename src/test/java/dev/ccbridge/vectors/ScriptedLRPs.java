package dev.ccbridge.vectors;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A Receptor with one desired LRP at most, which answers as a script says. The script is of the
 * original, which looks before each write: so its answers to looks say whether the LRP is there,
 * and its n-th answer to a write is that to our n-th write, however often we look. After the script
 * every write succeeds.
 */
final class ScriptedLRPs implements AutoCloseable {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
  private static final String DESIRED = "/v1/desired_lrps";

  private final List<JsonNode> looks = new ArrayList<>();
  private final List<JsonNode> writes = new ArrayList<>();
  private final List<ObjectNode> seen = new ArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;
  private int written;
  private boolean looked;
  private @Nullable ObjectNode lrp;

  /**
   * @param looksFirst whether the original looks before it writes
   */
  ScriptedLRPs(JsonNode script, boolean looksFirst) throws IOException {
    for (var i = 0; i < script.size(); i++) {
      (looksFirst && i % 2 == 0 ? looks : writes).add(script.get(i));
    }
    lrp = found(0);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** The first look and all writes, but for the repetition of what the script let fail last. */
  synchronized ArrayNode requests() {
    var all = JsonNodeFactory.instance.arrayNode();
    all.addAll(seen);
    return all;
  }

  /** What it has now. */
  synchronized @Nullable JsonNode lrp() {
    return lrp == null ? null : lrp.deepCopy();
  }

  synchronized boolean isScriptDone() {
    return written >= writes.size();
  }

  @Override
  public void close() {
    stop();
  }

  /** Nothing listens there any more. */
  void stop() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private @Nullable ObjectNode found(int look) {
    return look < looks.size() && looks.get(look).path("status").asInt() == 200
        ? looks.get(look).path("body").deepCopy()
        : null;
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      var path = exchange.getRequestURI().getRawPath();
      var method = exchange.getRequestMethod();
      var body = exchange.getRequestBody().readAllBytes();
      if (path.equals("/v1/events")) {
        stream(exchange);
      } else if (method.equals("GET") && path.startsWith(DESIRED + "/")) {
        answer(exchange, look(path));
      } else if (method.equals("GET") && path.equals(DESIRED)) {
        answer(exchange, list());
      } else if (method.equals("GET")) {
        answer(exchange, JSON.readTree("{\"status\": 200, \"body\": []}"));
      } else if (path.startsWith("/v1/domains")) {
        answer(exchange, JSON.readTree("{\"status\": 204}"));
      } else {
        answer(exchange, write(method, path, body));
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  private void stream(HttpExchange exchange) throws IOException, InterruptedException {
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
    exchange.sendResponseHeaders(200, 0);
    exchange.getResponseBody().flush();
    closed.await();
  }

  private synchronized JsonNode list() {
    var answer = JSON.createObjectNode().put("status", 200);
    var body = answer.putArray("body");
    if (lrp != null) {
      body.add(lrp.deepCopy());
    }
    return answer;
  }

  private synchronized JsonNode look(String path) {
    if (!looked) {
      looked = true;
      seen.add(JSON.createObjectNode().put("method", "GET").put("path", path));
      if (!looks.isEmpty()) {
        return looks.getFirst();
      }
    }
    var answer = JSON.createObjectNode();
    if (lrp != null) {
      answer.put("status", 200).set("body", lrp.deepCopy());
    } else {
      answer.put("status", 404).putObject("body").put("name", "DesiredLRPNotFound");
    }
    return answer;
  }

  private synchronized JsonNode write(String method, String path, byte[] body) throws IOException {
    var request = JSON.readTree(body);
    if (isScriptDone() && written > 0 && writes.getLast().path("status").asInt() >= 300) {
      // The repetition of what the script let fail: it works, and is no request of the original's.
      carryOut(method, request);
      return JSON.createObjectNode().put("status", method.equals("POST") ? 201 : 204);
    }
    var recorded = JSON.createObjectNode().put("method", method).put("path", path);
    if (!request.isNull() && !request.isMissingNode()) {
      recorded.set("body", request.deepCopy());
    }
    seen.add(recorded);
    var answer =
        written < writes.size()
            ? writes.get(written)
            : JSON.createObjectNode().put("status", method.equals("POST") ? 201 : 204);
    written++;
    if (answer.path("status").asInt() < 300) {
      carryOut(method, request);
    } else if (answer.path("body").path("name").asText().equals("DesiredLRPNotFound")) {
      lrp = null;
    } else if (written < looks.size()) {
      lrp = found(written);
    }
    return answer;
  }

  private void carryOut(String method, JsonNode request) {
    var tag = JSON.createObjectNode().put("epoch", "e").put("index", written + 100);
    if (method.equals("POST")) {
      lrp = request.deepCopy();
      lrp.set("modification_tag", tag);
    } else if (method.equals("PUT") && lrp != null) {
      lrp.setAll((ObjectNode) request.deepCopy());
      lrp.set("modification_tag", tag);
    } else {
      lrp = null;
    }
  }

  private void answer(HttpExchange exchange, JsonNode answer)
      throws IOException, InterruptedException {
    if (answer.path("hang").asBoolean()) {
      closed.await();
      return;
    }
    if (answer.path("drop").asBoolean()) {
      return;
    }
    answer
        .path("headers")
        .properties()
        .forEach(h -> exchange.getResponseHeaders().set(h.getKey(), h.getValue().asText()));
    var type =
        answer.has("body_text")
            ? answer.path("content_type").asText("text/plain")
            : "application/json";
    var text =
        answer.has("body_text")
            ? answer.path("body_text").asText()
            : answer.has("body") ? answer.path("body").toString() : "";
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > 0) {
      exchange.getResponseHeaders().set("Content-Type", type);
    }
    exchange.sendResponseHeaders(
        answer.path("status").asInt(), bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
