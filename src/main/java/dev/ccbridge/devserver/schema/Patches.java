package dev.ccbridge.devserver.schema;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** JSON patch (RFC 6902) and JSON merge patch (RFC 7386). The trees handed in are not changed. */
public final class Patches {
  private Patches() {}

  /** A JSON patch that cannot be applied to the object as it is. */
  public static final class PatchException extends Exception {
    private static final long serialVersionUID = 1L;

    PatchException(String message) {
      super(message);
    }
  }

  /** The merge patch laid over {@code target}; null removes. */
  public static JsonNode merge(@Nullable JsonNode target, JsonNode patch) {
    if (!patch.isObject()) {
      return patch.deepCopy();
    }
    ObjectNode result = target instanceof ObjectNode object ? object.deepCopy() : Json.object();
    for (var field : patch.properties()) {
      if (field.getValue().isNull()) {
        result.remove(field.getKey());
      } else {
        result.set(field.getKey(), merge(result.get(field.getKey()), field.getValue()));
      }
    }
    return result;
  }

  /**
   * @throws PatchException when a path does not exist, a test fails or an operation is unknown
   */
  public static JsonNode apply(JsonNode target, JsonNode operations) throws PatchException {
    var result = target.deepCopy();
    for (var operation : operations) {
      result = applyOne(result, operation);
    }
    return result;
  }

  private static JsonNode applyOne(JsonNode target, JsonNode operation) throws PatchException {
    var path = pointer(operation, "path");
    switch (Json.text(operation, "op")) {
      case "add" -> {
        return add(target, path, value(operation));
      }
      case "remove" -> remove(target, path);
      case "replace" -> {
        // As the API server's library: a field that is not there is added.
        if (!(target.at(path.head()) instanceof ObjectNode)) {
          remove(target, path);
        }
        return add(target, path, value(operation));
      }
      case "move" -> {
        var from = pointer(operation, "from");
        var moved = existing(target, from);
        remove(target, from);
        return add(target, path, moved);
      }
      case "copy" -> {
        return add(target, path, existing(target, pointer(operation, "from")).deepCopy());
      }
      case "test" -> {
        if (!target.at(path).equals(value(operation))) {
          throw new PatchException("testing value " + path + " failed");
        }
      }
      default -> throw new PatchException("Unexpected kind: " + Json.text(operation, "op"));
    }
    return target;
  }

  private static JsonPointer pointer(JsonNode operation, String name) throws PatchException {
    try {
      return JsonPointer.compile(Json.text(operation, name));
    } catch (IllegalArgumentException malformed) {
      throw new PatchException(name + " is no JSON pointer: " + operation.path(name));
    }
  }

  private static JsonNode value(JsonNode operation) throws PatchException {
    var value = operation.get("value");
    if (value == null) {
      throw new PatchException("missing value of " + operation);
    }
    return value.deepCopy();
  }

  private static JsonNode existing(JsonNode target, JsonPointer path) throws PatchException {
    var found = target.at(path);
    if (found.isMissingNode()) {
      throw new PatchException("no value at " + path);
    }
    return found;
  }

  private static JsonNode add(JsonNode target, JsonPointer path, JsonNode value)
      throws PatchException {
    if (path.matches()) {
      return value;
    }
    var last = path.last().getMatchingProperty();
    switch (target.at(path.head())) {
      case ObjectNode object -> object.set(last, value);
      case ArrayNode array when last.equals("-") -> array.add(value);
      case ArrayNode array -> array.insert(index(path, array.size()), value);
      default -> throw new PatchException("no object or list at " + path.head());
    }
    return target;
  }

  private static void remove(JsonNode target, JsonPointer path) throws PatchException {
    existing(target, path);
    switch (target.at(path.head())) {
      case ObjectNode object -> object.remove(path.last().getMatchingProperty());
      case ArrayNode array -> array.remove(index(path, array.size() - 1));
      default -> throw new PatchException("no object or list at " + path.head());
    }
  }

  private static int index(JsonPointer path, int max) throws PatchException {
    var index = path.last().getMatchingIndex();
    if (index < 0 || index > max) {
      throw new PatchException("no such index: " + path);
    }
    return index;
  }
}
