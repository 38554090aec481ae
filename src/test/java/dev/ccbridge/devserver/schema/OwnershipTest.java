package dev.ccbridge.devserver.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.devserver.schema.Ownership.ConflictException;
import dev.ccbridge.devserver.schema.Ownership.Manager;
import org.junit.jupiter.api.Test;

class OwnershipTest {
  private static final String NOW = "2026-01-01T00:00:00Z";
  private static final Schema SCHEMA =
      Schema.of(
          Json.parse(
              """
              {"type": "object", "properties": {
                "metadata": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
                "spec": {"type": "object", "properties": {
                  "a": {"type": "string"}, "b": {"type": "string"},
                  "map": {"type": "object", "additionalProperties": {"type": "string"}},
                  "atomic": {"type": "array", "items": {"type": "string"}},
                  "set": {"type": "array", "x-kubernetes-list-type": "set",
                          "items": {"type": "string"}},
                  "list": {"type": "array", "x-kubernetes-list-type": "map",
                           "x-kubernetes-list-map-keys": ["k"], "items": {"type": "object",
                             "properties": {"k": {"type": "string"}, "v": {"type": "string"}}}}}}}}
              """));
  private static final Manager ONE = new Manager("one", "Apply", "v1", "");
  private static final Manager TWO = new Manager("two", "Apply", "v1", "");
  private static final Manager EDITOR = new Manager("editor", "Update", "v1", "");

  private final Ownership ownership = new Ownership(SCHEMA, true, false);

  @Test
  void removesWhatIsNoLongerApplied() throws Exception {
    var live = apply(null, ONE, "{\"a\": \"1\", \"map\": {\"x\": \"1\", \"y\": \"2\"}}");

    live = apply(live, ONE, "{\"map\": {\"y\": \"2\"}}");

    assertThat(live.path("spec")).isEqualTo(Json.parse("{\"map\": {\"y\": \"2\"}}"));
  }

  @Test
  void keepsWhatAnotherAppliesToo() throws Exception {
    var live = apply(null, ONE, "{\"a\": \"1\", \"set\": [\"x\", \"y\"]}");
    live = apply(live, TWO, "{\"a\": \"1\", \"set\": [\"y\"]}");

    live = apply(live, ONE, "{}");

    assertThat(live.path("spec")).isEqualTo(Json.parse("{\"a\": \"1\", \"set\": [\"y\"]}"));
  }

  @Test
  void keepsWhatAnotherAddedToAnItemThatWentAway() throws Exception {
    var live = apply(null, ONE, "{\"list\": [{\"k\": \"a\"}, {\"k\": \"b\"}]}");
    live = apply(live, TWO, "{\"list\": [{\"k\": \"a\", \"v\": \"2\"}]}");

    live = apply(live, ONE, "{\"list\": []}");

    assertThat(live.path("spec").path("list"))
        .isEqualTo(Json.parse("[{\"k\": \"a\", \"v\": \"2\"}]"));
  }

  @Test
  void refusesToChangeWhatAnotherOwns() throws Exception {
    var live = apply(null, ONE, "{\"a\": \"1\", \"atomic\": [\"x\"]}");

    assertThatThrownBy(() -> apply(live, TWO, "{\"a\": \"2\", \"atomic\": [\"y\"]}"))
        .isInstanceOfSatisfying(
            ConflictException.class,
            refused ->
                assertThat(refused.conflicts())
                    .extracting(Ownership.Conflict::field)
                    .containsExactly(".spec.a", ".spec.atomic"));
  }

  @Test
  void takesItWithForce() throws Exception {
    var live = apply(null, ONE, "{\"a\": \"1\", \"b\": \"1\"}");

    live = ownership.apply(live, object("{\"a\": \"2\"}"), TWO, true, NOW);

    assertThat(live.path("spec")).isEqualTo(Json.parse("{\"a\": \"2\", \"b\": \"1\"}"));
    assertThat(fields(live, "one")).isEqualTo(Json.parse("{\"f:spec\": {\"f:b\": {}}}"));
    assertThat(fields(live, "two")).isEqualTo(Json.parse("{\"f:spec\": {\"f:a\": {}}}"));
  }

  @Test
  void aChangeTakesItsFieldFromItsApplier() throws Exception {
    var live = apply(null, ONE, "{\"a\": \"1\", \"b\": \"1\"}");
    ObjectNode changed = live.deepCopy();
    changed.withObjectProperty("spec").put("a", "2");

    live = ownership.update(live, changed, EDITOR, NOW);

    assertThat(fields(live, "one")).isEqualTo(Json.parse("{\"f:spec\": {\"f:b\": {}}}"));
    assertThat(fields(live, "editor")).isEqualTo(Json.parse("{\"f:spec\": {\"f:a\": {}}}"));
  }

  @Test
  void addsItemsInTheAppliersOrderAfterWhatStandsThere() throws Exception {
    var live = apply(null, ONE, "{\"set\": [\"b\", \"d\"]}");

    live = apply(live, TWO, "{\"set\": [\"a\", \"b\", \"c\"]}");

    assertThat(live.path("spec").path("set")).isEqualTo(Json.parse("[\"a\", \"b\", \"d\", \"c\"]"));
  }

  @Test
  void readsAndWritesFieldsAsInManagedFields() {
    var json =
        Json.parse(
            "{\"f:spec\": {\".\": {}, \"f:list\": {\"k:{\\\"k\\\":\\\"a\\\"}\": {\".\": {},"
                + " \"f:v\": {}}}}}");

    assertThat(FieldSet.of(json).toJson()).isEqualTo(json);
  }

  private ObjectNode apply(ObjectNode live, Manager manager, String spec) throws ConflictException {
    return ownership.apply(live, object(spec), manager, false, NOW);
  }

  private static ObjectNode object(String spec) {
    var object = Json.object();
    object.set("spec", Json.parse(spec));
    return object;
  }

  private static JsonNode fields(ObjectNode object, String manager) {
    for (var entry : object.path("metadata").path("managedFields")) {
      if (Json.text(entry, "manager").equals(manager)) {
        return entry.path("fieldsV1");
      }
    }
    return Json.object();
  }
}
