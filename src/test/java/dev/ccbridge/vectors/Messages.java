package dev.ccbridge.vectors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.receptor.model.GoJson;
import java.util.Locale;

/** What the conditions of differences look at, however it is written. */
final class Messages {
  private Messages() {}

  /**
   * The body of a case's request, given as JSON or as text: the first value in it, with folded
   * names.
   *
   * @return missing: it has none, or no JSON
   */
  static JsonNode of(JsonNode vector) {
    var input = vector.path("input");
    if (input.has("body")) {
      return folded(input.path("body"));
    }
    try {
      return folded(GoJson.first(input.path("body_text").asText(""), GoJson.Names.FOLDED));
    } catch (JsonProcessingException noJson) {
      return MissingNode.getInstance();
    }
  }

  /** With the names of all members in lower case, as they are in the originals' structs. */
  static JsonNode folded(JsonNode node) {
    return switch (node) {
      case ObjectNode object -> {
        var all = object.objectNode();
        object
            .propertyStream()
            .filter(m -> !m.getValue().isNull())
            .forEach(m -> all.set(m.getKey().toLowerCase(Locale.ROOT), folded(m.getValue())));
        yield all;
      }
      case ArrayNode array -> {
        var all = array.arrayNode();
        array.forEach(element -> all.add(folded(element)));
        yield all;
      }
      default -> node;
    };
  }
}
