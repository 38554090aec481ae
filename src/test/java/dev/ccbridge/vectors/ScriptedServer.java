package dev.ccbridge.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A neighbour that answers as scripted, and keeps what it was asked. Thread-safe. */
final class ScriptedServer implements AutoCloseable {
  private static final int MAX_BODY = 10_000_000;

  /**
   * A request that came.
   *
   * @param path as sent, with the query
   */
  record Seen(String method, String path, Request request, String body) {
    String header(String name) {
      return request.header(name).orElse("");
    }
  }

  /** What is answered; see {@link #answer}. */
  @FunctionalInterface
  interface Script {
    Response to(Seen seen) throws Exception;
  }

  private final List<Seen> requests = new CopyOnWriteArrayList<>();
  private final HttpService http;

  ScriptedServer(Script script) {
    http =
        HttpService.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            request -> {
              var seen = seen(request);
              requests.add(seen);
              return script.to(seen);
            });
  }

  URI uri() {
    return http.uri();
  }

  /** All that came, in order. */
  List<Seen> requests() {
    return List.copyOf(requests);
  }

  @Override
  public void close() {
    http.close();
  }

  /** Where nothing listens. */
  static URI nobody() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    } catch (IOException noPort) {
      throw new UncheckedIOException(noPort);
    }
  }

  /** An answer in the form of the recordings: status, body or body_text, hang, drop. */
  static Response answer(JsonNode scripted) throws Exception {
    if (scripted.path("hang").asBoolean()) {
      // Until the server closes.
      Thread.sleep(Duration.ofDays(1));
    }
    if (scripted.path("drop").asBoolean()) {
      throw new EOFException("the connection is closed without an answer");
    }
    var status = scripted.path("status").asInt(200);
    var response = Response.empty(status);
    if (scripted.has("body")) {
      var type = scripted.path("content_type").asText("application/json");
      response = Response.bytes(status, type, bytes(scripted.get("body").toString()));
    } else if (scripted.has("body_text")) {
      var type = scripted.path("content_type").asText("text/plain; charset=utf-8");
      response = Response.bytes(status, type, bytes(scripted.get("body_text").asText()));
    }
    for (var header : scripted.path("headers").properties()) {
      response = response.header(header.getKey(), header.getValue().asText());
    }
    return response;
  }

  private static Seen seen(Request request) throws IOException {
    var query = request.uri().getRawQuery();
    return new Seen(
        request.method(),
        request.rawPath() + (query == null ? "" : "?" + query),
        request,
        new String(request.body(MAX_BODY), StandardCharsets.UTF_8));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
