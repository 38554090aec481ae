package dev.ccbridge.devserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Values seen through a schema as trees of owned fields: what is a leaf, what is merged item by
 * item, which item is which. Source: Kubernetes structured-merge-diff v6, typed.
 */
final class TypedValue {
  private TypedValue() {}

  /** What a comparison found, as paths into the old and the new value. */
  record Comparison(FieldSet added, FieldSet removed, FieldSet modified) {
    Comparison() {
      this(new FieldSet(), new FieldSet(), new FieldSet());
    }

    boolean isSame() {
      return added.isEmpty() && removed.isEmpty() && modified.isEmpty();
    }
  }

  /** The fields of {@code value} that its applier owns. */
  static FieldSet fieldsOf(JsonNode value, Schema schema) {
    var set = new FieldSet();
    collect(value, schema, new ArrayList<>(), set);
    return set;
  }

  private static void collect(
      JsonNode value, @Nullable Schema schema, List<String> path, FieldSet set) {
    if (isLeaf(value, schema)) {
      if (!path.isEmpty()) {
        set.add(path);
      }
      return;
    }
    if (value.isArray()) {
      items(value, schema)
          .forEach(
              (step, item) -> {
                path.addLast(step);
                collect(item, itemSchema(schema), path, set);
                set.add(path);
                path.removeLast();
              });
      return;
    }
    for (var field : value.properties()) {
      path.addLast("f:" + field.getKey());
      var child = childSchema(schema, field.getKey());
      collect(field.getValue(), child, path, set);
      var emptyObject = field.getValue().isObject() && field.getValue().isEmpty();
      if (field.getValue().isNull() || emptyObject || !isDeclared(schema, field.getKey())) {
        set.add(path);
      }
      path.removeLast();
    }
  }

  private static boolean isDeclared(@Nullable Schema schema, String name) {
    return schema != null && schema.properties().containsKey(name);
  }

  /**
   * Compares two values of the same schema.
   *
   * @param structsCount whether an added object with declared fields is itself an added field
   */
  static Comparison compare(JsonNode before, JsonNode after, Schema schema, boolean structsCount) {
    var comparison = new Comparison();
    compare(before, after, schema, new ArrayList<>(), comparison);
    return structsCount
        ? comparison
        : new Comparison(
            withoutStructs(comparison.added, schema), comparison.removed, comparison.modified);
  }

  private static FieldSet withoutStructs(FieldSet fields, Schema schema) {
    var result = new FieldSet();
    for (var path : fields.paths()) {
      @Nullable Schema at = schema;
      for (var step : path) {
        at = stepSchema(at, step);
      }
      var struct =
          at != null && !at.properties().isEmpty() && !at.isAtomicMap() && !at.flag("x-go-pointer");
      if (!struct || !path.getLast().startsWith("f:")) {
        result.add(path);
      }
    }
    return result;
  }

  private static void compare(
      @Nullable JsonNode before,
      @Nullable JsonNode after,
      @Nullable Schema schema,
      List<String> path,
      Comparison found) {
    if (bothMerge(before, after, schema)) {
      var steps = new LinkedHashSet<String>();
      var old = before == null ? Map.<String, JsonNode>of() : children(before, schema);
      var now = after == null ? Map.<String, JsonNode>of() : children(after, schema);
      steps.addAll(old.keySet());
      steps.addAll(now.keySet());
      for (var step : steps) {
        path.addLast(step);
        compare(old.get(step), now.get(step), stepSchema(schema, step), path, found);
        path.removeLast();
      }
    } else if (before != null && after != null && !before.equals(after)) {
      found.modified.add(path);
    }
    if (path.isEmpty()) {
      return;
    }
    if (before == null && after != null) {
      found.added.add(path);
    } else if (before != null && after == null) {
      found.removed.add(path);
    }
  }

  /** Whether the two are compared child by child; when both are empty they are leaves. */
  private static boolean bothMerge(
      @Nullable JsonNode before, @Nullable JsonNode after, @Nullable Schema schema) {
    var some = before != null && !before.isNull() ? before : after;
    if (some == null) {
      return false;
    }
    var mergeable =
        (before == null || !isLeaf(before, schema) || isEmptyContainer(before))
            && (after == null || !isLeaf(after, schema) || isEmptyContainer(after));
    var nonEmpty =
        (before != null && !before.isEmpty() && before.isContainerNode())
            || (after != null && !after.isEmpty() && after.isContainerNode());
    var sameShape =
        before == null
            || after == null
            || before.isArray() == after.isArray()
            || before.isNull()
            || after.isNull();
    var atomic = some.isArray() ? !isMergedList(schema) : schema != null && schema.isAtomicMap();
    return mergeable && nonEmpty && sameShape && !atomic;
  }

  private static boolean isEmptyContainer(JsonNode value) {
    return value.isNull() || (value.isContainerNode() && value.isEmpty());
  }

