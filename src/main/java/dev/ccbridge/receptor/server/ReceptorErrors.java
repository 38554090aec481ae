package dev.ccbridge.receptor.server;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.web.BodyTooLargeException;
import dev.ccbridge.web.ErrorMapping;
import dev.ccbridge.web.RefusedException;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Errors as the wire has them: {@code {"name": …, "message": …}}. Source: receptor/errors.go. */
final class ReceptorErrors implements ErrorMapping {
  private static final Logger LOG = LoggerFactory.getLogger(ReceptorErrors.class);

  private record Body(String name, String message) {}

  @Override
  public Response answer(Request request, Exception error) {
    return switch (error) {
      case ReceptorException refused -> body(refused);
      case BodyTooLargeException tooLarge ->
          body(413, ReceptorErrorName.InvalidRequest, tooLarge.message());
      case RefusedException refused ->
          body(refused.status(), ReceptorErrorName.InvalidRequest, refused.message());
      case CcBridgeException ours -> body(500, ReceptorErrorName.UnknownError, ours.message());
      default -> {
        LOG.error("request failed method={} path={}", request.method(), request.rawPath(), error);
        yield body(500, ReceptorErrorName.UnknownError, "internal error, see the log");
      }
    };
  }

  static Response unauthorized() {
    return body(401, ReceptorErrorName.Unauthorized, "Unauthorized")
        .header("WWW-Authenticate", "Basic realm=\"API Authentication\"");
  }

  private static Response body(ReceptorException refused) {
    return switch (refused.name()) {
      // Made by clients only: here the Receptor behind us is a remote one.
      case InvalidResponse, RouterError ->
          body(500, ReceptorErrorName.UnknownError, refused.message());
      default -> body(refused.name().kind().httpStatus(), refused.name(), refused.message());
    };
  }

  private static Response body(int status, ReceptorErrorName name, String message) {
    return Json.answer(status, new Body(name.name(), message));
  }
}
