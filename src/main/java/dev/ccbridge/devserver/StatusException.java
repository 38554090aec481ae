package dev.ccbridge.devserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.devserver.schema.FieldError;
import dev.ccbridge.devserver.schema.Json;
import java.util.List;
import java.util.stream.Collectors;

/** A request is refused; carries the Kubernetes {@code Status} to answer with. */
final class StatusException extends CcBridgeException {
  private static final long serialVersionUID = 1L;
  private final int code;
  private final String reason;
  private final transient ObjectNode details;

  StatusException(int code, String reason, String message) {
    this(code, reason, message, Json.object());
  }

  StatusException(int code, String reason, String message, ObjectNode details) {
    super(kind(code), message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  private static ErrorKind kind(int code) {
    return switch (code) {
      case 404 -> ErrorKind.NOT_FOUND;
      case 409 -> ErrorKind.CONFLICT;
      case 503, 504, 429 -> ErrorKind.UNAVAILABLE;
      case 500 -> ErrorKind.INTERNAL;
      default -> ErrorKind.INVALID_REQUEST;
    };
  }

  int code() {
    return code;
  }

  ObjectNode toStatus() {
    var status = Json.object();
    status.put("kind", "Status").put("apiVersion", "v1");
    status.putObject("metadata");
    status.put("status", "Failure").put("message", message());
    if (!reason.isEmpty()) {
      status.put("reason", reason);
    }
    if (!details.isEmpty() || code == 405 || code == 422) {
      status.set("details", details);
    }
    return status.put("code", (long) code);
  }

  static StatusException badRequest(String message) {
    return new StatusException(400, "BadRequest", message);
  }

  /** What the API server answers for an error that it has no reason for. */
  static StatusException unexplained(String message) {
    return new StatusException(500, "", message);
  }

  static StatusException notFound(ResourceType type, String name) {
    return new StatusException(
        404,
        "NotFound",
        type.qualifiedPlural() + " \"" + name + "\" not found",
        details(type.group(), type.plural(), name));
  }

  static StatusException alreadyExists(ResourceType type, String name) {
    return new StatusException(
        409,
        "AlreadyExists",
        type.qualifiedPlural() + " \"" + name + "\" already exists",
        details(type.group(), type.plural(), name));
  }

  static StatusException conflict(ResourceType type, String name, String why) {
    return new StatusException(
        409,
        "Conflict",
        "Operation cannot be fulfilled on " + type.qualifiedPlural() + " \"" + name + "\": " + why,
        details(type.group(), type.plural(), name));
  }

  static StatusException forbidden(ResourceType type, String name, String why) {
    return new StatusException(
        403,
        "Forbidden",
        type.qualifiedPlural() + " \"" + name + "\" is forbidden: " + why,
        details(type.group(), type.plural(), name));
  }

  static StatusException methodNotAllowed() {
    return new StatusException(
        405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
  }

  static StatusException unsupportedMediaType(List<String> accepted) {
    return new StatusException(
        415,
        "UnsupportedMediaType",
        "the body of the request was in an unknown format - accepted media types include: "
            + String.join(", ", accepted));
  }

  static StatusException invalid(ResourceType type, String name, List<FieldError> errors) {
    return invalid(type.group(), type.kind(), name, errors);
  }

  static StatusException invalidOption(String kind, FieldError error) {
    return invalid("meta.k8s.io", kind, "", List.of(error));
  }

  static StatusException invalid(String group, String kind, String name, List<FieldError> errors) {
    var details = details(group, kind, name);
    var causes = details.putArray("causes");
    for (var error : errors) {
      causes
          .addObject()
          .put("reason", error.type().reason())
          .put("message", error.message())
          .put("field", error.field());
    }
    var texts = errors.stream().map(FieldError::toString).distinct().toList();
    var text =
        texts.size() == 1
            ? texts.getFirst()
            : texts.stream().collect(Collectors.joining(", ", "[", "]"));
    var qualified = group.isEmpty() ? kind : kind + "." + group;
    return new StatusException(
        422, "Invalid", qualified + " \"" + name + "\" is invalid: " + text, details);
  }

  static ObjectNode details(String group, String kind, String name) {
    var details = Json.object();
    if (!name.isEmpty()) {
      details.put("name", name);
    }
    if (!group.isEmpty()) {
      details.put("group", group);
    }
    return kind.isEmpty() ? details : details.put("kind", kind);
  }
}
