package dev.ccbridge.cloudcontroller.fake;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.web.Handler;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import dev.ccbridge.web.Router;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Cloud Controller that keeps apps in memory and their files in a directory. It tells stager and
 * nsync what its users want, and answers what they, the cells and the watcher ask. Thread-safe.
 */
public final class MemoryCloudController implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MemoryCloudController.class);
  private static final int MAX_JSON_BYTES = 4 << 20;
  private static final byte[] NO_BODY = {};

  private final FakeCloudControllerConfig config;
  private final CompletableFuture<Handler> routes = new CompletableFuture<>();
  private final Recording recording = new Recording();
  private final Bridge bridge;
  private final HttpService http;

  private MemoryCloudController(FakeCloudControllerConfig config) {
    this.config = config;
    this.bridge = new Bridge(config);
    // What it hands out holds its own address, which is known only when it listens.
    this.http = HttpService.start(config.address(), request -> routes.get().handle(request));
  }

  /**
   * Listens until closed.
   *
   * @throws CcBridgeException UNAVAILABLE when it cannot listen or its directory cannot be made
   */
  public static MemoryCloudController start(FakeCloudControllerConfig config) {
    var files = new BlobFiles(config.dataDirectory());
    var controller = new MemoryCloudController(config);
    controller.routes.complete(
        controller.router(files, config.externalUrl().orElse(controller.uri())));
    return controller;
  }

  /** Where it listens, without a slash at the end. */
  public URI uri() {
    return http.uri();
  }

  private Router router(BlobFiles files, URI externalUrl) {
    var apps = new Apps();
    var messages = new Messages(config, externalUrl);
    var lifecycle = new Lifecycle(bridge, messages, files);
    var router = new Router();
    addPush(router, new PushRoutes(config, apps, files, bridge, messages, lifecycle));
    addInternal(router, new BridgeRoutes(apps, messages, lifecycle));
    addStaging(router, new StagingRoutes(apps, files, config.staging(), externalUrl));
    return router
        .route("GET", "/recorded", request -> PushRoutes.json(200, recording.json()))
        .route("DELETE", "/recorded", request -> forgetRecorded());
  }

  private Response forgetRecorded() {
    recording.clear();
    return Response.empty(204);
  }

  private static void addPush(Router router, PushRoutes push) {
    router
        .route("POST", "/v2/apps", answering(push::create))
        .route("GET", "/v2/apps", answering(push::list))
        .route("GET", "/v2/apps/:guid", answering(push::show))
        .route("PUT", "/v2/apps/:guid", answering(push::update))
        .route("DELETE", "/v2/apps/:guid", answering(push::delete))
        .route("PUT", "/v2/apps/:guid/bits", answering(push::uploadBits))
        .route("POST", "/v2/apps/:guid/restage", answering(push::restage))
        .route("GET", "/v2/apps/:guid/instances", answering(push::instances))
        .route("DELETE", "/v2/apps/:guid/instances/:index", answering(push::stopIndex))
        .route("GET", "/v2/apps/:guid/stats", answering(push::stats))
        .route("GET", "/v2/apps/:guid/events", answering(push::events));
  }

  private void addInternal(Router router, BridgeRoutes internal) {
    router
        .route("POST", "/internal/staging/:guid/completed", reading(internal::stagingCompleted))
        .route("GET", "/internal/bulk/apps", streaming(config.internal(), internal::bulkPage))
        .route("POST", "/internal/bulk/apps", reading(internal::bulkApps))
        .route("POST", "/internal/apps/:guid/crashed", reading(internal::crashed));
  }

  private void addStaging(Router router, StagingRoutes staging) {
    var cells = config.staging();
    var cache = "/staging/buildpack_cache/:stack/:guid/";
    router
        .route("GET", "/staging/apps/:guid", streaming(cells, staging::bits))
        .route("POST", "/staging/droplets/:guid/upload", streaming(cells, staging::uploadDroplet))
        .route("GET", "/staging/jobs/:guid", streaming(cells, staging::job))
        .route("POST", cache + "upload", streaming(cells, staging::uploadCache))
        .route("GET", cache + "download", streaming(cells, staging::downloadCache))
        .route(
            "GET",
            "/internal/v2/droplets/:guid/:hash/download",
            request -> record(request, NO_BODY, staging::downloadDroplet));
  }

  /** A handler that is given the whole body. */
  private interface WithBody {
    Response handle(Request request, byte[] body) throws Exception;
  }

  /** JSON of the bridge's, kept for {@code /recorded}. */
  private Handler reading(WithBody handler) {
    return request -> {
      if (!config.internal().permit(request)) {
        return refuse(request);
      }
      var body = request.body(MAX_JSON_BYTES);
      return record(request, body, r -> handler.handle(r, body));
    };
  }

  private Handler streaming(Credentials needed, Handler handler) {
    return request -> needed.permit(request) ? record(request, NO_BODY, handler) : refuse(request);
  }

  private Response refuse(Request request) throws Exception {
    return record(
        request,
        NO_BODY,
        r -> {
          throw CcError.notAuthenticated();
        });
  }

  private Response record(Request request, byte[] body, Handler handler) throws Exception {
    var response = answering(handler).handle(request);
    recording.add(request, body, response.status());
    return response;
  }

  private static Handler answering(Handler handler) {
    return request -> {
      try {
        return handler.handle(request);
      } catch (CcError refused) {
        LOG.info("refused path={} reason={}", request.rawPath(), refused.message());
        return refused.response();
      }
    };
  }

  @Override
  public void close() {
    http.close();
    bridge.close();
  }
}
