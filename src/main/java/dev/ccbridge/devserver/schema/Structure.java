package dev.ccbridge.devserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Pruning of unknown fields, and defaults: what an API server does to an object on its way in. */
public final class Structure {
  private Structure() {}

  /**
   * Removes from {@code object} every field that {@code schema} does not declare.
   *
   * @return the paths of what was removed, in the order of their names
   */
  public static List<String> prune(ObjectNode object, Schema schema) {
    var removed = new ArrayList<String>();
    prune(object, schema, "", removed);
    return removed;
  }

  private static void prune(JsonNode value, Schema schema, String path, List<String> removed) {
    switch (value) {
      case ObjectNode object -> pruneObject(object, schema, path, removed);
      case ArrayNode array -> {
        var items = schema.items();
        for (var i = 0; items != null && i < array.size(); i++) {
          prune(array.get(i), items, path + "[" + i + "]", removed);
        }
      }
      default -> {}
    }
  }

  private static void pruneObject(
      ObjectNode object, Schema schema, String path, List<String> removed) {
    for (var name : new TreeSet<>(names(object))) {
      var child = schema.child(name);
      var at = path.isEmpty() ? name : path + "." + name;
      if (child != null) {
        prune(object.get(name), child, at, removed);
      } else if (!schema.preservesUnknown() && !isFree(schema) && !isResourceField(schema, name)) {
        object.remove(name);
        removed.add(at);
      }
    }
  }

  private static boolean isFree(Schema schema) {
    return schema.json().path("additionalProperties").asBoolean();
  }

  private static boolean isResourceField(Schema schema, String name) {
    return schema.isEmbeddedResource() && List.of("apiVersion", "kind", "metadata").contains(name);
  }

  /** Fills in the schema's defaults, and drops nulls where null is not allowed. */
  public static void applyDefaults(JsonNode value, Schema schema) {
    switch (value) {
      case ObjectNode object -> {
        for (var name : names(object)) {
          var child = schema.child(name);
          if (child != null && object.get(name).isNull() && !child.isNullable()) {
            object.remove(name);
          }
        }
        schema
            .properties()
            .forEach(
                (name, child) -> {
                  var wanted = child.json().get("default");
                  if (wanted != null && !object.has(name)) {
                    object.set(name, wanted.deepCopy());
                  }
                });
        for (var name : names(object)) {
          applyDefaultsIfKnown(object.get(name), schema.child(name));
        }
      }
      case ArrayNode array -> array.forEach(item -> applyDefaultsIfKnown(item, schema.items()));
      default -> {}
    }
  }

  private static void applyDefaultsIfKnown(JsonNode value, @Nullable Schema schema) {
    if (schema != null) {
      applyDefaults(value, schema);
    }
  }

  private static List<String> names(ObjectNode object) {
    var names = new ArrayList<String>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
