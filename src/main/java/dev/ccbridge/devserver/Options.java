package dev.ccbridge.devserver;

import dev.ccbridge.devserver.schema.FieldError;
import dev.ccbridge.devserver.schema.Ownership.Manager;
import dev.ccbridge.web.Request;

/** The query parameters that writing requests share. */
final class Options {
  private Options() {}

  /** Whether nothing shall be stored. */
  static boolean isDryRun(Request request, String optionsKind) {
    var wanted = request.query("dryRun").orElse("");
    if (!wanted.isEmpty() && !wanted.equals("All")) {
      throw StatusException.invalidOption(
          optionsKind,
          FieldError.of(
              FieldError.Type.NOT_SUPPORTED,
              "dryRun",
              "[" + MetadataRules.quote(wanted) + "]: supported values: \"All\""));
    }
    return !wanted.isEmpty();
  }

  /** Who updates: the field manager asked for, else the client's program. */
  static Manager updater(Request request, ResourceType type, String subresource) {
    var name = request.query("fieldManager").orElse("");
    if (name.isEmpty()) {
      name = request.header("User-Agent").orElse("unknown").split("/", 2)[0];
    }
    return new Manager(name, "Update", type.apiVersion(), subresource);
  }

  static Manager applier(Request request, ResourceType type, String subresource) {
    var name = request.query("fieldManager").orElse("");
    if (name.isEmpty()) {
      throw StatusException.invalidOption(
          "PatchOptions", FieldError.required("fieldManager", "is required for apply patch"));
    }
    return new Manager(name, "Apply", type.apiVersion(), subresource);
  }

  static boolean isForced(Request request) {
    return request.query("force").orElse("").equals("true");
  }
}
