package dev.ccbridge.receptor.server;

import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.TreeMap;

/**
 * The routes beside tasks and LRPs: cells, domains, events, version, artifacts. Source:
 * receptor/handlers.
 */
final class ClusterHandler {
  private static final String MAX_AGE = "max-age=";

  private final Receptor receptor;
  private final ReceptorServerConfig config;
  private final SseStreams streams;
  private final EventEncoder encoder = new EventEncoder();

  ClusterHandler(Receptor receptor, ReceptorServerConfig config, SseStreams streams) {
    this.receptor = receptor;
    this.config = config;
    this.streams = streams;
  }

  void addTo(Routes routes) {
    routes
        .route("GET", "/v1/cells", (request, body) -> Json.answer(200, receptor.cells()))
        .route("GET", "/v1/domains", (request, body) -> Json.answer(200, receptor.domains()))
        .route("PUT", "/v1/domains/:domain", this::upsertDomain)
        .route("GET", "/v1/events", this::events)
        .route("GET", "/v1/version", (request, body) -> version())
        .route("GET", "/v1/sync/:arch/:artifact", this::artifact);
  }

  private Response upsertDomain(Request request, byte[] body) {
    receptor.upsertDomain(request.param("domain"), ttl(request));
    return Response.empty(204);
  }

  /** Zero, for ever, without the header. Each header line stands for itself. */
  private static Duration ttl(Request request) {
    var lines = request.headerValues("Cache-Control");
    if (lines.isEmpty()) {
      return Duration.ZERO;
    }
    var maxAge =
        lines.stream()
            .filter(line -> line.startsWith(MAX_AGE))
            .findFirst()
            .orElseThrow(
                () ->
                    new ReceptorException(
                        ReceptorErrorName.InvalidRequest,
                        "max-age directive missing from request"));
    var seconds = maxAge.substring(MAX_AGE.length());
    if (!seconds.matches("\\d{1,18}")) {
      throw new ReceptorException(
          ReceptorErrorName.InvalidRequest, "invalid-max-age-directive: " + maxAge);
    }
    return Duration.ofSeconds(Long.parseLong(seconds));
  }

  private Response events(Request request, byte[] body) {
    // HEAD has no body, so nobody would ever read the subscription.
    if (request.method().equals("HEAD")) {
      return streams.headers();
    }
    // The original's clients send an id of their own count with each request; that is no wish.
    if (request.query("replay").filter("true"::equals).isEmpty()) {
      return streams.answer(new EventFrames(receptor.subscribeToEvents(), encoder, false));
    }
    var events = receptor.subscribeToEvents(request.header("Last-Event-ID").orElse(""));
    return streams
        .answer(new EventFrames(events, encoder, true))
        .header("X-Events-Resumed", String.valueOf(events.isResumed()));
  }

  private Response version() {
    var known = new TreeMap<>(config.versions());
    known.values().removeIf(String::isEmpty);
    return Json.answer(200, known);
  }

  /** Only base names count, so no path leads out of the directory. */
  private Response artifact(Request request, byte[] body) {
    var directory = config.artifacts();
    if (directory.isEmpty()) {
      return Response.empty(500);
    }
    try {
      var file =
          directory
              .get()
              .resolve(baseName(request.param("arch")))
              .resolve(baseName(request.param("artifact")));
      return Files.isRegularFile(file)
          ? Response.file(200, "application/octet-stream", file)
          : Response.empty(500);
    } catch (IOException | InvalidPathException unreadable) {
      return Response.empty(500);
    }
  }

  private static String baseName(String name) {
    var base = Path.of(name).getFileName();
    return base == null || base.toString().equals("..") ? "" : base.toString();
  }
}
