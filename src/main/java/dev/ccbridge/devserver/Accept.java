package dev.ccbridge.devserver;

import dev.ccbridge.web.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The form in which an answer is wanted, from the Accept header. */
enum Accept {
  JSON,
  YAML,
  TABLE,
  /** One object's metadata only. */
  METADATA,
  METADATA_LIST;

  /**
   * The first alternative that is offered.
   *
   * @throws StatusException 406 when none is
   */
  static Accept of(Request request) {
    var alternatives = new ArrayList<String>();
    for (var header : request.headerValues("Accept")) {
      alternatives.addAll(List.of(header.split(",")));
    }
    if (alternatives.isEmpty()) {
      return JSON;
    }
    for (var alternative : alternatives) {
      var form = of(alternative);
      if (form.isPresent()) {
        return form.get();
      }
    }
    throw notAcceptable(
        "only the following media types are accepted: application/json, application/yaml");
  }

  private static Optional<Accept> of(String alternative) {
    var parts = alternative.strip().split(";");
    var as = "";
    var group = "";
    var version = "";
    for (var i = 1; i < parts.length; i++) {
      var parameter = parts[i].strip().split("=", 2);
      var value = parameter.length == 2 ? parameter[1] : "";
      switch (parameter[0]) {
        case "as" -> as = value;
        case "g" -> group = value;
        case "v" -> version = value;
        default -> {}
      }
    }
    var type = parts[0].strip().toLowerCase(Locale.ROOT);
    if (as.isEmpty()) {
      return switch (type) {
        case "application/json", "*/*", "application/*" -> Optional.of(JSON);
        case "application/yaml" -> Optional.of(YAML);
        default -> Optional.empty();
      };
    }
    if (!type.equals("application/json") || !group.equals("meta.k8s.io") || !version.equals("v1")) {
      return Optional.empty();
    }
    return switch (as) {
      case "Table" -> Optional.of(TABLE);
      case "PartialObjectMetadata" -> Optional.of(METADATA);
      case "PartialObjectMetadataList" -> Optional.of(METADATA_LIST);
      default -> Optional.empty();
    };
  }

  static StatusException notAcceptable(String message) {
    return new StatusException(406, "NotAcceptable", message);
  }
}
