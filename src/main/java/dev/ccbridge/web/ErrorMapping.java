package dev.ccbridge.web;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns what a handler threw into an answer: the one place where an error body is made. */
@FunctionalInterface
public interface ErrorMapping {
  Response answer(Request request, Exception error);

  /**
   * {@code {"name": …, "message": …}} with the status of the error's kind; unexpected errors are
   * logged and not described.
   */
  ErrorMapping DEFAULT =
      (request, error) -> {
        if (error instanceof BodyTooLargeException tooLarge) {
          return body(413, "BodyTooLarge", tooLarge.message());
        }
        if (error instanceof RefusedException refused) {
          return body(refused.status(), refused.name(), refused.message());
        }
        if (error instanceof CcBridgeException ours && ours.kind() != ErrorKind.INTERNAL) {
          return body(ours.kind().httpStatus(), ours.kind().name(), ours.message());
        }
        Log.LOG.error(
            "request failed method={} path={}", request.method(), request.rawPath(), error);
        return body(500, ErrorKind.INTERNAL.name(), "internal error, see the log");
      };

  static Response body(int status, String name, String message) {
    var json = JsonNodeFactory.instance.objectNode().put("name", name).put("message", message);
    return Response.json(status, json.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Holds the logger, which an interface cannot keep private. */
  final class Log {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorMapping.class);

    private Log() {}
  }
}
