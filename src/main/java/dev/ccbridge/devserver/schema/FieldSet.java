package dev.ccbridge.devserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A set of field paths, as the owner of fields has one in {@code managedFields}. Mutable, not
 * thread-safe.
 *
 * <p>A step of a path is written as in FieldsV1: {@code f:name} for a field, {@code k:{…}} for an
 * item of a list by its keys, {@code v:…} for an item of a set by its value. Source: Kubernetes
 * structured-merge-diff v6, fieldpath.
 */
public final class FieldSet {
  private final TreeSet<String> members = new TreeSet<>();
  private final TreeMap<String, FieldSet> children = new TreeMap<>();

  /** Reads FieldsV1. */
  public static FieldSet of(JsonNode fieldsV1) {
    var set = new FieldSet();
    for (var field : fieldsV1.properties()) {
      if (field.getKey().equals(".")) {
        continue;
      }
      var value = field.getValue();
      if (value.isEmpty() || value.has(".")) {
        set.members.add(field.getKey());
      }
      var child = of(value);
      if (!child.isEmpty()) {
        set.children.put(field.getKey(), child);
      }
    }
    return set;
  }

  /** As FieldsV1. */
  public ObjectNode toJson() {
    var json = Json.object();
    var names = new TreeSet<>(members);
    names.addAll(children.keySet());
    for (var name : names) {
      var value = json.putObject(name);
      var child = children.get(name);
      if (child != null) {
        if (members.contains(name)) {
          value.putObject(".");
        }
        value.setAll(child.toJson());
      }
    }
    return json;
  }

  public boolean isEmpty() {
    return members.isEmpty() && children.isEmpty();
  }

  void add(List<String> path) {
    if (path.size() == 1) {
      members.add(path.getFirst());
      return;
    }
    children
        .computeIfAbsent(path.getFirst(), step -> new FieldSet())
        .add(path.subList(1, path.size()));
  }

  boolean hasMember(String step) {
    return members.contains(step);
  }

  @Nullable FieldSet child(String step) {
    return children.get(step);
  }

  FieldSet union(FieldSet other) {
    var result = copy();
    result.members.addAll(other.members);
    other.children.forEach(
        (step, theirs) ->
            result.children.merge(step, theirs.copy(), (ours, more) -> ours.union(more)));
    return result;
  }

  FieldSet intersection(FieldSet other) {
    return combine(other, true);
  }

  FieldSet difference(FieldSet other) {
    return combine(other, false);
  }

  private FieldSet combine(FieldSet other, boolean inBoth) {
    var result = new FieldSet();
    for (var member : members) {
      if (other.members.contains(member) == inBoth) {
        result.members.add(member);
      }
    }
    children.forEach(
        (step, ours) -> {
          var theirs = other.children.getOrDefault(step, new FieldSet());
          var child = ours.combine(theirs, inBoth);
          if (!child.isEmpty()) {
            result.children.put(step, child);
          }
        });
    return result;
  }

  /** Without {@code path} and all below it. */
  FieldSet without(String... path) {
    var result = copy();
    var at = result;
    for (var i = 0; i < path.length - 1; i++) {
      at = at.children.getOrDefault(path[i], new FieldSet());
    }
    var last = path[path.length - 1];
    at.members.remove(last);
    at.children.remove(last);
    return result.trimmed();
  }

  /** Only what is below the top field {@code step}. */
  FieldSet only(String step) {
    var result = new FieldSet();
    if (members.contains(step)) {
      result.members.add(step);
    }
    var child = children.get(step);
    if (child != null) {
      result.children.put(step, child.copy());
    }
    return result;
  }

  /** With every field that is only on the way to a member as a member itself. */
  FieldSet withParents() {
    var result = new FieldSet();
    result.members.addAll(members);
    children.forEach(
        (step, child) -> {
          result.members.add(step);
          result.children.put(step, child.withParents());
        });
    return result;
  }

  /** Every path, members of a level before what is below it. */
  List<List<String>> paths() {
    var paths = new ArrayList<List<String>>();
    members.forEach(member -> paths.add(List.of(member)));
    children.forEach(
        (step, child) ->
            child
                .paths()
                .forEach(
                    tail -> {
                      var path = new ArrayList<String>();
                      path.add(step);
                      path.addAll(tail);
                      paths.add(path);
                    }));
    return paths;
  }

  private FieldSet copy() {
    var result = new FieldSet();
    result.members.addAll(members);
    children.forEach((step, child) -> result.children.put(step, child.copy()));
    return result;
  }

  private FieldSet trimmed() {
    var result = new FieldSet();
    result.members.addAll(members);
    children.forEach(
        (step, child) -> {
          var kept = child.trimmed();
          if (!kept.isEmpty()) {
            result.children.put(step, kept);
          }
        });
    return result;
  }

  /** {@code .spec.items[name="a"].value}, as messages have it. */
  static String display(List<String> path) {
    var text = new StringBuilder();
    for (var step : path) {
      var value = step.substring(2);
      switch (step.charAt(0)) {
        case 'f' -> text.append('.').append(value);
        case 'v' -> text.append("[=").append(value).append(']');
        default -> text.append('[').append(keys(value)).append(']');
      }
    }
    return text.toString();
  }

  private static String keys(String json) {
    var parts = new ArrayList<String>();
    for (Map.Entry<String, JsonNode> key : Json.parse(json).properties()) {
      parts.add(key.getKey() + "=" + key.getValue());
    }
    return String.join(",", parts);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FieldSet that
        && members.equals(that.members)
        && children.equals(that.children);
  }

  @Override
  public int hashCode() {
    return members.hashCode() * 31 + children.hashCode();
  }

  @Override
  public String toString() {
    return toJson().toString();
  }
}
