package dev.ccbridge.web;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Finds the handler of a request by method and path.
 *
 * <p>A pattern is made of segments: a word, {@code :name} for exactly one segment of any
 * characters, or, last, {@code *name} for all that follows (it may be empty). The first route added
 * that fits is taken. Unknown path: 404; known path with another method: 405 with {@code Allow}; a
 * GET route also answers HEAD. Source: rata over bmizerany/pat, as the originals had it.
 */
public final class Router implements Handler {
  private record Route(String method, List<String> pattern, Handler handler) {}

  private final List<Route> routes = new ArrayList<>();
  private final ErrorMapping errors;

  public Router(ErrorMapping errors) {
    this.errors = errors;
  }

  public Router() {
    this(ErrorMapping.DEFAULT);
  }

  /** Add all routes before serving starts. */
  public Router route(String method, String pattern, Handler handler) {
    routes.add(new Route(method, List.of(pattern.split("/", -1)), handler));
    return this;
  }

  @Override
  public Response handle(Request request) {
    try {
      return dispatch(request);
    } catch (Exception error) {
      return errors.answer(request, error);
    }
  }

  private Response dispatch(Request request) throws Exception {
    var path = List.of(request.rawPath().split("/", -1));
    var allowed = new TreeSet<String>();
    for (var route : routes) {
      var parameters = match(route.pattern, path);
      if (parameters.isEmpty()) {
        continue;
      }
      if (serves(route.method, request.method())) {
        return route.handler.handle(request.with(parameters.get()));
      }
      allowed.add(route.method);
      if (route.method.equals("GET")) {
        allowed.add("HEAD");
      }
    }
    return allowed.isEmpty()
        ? Response.text(404, "404 page not found\n")
        : Response.text(405, "Method Not Allowed\n").header("Allow", String.join(", ", allowed));
  }

  private static boolean serves(String routeMethod, String method) {
    return routeMethod.equals(method) || (routeMethod.equals("GET") && method.equals("HEAD"));
  }

  private static Optional<Map<String, String>> match(List<String> pattern, List<String> path) {
    var parameters = new LinkedHashMap<String, String>();
    for (var i = 0; i < pattern.size(); i++) {
      var expected = pattern.get(i);
      if (expected.startsWith("*")) {
        var rest = i > path.size() ? "" : String.join("/", path.subList(i, path.size()));
        parameters.put(expected.substring(1), decode(rest));
        return Optional.of(parameters);
      }
      if (i >= path.size()) {
        return Optional.empty();
      }
      var seen = path.get(i);
      if (expected.startsWith(":") && !seen.isEmpty()) {
        parameters.put(expected.substring(1), decode(seen));
      } else if (!expected.equals(decode(seen))) {
        return Optional.empty();
      }
    }
    return pattern.size() == path.size() ? Optional.of(parameters) : Optional.empty();
  }

  /** As a path: a plus is a plus. */
  private static String decode(String segment) {
    try {
      return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException notEncoded) {
      return segment;
    }
  }
}
