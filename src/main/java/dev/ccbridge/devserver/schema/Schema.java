package dev.ccbridge.devserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One node of a structural schema. Immutable.
 *
 * <p>Only what more than one user needs is taken out; the value checks read {@link #json()}.
 */
public final class Schema {
  private final JsonNode json;
  private final String type;
  private final Map<String, Schema> properties;
  private final @Nullable Schema additional;
  private final @Nullable Schema items;
  private final List<String> listKeys;

  private Schema(JsonNode json) {
    this.json = json;
    this.type = Json.text(json, "type");
    var parsed = new TreeMap<String, Schema>();
    json.path("properties").properties().forEach(p -> parsed.put(p.getKey(), of(p.getValue())));
    this.properties = new LinkedHashMap<>(parsed);
    this.additional =
        json.path("additionalProperties").isObject() ? of(json.get("additionalProperties")) : null;
    this.items = json.path("items").isObject() ? of(json.get("items")) : null;
    var keys = new ArrayList<String>();
    json.path("x-kubernetes-list-map-keys").forEach(key -> keys.add(key.asText()));
    this.listKeys = List.copyOf(keys);
  }

  public static Schema of(JsonNode json) {
    return new Schema(json);
  }

  public JsonNode json() {
    return json;
  }

  /** {@code object}, {@code array} and so on; empty when any type is allowed. */
  public String type() {
    return type;
  }

  /** In the order of their names. */
  public Map<String, Schema> properties() {
    return properties;
  }

  /** The schema of the values of a map with free keys. */
  public @Nullable Schema additional() {
    return additional;
  }

  public @Nullable Schema items() {
    return items;
  }

  /** The schema of the field {@code name} of an object, null when it is not declared. */
  public @Nullable Schema child(String name) {
    var property = properties.get(name);
    return property == null ? additional : property;
  }

  public boolean preservesUnknown() {
    return flag("x-kubernetes-preserve-unknown-fields");
  }

  public boolean isIntOrString() {
    return flag("x-kubernetes-int-or-string");
  }

  public boolean isEmbeddedResource() {
    return flag("x-kubernetes-embedded-resource");
  }

  public boolean isNullable() {
    return flag("nullable");
  }

  boolean flag(String name) {
    return json.path(name).asBoolean();
  }

  boolean isSet() {
    return "set".equals(Json.text(json, "x-kubernetes-list-type"));
  }

  boolean isListMap() {
    return "map".equals(Json.text(json, "x-kubernetes-list-type"));
  }

  boolean isAtomicMap() {
    return "atomic".equals(Json.text(json, "x-kubernetes-map-type"));
  }

  /** The keys that tell the items of a list map apart. */
  List<String> listKeys() {
    return listKeys;
  }
}
