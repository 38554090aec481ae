package dev.ccbridge.vectors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The expectation of a case, wrong in one place: each text, number, truth value and null changed,
 * each member and element missing, one too many, one twice, two in the wrong order. What a runner
 * takes for equal all the same, it does not compare.
 */
final class Mutations {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private final JsonNode vector;
  private final BiConsumer<String, JsonNode> seen;

  private Mutations(JsonNode vector, BiConsumer<String, JsonNode> seen) {
    this.vector = vector;
    this.seen = seen;
  }

  /**
   * @param mutated takes what was done, as {@code <what> <JSON pointer>}, and the whole case
   */
  static void of(JsonNode vector, BiConsumer<String, JsonNode> mutated) {
    new Mutations(vector, mutated).visit(vector.path("expected"), "");
  }

  private void visit(JsonNode node, String pointer) {
    switch (node) {
      case ObjectNode object -> {
        add("added", pointer, copy -> ((ObjectNode) copy).put("unexpected", 1));
        for (var member : object.properties()) {
          var name = member.getKey();
          change(pointer, name, member.getValue());
          add(
              "removed",
              pointer + "/" + escaped(name),
              pointer,
              copy -> ((ObjectNode) copy).remove(name));
          visit(member.getValue(), pointer + "/" + escaped(name));
        }
      }
      case ArrayNode array -> {
        elements(array, pointer);
        for (var i = 0; i < array.size(); i++) {
          var index = i;
          add("removed", pointer + "/" + i, pointer, copy -> ((ArrayNode) copy).remove(index));
          change(array, pointer, index);
          visit(array.get(i), pointer + "/" + i);
        }
      }
      default -> {}
    }
  }

  private void elements(ArrayNode array, String pointer) {
    add("added", pointer, copy -> ((ArrayNode) copy).add("unexpected"));
    if (!array.isEmpty()) {
      add("doubled", pointer, copy -> ((ArrayNode) copy).add(copy.get(0).deepCopy()));
    }
    for (var i = 1; i < array.size(); i++) {
      var index = i;
      if (!array.get(i).equals(array.get(i - 1))) {
        add(
            "swapped",
            pointer,
            copy -> ((ArrayNode) copy).insert(index - 1, ((ArrayNode) copy).remove(index)));
      }
    }
  }

  private void change(String pointer, String name, JsonNode value) {
    for (var other : others(value)) {
      add(
          "changed",
          pointer + "/" + escaped(name),
          pointer,
          copy -> ((ObjectNode) copy).set(name, other));
    }
  }

  private void change(ArrayNode parent, String pointer, int index) {
    for (var other : others(parent.get(index))) {
      add("changed", pointer + "/" + index, pointer, copy -> ((ArrayNode) copy).set(index, other));
    }
  }

  private static List<JsonNode> others(JsonNode value) {
    var others = new ArrayList<JsonNode>();
    if (value.isTextual()) {
      others.add(JSON.textNode(value.asText() + "x"));
      if (!value.asText().isEmpty()) {
        others.add(JSON.textNode(""));
      }
    } else if (value.isNumber()) {
      others.add(number(value.decimalValue().add(BigDecimal.ONE)));
    } else if (value.isBoolean()) {
      others.add(JSON.booleanNode(!value.asBoolean()));
    } else if (value.isNull()) {
      others.add(JSON.textNode("unexpected"));
    } else {
      others.add(JSON.nullNode());
    }
    return others;
  }

  /** Of the class that reading gives it: nodes of different classes are never equal. */
  private static JsonNode number(BigDecimal value) {
    try {
      return VectorsTest.JSON.readTree(value.toPlainString());
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private void add(String what, String pointer, Consumer<JsonNode> mutation) {
    add(what, pointer, pointer, mutation);
  }

  private void add(String what, String where, String pointer, Consumer<JsonNode> mutation) {
    ObjectNode whole = JSON.objectNode();
    vector.properties().forEach(member -> whole.set(member.getKey(), member.getValue()));
    var expected = vector.path("expected").deepCopy();
    whole.set("expected", expected);
    mutation.accept(expected.at(pointer));
    seen.accept(what + " " + where, whole);
  }

  private static String escaped(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }
}
