package dev.ccbridge.devserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.devserver.schema.Json;
import dev.ccbridge.web.BodyTooLargeException;
import dev.ccbridge.web.Handler;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The whole HTTP surface: who may ask, discovery, and the resources. Thread-safe. */
final class KubernetesApi implements Handler {
  private static final Logger LOG = LoggerFactory.getLogger(KubernetesApi.class);
  private static final Set<String> HEALTH = Set.of("/healthz", "/readyz", "/livez");

  private final byte[] authorization;
  private final ResourceTypes types;
  private final ResourceHandler resources;
  private final Discovery discovery;
  private final OpenApi openApi;

  /**
   * @param token the bearer token that every request must carry
   */
  KubernetesApi(String token, ResourceTypes types, ResourceHandler resources) {
    this.authorization = ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
    this.types = types;
    this.resources = resources;
    this.discovery = new Discovery(types);
    this.openApi = new OpenApi(types);
  }

  @Override
  public Response handle(Request request) {
    var answer = answerOrRefuse(request);
    try {
      // What a refusal left unread would stand before the next request of the connection.
      request.bodyStream().readNBytes(Incoming.MAX_BODY_BYTES);
    } catch (IOException clientGone) {
      LOG.debug("client went away path={}", request.rawPath());
    }
    return answer;
  }

  private Response answerOrRefuse(Request request) {
    try {
      if (!isKnown(request)) {
        return Answers.error(new StatusException(401, "Unauthorized", "Unauthorized"));
      }
      if (request.header("Upgrade").orElse("").equalsIgnoreCase("websocket")) {
        // No upgrade here. Whoever wanted to watch over a web socket reads the whole of a plain
        // answer first, so it must end; then it asks again without one.
        return Response.empty(200);
      }
      return answer(request);
    } catch (StatusException refused) {
      return Answers.error(refused);
    } catch (BodyTooLargeException tooLarge) {
      return Answers.error(new StatusException(413, "RequestEntityTooLarge", tooLarge.message()));
    } catch (IOException | RuntimeException unexpected) {
      LOG.error(
          "request failed method={} path={}", request.method(), request.rawPath(), unexpected);
      return Answers.error(
          new StatusException(500, "InternalError", "Internal error occurred: see the log"));
    }
  }

  /** In constant time, so that the token cannot be guessed letter by letter. */
  private boolean isKnown(Request request) {
    var given = request.header("Authorization").orElse("").getBytes(StandardCharsets.UTF_8);
    return MessageDigest.isEqual(given, authorization) || HEALTH.contains(request.rawPath());
  }

  private Response answer(Request request) throws IOException {
    var path = request.rawPath();
    if (HEALTH.contains(path)) {
      return Response.text(200, "ok");
    }
    var asked = RequestPath.of(request);
    if (asked.isPresent()) {
      return resource(request, asked.get());
    }
    if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
      return pageNotFound();
    }
    return described(path.replaceAll("/+$", ""))
        .map(body -> Answers.json(200, body))
        .orElseGet(KubernetesApi::pageNotFound);
  }

  private Response resource(Request request, RequestPath path) throws IOException {
    if (path.group().equals("authorization.k8s.io") && path.version().equals("v1")) {
      if (!request.method().equals("POST")) {
        throw StatusException.methodNotAllowed();
      }
      return Reviews.review(request, path.resource());
    }
    var type = types.find(path.group(), path.version(), path.resource());
    if (type.isEmpty() || !isInPlace(request, path, type.get())) {
      return pageNotFound();
    }
    return resources.handle(request, path, type.get());
  }

  /** Namespaced resources have a namespace, but for lists of all; others have none. */
  private static boolean isInPlace(Request request, RequestPath path, ResourceType type) {
    if (!type.namespaced()) {
      return path.namespace().isEmpty();
    }
    var readsAll = path.name().isEmpty() && Set.of("GET", "HEAD").contains(request.method());
    return !path.namespace().isEmpty() || readsAll;
  }

  private static Response pageNotFound() {
    return Response.text(404, "404 page not found\n");
  }

  private Optional<ObjectNode> described(String path) {
    var parts = path.split("/");
    return switch (path) {
      case "/version" -> Optional.of(Discovery.version());
      case "/api" -> Optional.of(Discovery.coreVersions());
      case "/apis" -> Optional.of(discovery.groups());
      case "/openapi/v3" -> Optional.of(openApi.index());
      case "" -> Optional.of(paths());
      default -> {
        if (parts.length == 3 && parts[1].equals("api")) {
          yield discovery.resources("", parts[2]);
        }
        if (parts.length == 3 && parts[1].equals("apis")) {
          yield discovery.group(parts[2]);
        }
        if (parts.length == 4 && parts[1].equals("apis")) {
          yield discovery.resources(parts[2], parts[3]);
        }
        yield path.startsWith("/openapi/v3/") ? openApi(parts) : Optional.empty();
      }
    };
  }

  private Optional<ObjectNode> openApi(String[] parts) {
    if (parts.length == 5 && parts[3].equals("api")) {
      return openApi.document("", parts[4]);
    }
    return parts.length == 6 && parts[3].equals("apis")
        ? openApi.document(parts[4], parts[5])
        : Optional.empty();
  }

  private static ObjectNode paths() {
    var root = Json.object();
    var paths = root.putArray("paths");
    for (var path : new String[] {"/api", "/apis", "/healthz", "/openapi/v3", "/version"}) {
      paths.add(path);
    }
    return root;
  }
}
