package dev.ccbridge.devserver;

import dev.ccbridge.web.Request;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What the path of a request for resources names.
 *
 * @param namespace empty when the path has none
 * @param name empty for a whole collection
 * @param subresource empty for the object itself
 */
record RequestPath(
    String group,
    String version,
    String namespace,
    String resource,
    String name,
    String subresource) {

  /** Empty when the path is none of a resource, as for discovery. */
  static Optional<RequestPath> of(Request request) {
    var all =
        Arrays.stream(request.rawPath().split("/"))
            .filter(segment -> !segment.isEmpty())
            .map(segment -> URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8))
            .toList();
    if (all.size() >= 3 && all.getFirst().equals("api")) {
      return of("", all.get(1), all.subList(2, all.size()));
    }
    if (all.size() >= 4 && all.getFirst().equals("apis")) {
      return of(all.get(1), all.get(2), all.subList(3, all.size()));
    }
    return Optional.empty();
  }

  private static Optional<RequestPath> of(String group, String version, List<String> rest) {
    // /namespaces/x/status is about the namespace itself.
    var isNamespace =
        rest.size() < 3
            || (rest.size() == 3 && List.of("status", "finalize").contains(rest.get(2)));
    if (rest.getFirst().equals("namespaces") && !isNamespace) {
      return named(group, version, rest.get(1), rest.subList(2, rest.size()));
    }
    return named(group, version, "", rest);
  }

  private static Optional<RequestPath> named(
      String group, String version, String namespace, List<String> rest) {
    if (rest.size() > 3) {
      return Optional.empty();
    }
    return Optional.of(
        new RequestPath(
            group,
            version,
            namespace,
            rest.getFirst(),
            rest.size() > 1 ? rest.get(1) : "",
            rest.size() > 2 ? rest.get(2) : ""));
  }
}
