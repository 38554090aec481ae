package dev.ccbridge.vectors;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A Receptor on the wire that has some desired LRPs, keeps what it accepts, tells of it in its
 * event stream, and fails where a case says so. Nothing runs.
 */
final class ScriptedReceptor implements AutoCloseable {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
  private static final String LRPS = "/v1/desired_lrps";

  /** A write that came; {@code cacheControl} null: no such header. */
  record Write(String method, String path, JsonNode body, String cacheControl, boolean accepted) {}

  private final Map<String, ObjectNode> lrps = new LinkedHashMap<>();
  private final List<BlockingQueue<String>> streams = new CopyOnWriteArrayList<>();
  private final List<Write> writes = new CopyOnWriteArrayList<>();
  private final List<String> lists = new CopyOnWriteArrayList<>();
  private final JsonNode existing;
  private final JsonNode faults;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;

  /**
   * @param existing the scripted answer to the list; its LRPs when there are such
   * @param faults see the vectors' README
   */
  ScriptedReceptor(JsonNode existing, JsonNode faults) throws IOException {
    this.existing = existing;
    this.faults = faults;
    existing.path("body").elements().forEachRemaining(this::add);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Whether the list is answered with LRPs. */
  static boolean lists(JsonNode existing) {
    return existing.path("status").asInt() == 200 && existing.path("body") instanceof ArrayNode;
  }

  List<Write> writes() {
    return List.copyOf(writes);
  }

  /** Path and query of the first look for all desired LRPs. */
  Optional<String> firstList() {
    return lists.stream().findFirst();
  }

  private void add(JsonNode lrp) {
    if (lrp.path("process_guid").isTextual()) {
      lrps.put(lrp.path("process_guid").asText(), lrp.deepCopy());
    }
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      var method = exchange.getRequestMethod();
      var path = exchange.getRequestURI().getPath();
      var text = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      if (path.equals("/v1/events")) {
        stream(exchange);
        return;
      }
      if (method.equals("GET") && path.equals(LRPS)) {
        lists.add(exchange.getRequestURI().toString());
      }
      var fault = fault(method, path, text);
      var answer = fault.isPresent() ? fault.get() : answer(method, path, text);
      if (!method.equals("GET")) {
        var body = text.isBlank() ? JSON.nullNode() : JSON.readTree(text);
        var cache = exchange.getRequestHeaders().getFirst("Cache-Control");
        var accepted = answer.path("status").asInt(200) < 300;
        writes.add(new Write(method, path, body, cache, accepted));
      }
      send(exchange, answer);
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
  }

  private Optional<JsonNode> fault(String method, String path, String body) {
    for (var fault : faults) {
      if (fault.path("method").asText().equals(method)
          && path.startsWith(fault.path("path").asText())
          && body.contains(fault.path("body_contains").asText(""))) {
        return Optional.of(fault.path("reply"));
      }
    }
    return Optional.empty();
  }

  private synchronized JsonNode answer(String method, String path, String body) throws IOException {
    var guid = path.startsWith(LRPS + "/") ? path.substring(LRPS.length() + 1) : "";
    if (method.equals("GET")) {
      return read(path, guid);
    }
    return switch (method) {
      case "POST" -> created((ObjectNode) JSON.readTree(body));
      case "PUT" -> guid.isEmpty() ? status(204) : updated(guid, JSON.readTree(body));
      case "DELETE" -> deleted(guid);
      default -> status(405);
    };
  }

  private JsonNode read(String path, String guid) {
    if (path.equals(LRPS)) {
      return lists(existing) ? ok(JSON.createArrayNode().addAll(lrps.values())) : existing;
    }
    if (!guid.isEmpty()) {
      return lrps.containsKey(guid) ? ok(lrps.get(guid)) : notFound();
    }
    return ok(JSON.createArrayNode());
  }

  private JsonNode created(ObjectNode lrp) {
    var guid = lrp.path("process_guid").asText();
    if (lrps.containsKey(guid)) {
      return error(409, "DesiredLRPAlreadyExists");
    }
    lrp.putObject("modification_tag").put("epoch", UUID.randomUUID().toString()).put("index", 0);
    lrps.put(guid, lrp);
    tell("desired_lrp_created", JSON.createObjectNode().set("desired_lrp", lrp));
    return status(201);
  }

  private JsonNode updated(String guid, JsonNode update) {
    var lrp = lrps.get(guid);
    if (lrp == null) {
      return notFound();
    }
    var before = lrp.deepCopy();
    update.properties().forEach(member -> lrp.set(member.getKey(), member.getValue()));
    var tag = (ObjectNode) lrp.path("modification_tag");
    tag.put("index", tag.path("index").asInt() + 1);
    ObjectNode change = JSON.createObjectNode();
    change.set("desired_lrp_before", before);
    change.set("desired_lrp_after", lrp);
    tell("desired_lrp_changed", change);
    return status(204);
  }

  private JsonNode deleted(String guid) {
    var lrp = lrps.remove(guid);
    if (lrp == null) {
      return notFound();
    }
    tell("desired_lrp_removed", JSON.createObjectNode().set("desired_lrp", lrp));
    return status(204);
  }

  private void tell(String name, JsonNode data) {
    var event = "id: 1\nevent: " + name + "\ndata: " + data + "\n\n";
    streams.forEach(stream -> stream.add(event));
  }

  private void stream(HttpExchange exchange) throws IOException, InterruptedException {
    var events = new LinkedBlockingQueue<String>();
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
    synchronized (this) {
      streams.add(events);
    }
    exchange.sendResponseHeaders(200, 0);
    try (var out = exchange.getResponseBody()) {
      out.flush();
      while (true) {
        out.write(events.take().getBytes(StandardCharsets.UTF_8));
        out.flush();
      }
    } finally {
      streams.remove(events);
    }
  }

  private static void send(HttpExchange exchange, JsonNode answer) throws IOException {
    var scripted = answer.has("body");
    var type = answer.path("content_type").asText(scripted ? "application/json" : "text/plain");
    var text = scripted ? answer.path("body").toString() : answer.path("body_text").asText("");
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    var status = answer.path("status").asInt(200);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) {
      exchange.getResponseBody().write(bytes);
    }
  }

  private static JsonNode ok(JsonNode body) {
    return status(200).set("body", body.deepCopy());
  }

  private static ObjectNode status(int status) {
    return JSON.createObjectNode().put("status", status);
  }

  private static JsonNode notFound() {
    return error(404, "DesiredLRPNotFound");
  }

  private static JsonNode error(int status, String name) {
    var answer = status(status);
    answer.putObject("body").put("name", name).put("message", name);
    return answer;
  }

  @Override
  public void close() {
    threads.shutdownNow();
    server.stop(0);
  }
}
