package dev.ccbridge.operator;

import dev.ccbridge.web.Handler;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Stands in for the router of a Cloud Foundry on a laptop: one address in front of all instances,
 * each in its turn; an instance that cannot be reached is passed over. For trying, not for load.
 */
final class AppRouter implements Handler {
  /** Of one connection, or made anew by the client and the server on either side. */
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "content-length",
          "host",
          "upgrade",
          "transfer-encoding",
          "expect",
          "keep-alive",
          "http2-settings",
          "te",
          "trailer",
          "date");

  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final int MAX_BODY = 16 * 1024 * 1024;

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final Supplier<Map<String, List<String>>> addressesByHost;
  private final AtomicInteger turn = new AtomicInteger();

  /**
   * @param addressesByHost {@code host:port} of the running instances, by the host names that lead
   *     to them; asked at each request
   */
  AppRouter(Supplier<Map<String, List<String>>> addressesByHost) {
    this.addressesByHost = addressesByHost;
  }

  @Override
  public Response handle(Request request) throws Exception {
    var addresses = addressesFor(request.header("Host").orElse(""));
    if (addresses.isEmpty()) {
      return Response.text(404, "no instance of an app runs behind this host name\n");
    }
    var body = request.body(MAX_BODY);
    var first = turn.getAndIncrement();
    for (var i = 0; i < addresses.size(); i++) {
      var address = addresses.get(Math.floorMod(first + i, addresses.size()));
      try {
        return forward(request, body, address);
      } catch (IOException unreachable) {
        // The next instance may answer; it is said below when none does.
      }
    }
    return Response.text(502, "no instance of the app answered\n");
  }

  private List<String> addressesFor(String hostHeader) {
    var routes = addressesByHost.get();
    var colon = hostHeader.lastIndexOf(':');
    var host = (colon < 0 ? hostHeader : hostHeader.substring(0, colon)).toLowerCase(Locale.ROOT);
    var exact = routes.get(host);
    if (exact != null) {
      return exact;
    }
    // Reached by address: there is usually one app, and then no doubt which one is meant.
    return routes.size() == 1 ? routes.values().iterator().next() : List.of();
  }

  private Response forward(Request request, byte[] body, String address)
      throws IOException, InterruptedException {
    var query = request.uri().getRawQuery();
    var target =
        URI.create("http://" + address + request.rawPath() + (query == null ? "" : "?" + query));
    var forwarded =
        HttpRequest.newBuilder(target)
            .timeout(TIMEOUT)
            .method(
                request.method(),
                body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    endToEnd(request.headers())
        .forEach((name, values) -> values.forEach(value -> forwarded.header(name, value)));
    var answer = client.send(forwarded.build(), BodyHandlers.ofByteArray());
    return new Response(
        answer.statusCode(),
        endToEnd(answer.headers().map()),
        answer.body().length,
        out -> out.write(answer.body()));
  }

  private static Map<String, List<String>> endToEnd(Map<String, List<String>> headers) {
    var kept = new LinkedHashMap<String, List<String>>();
    headers.forEach(
        (name, values) -> {
          if (!HOP_BY_HOP.contains(name.toLowerCase(Locale.ROOT))) {
            kept.put(name, values);
          }
        });
    return kept;
  }
}
