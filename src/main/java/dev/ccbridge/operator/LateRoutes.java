package dev.ccbridge.operator;

import dev.ccbridge.web.Handler;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import dev.ccbridge.web.Router;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The listener of the file server and the completion callbacks. Of the stager's routes it has
 * nothing else: who may fetch a lifecycle may not ask for stagings.
 *
 * <p>A listener whose last routes come later than its first request: the file server must answer
 * before the Receptor goes on with the tasks of an earlier life, and the stager's callback exists
 * only after that. Until then, callbacks get 503 and are tried again.
 */
final class LateRoutes implements Handler {
  private final Router first;
  private final CallbackRelay relay;
  private volatile @Nullable Router late;

  LateRoutes(Router first, CallbackRelay relay) {
    this.first = first;
    this.relay = relay;
  }

  void add(Consumer<Router> routes) {
    var router = new Router();
    routes.accept(router);
    late = router;
  }

  @Override
  public Response handle(Request request) throws Exception {
    var path = request.rawPath();
    if (!path.startsWith("/v1/staging/") || !path.endsWith("/completed")) {
      return first.handle(request);
    }
    var answer = relay.relay(request);
    if (answer.isPresent()) {
      return answer.get();
    }
    var router = late;
    return router == null ? Response.text(503, "starting\n") : router.handle(request);
  }
}
