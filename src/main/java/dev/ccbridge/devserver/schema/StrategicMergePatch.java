package dev.ccbridge.devserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Strategic merge patch for the built-in resources: objects merge, lists merge where the schema
 * says so, with the directives {@code $patch}, {@code $deleteFromPrimitiveList}, {@code
 * $setElementOrder} and {@code $retainKeys}. The trees handed in are not changed.
 */
public final class StrategicMergePatch {
  private StrategicMergePatch() {}

  public static JsonNode apply(JsonNode target, JsonNode patch, Schema schema) {
    return merge(target, patch, schema);
  }

  private static JsonNode merge(
      @Nullable JsonNode target, JsonNode patch, @Nullable Schema schema) {
    if (!(patch instanceof ObjectNode changes)) {
      return patch.deepCopy();
    }
    var directive = Json.text(changes, "$patch");
    if (directive.equals("delete")) {
      return Json.object();
    }
    var replaces = directive.equals("replace");
    ObjectNode result =
        target instanceof ObjectNode object && !replaces ? object.deepCopy() : Json.object();
    if (changes.has("$retainKeys")) {
      var kept = new ArrayList<String>();
      changes.get("$retainKeys").forEach(key -> kept.add(key.asText()));
      result.retain(kept);
    }
    for (var field : changes.properties()) {
      mergeField(result, field.getKey(), field.getValue(), schema);
    }
    return result;
  }

  private static void mergeField(
      ObjectNode result, String name, JsonNode value, @Nullable Schema schema) {
    if (name.startsWith("$deleteFromPrimitiveList/")) {
      var list = result.get(name.substring(name.indexOf('/') + 1));
      if (list instanceof ArrayNode array) {
        value.forEach(item -> removeItem(array, item));
      }
      return;
    }
    if (name.startsWith("$")) {
      return;
    }
    if (value.isNull()) {
      result.remove(name);
      return;
    }
    var child = schema == null ? null : schema.child(name);
    var merges =
        child != null && Json.text(child.json(), "x-kubernetes-patch-strategy").contains("merge");
    if (value.isArray() && merges && child != null && result.get(name) instanceof ArrayNode live) {
      mergeList(live, (ArrayNode) value, child);
    } else {
      result.set(name, value.isArray() ? value.deepCopy() : merge(result.get(name), value, child));
    }
  }

  private static void mergeList(ArrayNode live, ArrayNode patch, Schema schema) {
    var key = Json.text(schema.json(), "x-kubernetes-patch-merge-key");
    for (var item : patch) {
      if (key.isEmpty()) {
        if (indexOf(live, item, "") < 0) {
          live.add(item.deepCopy());
        }
        continue;
      }
      var index = indexOf(live, item, key);
      if (Json.text(item, "$patch").equals("delete")) {
        if (index >= 0) {
          live.remove(index);
        }
      } else if (index >= 0) {
        live.set(index, merge(live.get(index), item, schema.items()));
      } else {
        live.add(item.deepCopy());
      }
    }
  }

  private static int indexOf(ArrayNode list, JsonNode item, String key) {
    for (var i = 0; i < list.size(); i++) {
      var same =
          key.isEmpty() ? list.get(i).equals(item) : list.get(i).path(key).equals(item.path(key));
      if (same) {
        return i;
      }
    }
    return -1;
  }

  private static void removeItem(ArrayNode list, JsonNode item) {
    var index = indexOf(list, item, "");
    if (index >= 0) {
      list.remove(index);
    }
  }
}
