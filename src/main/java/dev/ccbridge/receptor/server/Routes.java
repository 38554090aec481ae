package dev.ccbridge.receptor.server;

import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.web.Handler;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import dev.ccbridge.web.Router;
import java.io.IOException;

/**
 * The routes of API v1. Every route reads its request's body whole, wanted or not: the original's
 * client sends one with each request.
 */
final class Routes implements Handler {
  /** Answers a request whose body has been read. */
  @FunctionalInterface
  interface BodyHandler {
    Response handle(Request request, byte[] body);
  }

  private final Router router = new Router(new ReceptorErrors());
  private final int maxBodyBytes;

  Routes(int maxBodyBytes) {
    this.maxBodyBytes = maxBodyBytes;
  }

  Routes route(String method, String pattern, BodyHandler handler) {
    router.route(method, pattern, request -> handler.handle(request, body(request)));
    return this;
  }

  private byte[] body(Request request) {
    try {
      return request.body(maxBodyBytes);
    } catch (IOException broken) {
      throw new ReceptorException(
          ReceptorErrorName.InvalidRequest,
          "the body ended early, or is not in the chunks that its header announces",
          broken);
    }
  }

  @Override
  public Response handle(Request request) {
    return router.handle(request);
  }

  /** Empty: all. */
  static String domain(Request request) {
    return request.query("domain").orElse("");
  }
}
