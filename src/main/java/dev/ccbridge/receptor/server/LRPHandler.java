package dev.ccbridge.receptor.server;

import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.DesiredLRPCreateRequest;
import dev.ccbridge.receptor.model.DesiredLRPUpdateRequest;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.util.regex.Pattern;

/**
 * The routes of desired and actual LRPs. Source: receptor/handlers/desired_lrp_handlers.go,
 * actual_lrp_handlers.go.
 */
final class LRPHandler {
  /** What strconv.Atoi reads; Java's own reader takes digits of every script. */
  private static final Pattern DECIMAL = Pattern.compile("[+-]?[0-9]+");

  private final Receptor receptor;
  private final LogRoutes logs;

  LRPHandler(Receptor receptor, LogRoutes logs) {
    this.receptor = receptor;
    this.logs = logs;
  }

  void addTo(Routes routes) {
    routes
        .route("POST", "/v1/desired_lrps", this::create)
        .route("GET", "/v1/desired_lrps", this::list)
        .route("GET", "/v1/desired_lrps/:process_guid", this::get)
        .route("PUT", "/v1/desired_lrps/:process_guid", this::update)
        .route("DELETE", "/v1/desired_lrps/:process_guid", this::delete)
        .route("GET", "/v1/desired_lrps/:process_guid/logs", this::logs)
        .route("GET", "/v1/actual_lrps", this::actual)
        .route("GET", "/v1/actual_lrps/:process_guid", this::actualOfOne)
        .route("GET", "/v1/actual_lrps/:process_guid/index/:index", this::instance)
        .route("DELETE", "/v1/actual_lrps/:process_guid/index/:index", this::kill);
  }

  private Response create(Request request, byte[] body) {
    receptor.createDesiredLRP(Json.read(body, DesiredLRPCreateRequest.class));
    return Response.empty(201);
  }

  private Response list(Request request, byte[] body) {
    return Json.answer(200, receptor.desiredLRPs(Routes.domain(request)));
  }

  private Response get(Request request, byte[] body) {
    var guid = guid(request);
    return receptor
        .findDesiredLRP(guid)
        .map(lrp -> Json.answer(200, lrp))
        .orElseThrow(
            () ->
                new ReceptorException(
                    ReceptorErrorName.DesiredLRPNotFound,
                    "Desired LRP with guid '" + guid + "' not found"));
  }

  private Response update(Request request, byte[] body) {
    receptor.updateDesiredLRP(guid(request), Json.read(body, DesiredLRPUpdateRequest.class));
    return Response.empty(204);
  }

  private Response delete(Request request, byte[] body) {
    receptor.deleteDesiredLRP(guid(request));
    return Response.empty(204);
  }

  private Response logs(Request request, byte[] body) {
    var guid = guid(request);
    int index = request.query("index").map(LRPHandler::number).orElse(0);
    return logs.answer(
        request,
        range -> receptor.lrpLogs(guid, index, range),
        range -> receptor.followLrpLogs(guid, index, range));
  }

  private Response actual(Request request, byte[] body) {
    return Json.answer(200, receptor.actualLRPs(Routes.domain(request)));
  }

  private Response actualOfOne(Request request, byte[] body) {
    return Json.answer(200, receptor.actualLRPsOf(guid(request)));
  }

  private Response instance(Request request, byte[] body) {
    var index = number(request.param("index"));
    if (index < 0) {
      throw new ReceptorException(ReceptorErrorName.UnknownError, "Invalid field: index");
    }
    return receptor
        .findActualLRP(guid(request), index)
        .map(instance -> Json.answer(200, instance))
        // The original's way to say that there is none.
        .orElseGet(() -> Json.answer(404, null));
  }

  private Response kill(Request request, byte[] body) {
    receptor.killActualLRP(guid(request), number(request.param("index")));
    return Response.empty(204);
  }

  private static String guid(Request request) {
    return request.param("process_guid");
  }

  private static int number(String index) {
    try {
      if (DECIMAL.matcher(index).matches()) {
        return Integer.parseInt(index);
      }
    } catch (NumberFormatException tooLarge) {
      // As one that is none: so says Go.
    }
    throw new ReceptorException(ReceptorErrorName.InvalidRequest, "index not a number");
  }
}
