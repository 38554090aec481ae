package dev.ccbridge.devserver.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

class StructureTest {
  private static final Schema SCHEMA =
      Schema.of(
          Json.parse(
              """
              {"type": "object", "properties": {
                "a": {"type": "string", "default": "x"},
                "n": {"type": "string", "nullable": true, "default": "y"},
                "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
                "map": {"type": "object", "additionalProperties": {"type": "object",
                  "properties": {"k": {"type": "integer", "default": 1}}}},
                "list": {"type": "array", "items": {"type": "object",
                  "properties": {"k": {"type": "integer", "default": 2}}}}}}
              """));

  @Test
  void removesUndeclaredFieldsAndNamesThem() {
    var object =
        object(
            """
            {"b": 1, "free": {"any": {"thing": 1}}, "map": {"x": {"k": 1, "l": 2}},
             "list": [{"k": 1}, {"m": 3}]}
            """);

    var removed = Structure.prune(object, SCHEMA);

    assertThat(removed).containsExactly("b", "list[1].m", "map.x.l");
    assertThat(object)
        .isEqualTo(
            object(
                """
                {"free": {"any": {"thing": 1}}, "map": {"x": {"k": 1}}, "list": [{"k": 1}, {}]}
                """));
  }

  @Test
  void fillsInDefaultsOnEveryLevel() {
    var object = object("{\"map\": {\"x\": {}}, \"list\": [{}, {\"k\": 7}]}");

    Structure.applyDefaults(object, SCHEMA);

    assertThat(object)
        .isEqualTo(
            object(
                """
                {"map": {"x": {"k": 1}}, "list": [{"k": 2}, {"k": 7}], "a": "x", "n": "y"}
                """));
  }

  @Test
  void takesNullForAbsenceUnlessItIsAllowed() {
    var object = object("{\"a\": null, \"n\": null}");

    Structure.applyDefaults(object, SCHEMA);

    assertThat(object).isEqualTo(object("{\"a\": \"x\", \"n\": null}"));
  }

  private static ObjectNode object(String json) {
    return (ObjectNode) Json.parse(json);
  }
}
