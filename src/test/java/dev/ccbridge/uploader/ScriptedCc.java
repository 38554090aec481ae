package dev.ccbridge.uploader;

import dev.ccbridge.web.Handler;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A CC that answers what the test wants, in order, and keeps what it was asked. Thread-safe. */
final class ScriptedCc implements AutoCloseable {
  private static final int MAX_BODY = 4 << 20;

  record Call(String method, URI uri, Map<String, List<String>> headers, String body) {
    List<String> header(String name) {
      return headers.entrySet().stream()
          .filter(header -> header.getKey().equalsIgnoreCase(name))
          .flatMap(header -> header.getValue().stream())
          .toList();
    }
  }

  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private final Queue<Handler> script = new ConcurrentLinkedQueue<>();
  private final HttpService http;

  ScriptedCc() {
    this(0, null);
  }

  ScriptedCc(int port, @Nullable SSLContext tls) {
    http =
        HttpService.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port), this::answer, tls);
  }

  ScriptedCc answers(int status, String body) {
    return does(request -> Response.json(status, body.getBytes(StandardCharsets.UTF_8)));
  }

  ScriptedCc answersJob(String url, String status) {
    return answers(
        200, "{\"metadata\":{\"url\":\"" + url + "\"},\"entity\":{\"status\":\"" + status + "\"}}");
  }

  /** The handler finds the body already read. */
  ScriptedCc does(Handler handler) {
    script.add(handler);
    return this;
  }

  List<Call> calls() {
    return List.copyOf(calls);
  }

  /** {@code host:port}. */
  String host() {
    return http.uri().getAuthority();
  }

  URI uri() {
    return http.uri();
  }

  private Response answer(Request request) throws Exception {
    var body = new String(request.body(MAX_BODY), StandardCharsets.ISO_8859_1);
    calls.add(new Call(request.method(), request.uri(), Map.copyOf(request.headers()), body));
    var next = script.poll();
    return next == null ? Response.text(599, "not in the script") : next.handle(request);
  }

  @Override
  public void close() {
    http.close();
  }
}