  private static boolean isLeaf(JsonNode value, @Nullable Schema schema) {
    if (value.isArray()) {
      return !isMergedList(schema);
    }
    return !value.isObject() || (schema != null && schema.isAtomicMap());
  }

  private static boolean isMergedList(@Nullable Schema schema) {
    return schema != null && (schema.isSet() || schema.isListMap());
  }

  /** The applied value laid over the live one. */
  static JsonNode merge(@Nullable JsonNode live, JsonNode applied, @Nullable Schema schema) {
    if (live == null || isLeaf(applied, schema) || live.getNodeType() != applied.getNodeType()) {
      return applied.deepCopy();
    }
    if (applied.isArray()) {
      return mergeLists((ArrayNode) live, (ArrayNode) applied, schema);
    }
    ObjectNode merged = live.deepCopy();
    for (var field : applied.properties()) {
      var name = field.getKey();
      merged.set(name, merge(live.get(name), field.getValue(), childSchema(schema, name)));
    }
    return merged;
  }

  /** The applied order prevails; items that only live has keep their place before the next one. */
  private static JsonNode mergeLists(ArrayNode live, ArrayNode applied, @Nullable Schema schema) {
    var left = items(live, schema);
    var right = items(applied, schema);
    var merged = live.arrayNode();
    var waiting = new LinkedHashMap<>(left);
    for (var item : right.entrySet()) {
      while (!waiting.isEmpty() && !right.containsKey(waiting.firstEntry().getKey())) {
        merged.add(waiting.pollFirstEntry().getValue().deepCopy());
      }
      waiting.remove(item.getKey());
      merged.add(merge(left.get(item.getKey()), item.getValue(), itemSchema(schema)));
    }
    waiting.values().forEach(item -> merged.add(item.deepCopy()));
    return merged;
  }

  /**
   * Removes the members of {@code fields} from {@code value}, in place, and with them the objects
   * and lists that have nothing left.
   */
  static void remove(JsonNode value, FieldSet fields, @Nullable Schema schema) {
    switch (value) {
      case ObjectNode object -> {
        for (var field : List.copyOf(object.properties())) {
          var step = "f:" + field.getKey();
          var child = fields.child(step);
          if (fields.hasMember(step)) {
            object.remove(field.getKey());
          } else if (child != null) {
            remove(field.getValue(), child, childSchema(schema, field.getKey()));
            if (isEmptyContainer(field.getValue())) {
              object.remove(field.getKey());
            }
          }
        }
      }
      case ArrayNode array -> {
        var kept = new ArrayList<JsonNode>();
        for (var item : items(array, schema).entrySet()) {
          if (fields.hasMember(item.getKey())) {
            continue;
          }
          var child = fields.child(item.getKey());
          if (child != null) {
            remove(item.getValue(), child, itemSchema(schema));
          }
          kept.add(item.getValue());
        }
        array.removeAll();
        kept.forEach(array::add);
      }
      default -> {}
    }
  }

  /** Every path that there is in {@code value}, with all the containers. */
  static FieldSet allPaths(JsonNode value, Schema schema) {
    return fieldsOf(value, schema).withParents();
  }

  private static Map<String, JsonNode> children(JsonNode value, @Nullable Schema schema) {
    if (value.isArray()) {
      return items(value, schema);
    }
    var children = new TreeMap<String, JsonNode>();
    value.properties().forEach(f -> children.put("f:" + f.getKey(), f.getValue()));
    return children;
  }

  private static Map<String, JsonNode> items(JsonNode array, @Nullable Schema schema) {
    var items = new LinkedHashMap<String, JsonNode>();
    for (var item : array) {
      var set = schema == null || schema.isSet();
      items.putIfAbsent(set ? "v:" + item : "k:" + keyOf(item, schema), item);
    }
    return items;
  }

  /** The keys that identify an item of a list map, in the order of their names. */
  static ObjectNode keyOf(JsonNode item, @Nullable Schema list) {
    var key = Json.object();
    if (list == null) {
      return key;
    }
    for (var name : new TreeSet<>(list.listKeys())) {
      var value = item.get(name);
      var items = list.items();
      var field = items == null ? null : items.child(name);
      if (value == null && field != null) {
        value = field.json().get("default");
      }
      if (value != null) {
        key.set(name, value);
      }
    }
    return key;
  }

  private static @Nullable Schema itemSchema(@Nullable Schema schema) {
    return schema == null ? null : schema.items();
  }

  private static @Nullable Schema childSchema(@Nullable Schema schema, String name) {
    return schema == null ? null : schema.child(name);
  }

  private static @Nullable Schema stepSchema(@Nullable Schema schema, String step) {
    return step.startsWith("f:") ? childSchema(schema, step.substring(2)) : itemSchema(schema);
  }
}
