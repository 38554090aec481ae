package dev.ccbridge.e2e;

import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/** Stands in front of one neighbour, or of the program itself, and tells of each call. */
final class Relay implements AutoCloseable {
  /** What belongs to one connection, not to the call. */
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "content-length",
          "expect",
          "host",
          "http2-settings",
          "transfer-encoding",
          "upgrade");

  private final String name;
  private final Supplier<URI> target;
  private final CallSites sites;
  private final HttpClient client;
  private final HttpService service;

  private Relay(
      String name, Supplier<URI> target, CallSites sites, SSLContext tls, InetSocketAddress at) {
    this.name = name;
    this.target = target;
    this.sites = sites;
    var builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
    this.client = (tls == null ? builder : builder.sslContext(tls)).build();
    this.service = HttpService.start(at, this::relay);
  }

  /**
   * @param name of who is behind it
   * @param tls to reach the target; null: as the JDK has it
   */
  static Relay start(String name, Supplier<URI> target, CallSites sites, SSLContext tls) {
    return new Relay(name, target, sites, tls, new InetSocketAddress("127.0.0.1", 0));
  }

  URI uri() {
    return service.uri();
  }

  private Response relay(Request request) throws IOException, InterruptedException {
    if (request.header("Upgrade").orElse("").equalsIgnoreCase("websocket")) {
      // No WebSocket here: the client asks again without.
      return Response.empty(200);
    }
    var call = sites.arrived(name, request.method(), request.rawPath() + watching(request));
    if (sites.dies(call, CallSites.Moment.BEFORE)) {
      throw new IOException("killed before the call");
    }
    var answer = client.send(forward(request), BodyHandlers.ofInputStream());
    if (sites.dies(call, CallSites.Moment.AFTER)) {
      answer.body().close();
      throw new IOException("killed after the call");
    }
    return new Response(
        answer.statusCode(),
        kept(answer.headers().map()),
        answer.headers().firstValueAsLong("Content-Length").orElse(Response.UNKNOWN_LENGTH),
        out -> {
          try (var body = answer.body()) {
            var buffer = new byte[16 * 1024];
            for (var n = body.read(buffer); n >= 0; n = body.read(buffer)) {
              out.write(buffer, 0, n);
              out.flush();
            }
          }
        });
  }

  /** A watch and a list have the same path. */
  private static String watching(Request request) {
    return request.query("watch").isPresent() ? "?watch" : "";
  }

  private HttpRequest forward(Request request) throws IOException {
    var builder = HttpRequest.newBuilder(URI.create(target.get() + pathAndQuery(request)));
    kept(request.headers())
        .forEach((header, values) -> values.forEach(value -> builder.header(header, value)));
    return builder
        .method(request.method(), BodyPublishers.ofByteArray(request.bodyStream().readAllBytes()))
        .build();
  }

  private static String pathAndQuery(Request request) {
    var query = request.uri().getRawQuery();
    return request.rawPath() + (query == null ? "" : "?" + query);
  }

  private static Map<String, List<String>> kept(Map<String, List<String>> headers) {
    var kept = new TreeMap<String, List<String>>(String.CASE_INSENSITIVE_ORDER);
    headers.forEach(
        (header, values) -> {
          if (!HOP_BY_HOP.contains(header.toLowerCase(java.util.Locale.ROOT))
              && !header.startsWith(":")) {
            kept.put(header, values);
          }
        });
    return kept;
  }

  @Override
  public void close() {
    service.close();
    client.shutdownNow();
  }
}
