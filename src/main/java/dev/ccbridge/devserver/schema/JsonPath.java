package dev.ccbridge.devserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.List;

/**
 * The JSON paths of printer columns and scale subresources: fields, {@code [n]}, {@code [*]},
 * {@code ['name']} and the filter {@code [?(@.name=="value")]}. Immutable.
 */
public final class JsonPath {
  private static final Pattern STEP =
      Pattern.compile(
          "\\.([^.\\[\\]]+)"
              + "|\\[\\?\\(\\s*@\\.([^=!\\s]+)\\s*==\\s*[\"']([^\"']*)[\"']\\s*\\)\\]"
              + "|\\[['\"]([^'\"]+)['\"]\\]"
              + "|\\[(\\d+)\\]"
              + "|(\\[\\*\\])");

  private sealed interface Step {}

  private record Field(String name) implements Step {}

  private record Index(int index) implements Step {}

  private record Filter(String name, String value) implements Step {}

  private record All() implements Step {}

  private final List<Step> steps;

  private JsonPath(List<Step> steps) {
    this.steps = List.copyOf(steps);
  }

  /**
   * @throws IllegalArgumentException when the path uses what is not offered
   */
  public static JsonPath of(String path) {
    var steps = new ArrayList<Step>();
    // An escaped dot belongs to the name.
    var text = path.replace("\\.", "\0");
    var matcher = STEP.matcher(text);
    var end = 0;
    while (matcher.find(end) && matcher.start() == end) {
      steps.add(step(matcher));
      end = matcher.end();
    }
    if (end != text.length() || steps.isEmpty()) {
      throw new IllegalArgumentException("JSON path is not offered: " + path);
    }
    return new JsonPath(steps);
  }

  private static Step step(com.google.re2j.Matcher matcher) {
    if (matcher.group(1) != null) {
      return new Field(matcher.group(1).replace('\0', '.'));
    }
    if (matcher.group(2) != null) {
      return new Filter(matcher.group(2), matcher.group(3).replace('\0', '.'));
    }
    if (matcher.group(4) != null) {
      return new Field(matcher.group(4).replace('\0', '.'));
    }
    return matcher.group(5) != null ? new Index(Integer.parseInt(matcher.group(5))) : new All();
  }

  /** Every value there is. */
  public List<JsonNode> find(JsonNode root) {
    var found = List.of(root);
    for (var step : steps) {
      var next = new ArrayList<JsonNode>();
      for (var node : found) {
        select(node, step, next);
      }
      found = next;
    }
    return found;
  }

  private static void select(JsonNode node, Step step, List<JsonNode> found) {
    switch (step) {
      case Field(var name) -> {
        if (node.has(name)) {
          found.add(node.get(name));
        }
      }
      case Index(var index) -> {
        if (node.has(index)) {
          found.add(node.get(index));
        }
      }
      case Filter(var name, var value) -> {
        for (var item : node) {
          if (value.equals(item.path(name).asText(""))) {
            found.add(item);
          }
        }
      }
      case All() -> node.forEach(found::add);
    }
  }

  /** The names on the way, when the path is nothing but fields. */
  public List<String> fieldNames() {
    return steps.stream().filter(Field.class::isInstance).map(s -> ((Field) s).name()).toList();
  }
}
