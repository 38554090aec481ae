package dev.ccbridge.receptor.server;

import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.web.Handler;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;

/**
 * Publishes a Receptor as API v1: hand it to {@link dev.ccbridge.web.HttpService}. Everything but
 * {@code /v1/sync/} is guarded when there is a username. Thread-safe.
 *
 * <p>Beside the original's routes there are {@code GET /v1/tasks/:guid/logs} and {@code GET
 * /v1/desired_lrps/:guid/logs?index=}, both with {@code lines}, {@code after} and {@code follow},
 * {@code ?progress=true} on the task routes, and {@code ?replay=true} on {@code /v1/events}.
 * Source: receptor/routes.go, handlers/handlers.go.
 */
public final class ReceptorServer implements Handler, AutoCloseable {
  private final Routes routes;
  private final Authentication authentication;
  private final boolean corsEnabled;
  private final SseStreams streams;

  /**
   * @param receptor stays the caller's to close
   */
  public ReceptorServer(ReceptorServerConfig config, Receptor receptor) {
    this.authentication = new Authentication(config);
    this.corsEnabled = config.corsEnabled();
    this.routes = new Routes(config.maxBodyBytes());
    this.streams = new SseStreams(config.heartbeatInterval());
    var logs = new LogRoutes(streams);
    new TaskHandler(receptor, logs).addTo(routes);
    new LRPHandler(receptor, logs).addTo(routes);
    new ClusterHandler(receptor, config, streams).addTo(routes);
    routes.route("POST", "/v1/auth_cookie", (request, body) -> authentication.cookie(request));
  }

  @Override
  public Response handle(Request request) {
    return corsEnabled ? withCors(request) : guarded(request);
  }

  /** How many streams of events and logs are open. */
  public int openStreams() {
    return streams.size();
  }

  /** Ends all streams, each with a whole answer; to be called before the listener is closed. */
  @Override
  public void close() {
    streams.close();
  }

  private Response guarded(Request request) {
    return authentication.admits(request) ? routes.handle(request) : ReceptorErrors.unauthorized();
  }

  /** Outermost, so that pages of other origins can read a 401 too. */
  private Response withCors(Request request) {
    var preflight = request.method().equals("OPTIONS");
    var response = preflight ? Response.empty(200) : guarded(request);
    var origin = request.header("Origin").orElse("");
    if (!origin.isEmpty() && !origin.equals("*")) {
      response =
          response
              .header("Access-Control-Allow-Origin", origin)
              .header("Access-Control-Allow-Credentials", "true");
    }
    return preflight
        ? response
            .header("Access-Control-Allow-Methods", asked(request, "Method"))
            .header("Access-Control-Allow-Headers", asked(request, "Headers"))
        : response;
  }

  private static String asked(Request request, String what) {
    return request.header("Access-Control-Request-" + what).orElse("");
  }
}
