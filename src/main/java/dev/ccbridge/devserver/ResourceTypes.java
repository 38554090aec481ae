package dev.ccbridge.devserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.devserver.schema.CelRules;
import dev.ccbridge.devserver.schema.Json;
import dev.ccbridge.devserver.schema.JsonPath;
import dev.ccbridge.devserver.schema.Schema;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** All resources that are served: the built-in ones and those of CRDs. Thread-safe. */
final class ResourceTypes {
  private static final JsonNode BUILT_IN = load();
  private static final JsonNode OBJECT_META = BUILT_IN.path("objectMeta");

  private final Map<String, ResourceType> types = new ConcurrentSkipListMap<>();

  ResourceTypes() {
    for (var each : BUILT_IN.path("types")) {
      var type = builtIn(each);
      types.put(id(type.group(), type.version(), type.plural()), type);
    }
  }

  private static JsonNode load() {
    try (var in = ResourceTypes.class.getResourceAsStream("builtins.yml")) {
      if (in == null) {
        throw new IllegalStateException("builtins.yml is not on the class path");
      }
      return Json.parseYaml(in.readAllBytes());
    } catch (IOException unreadable) {
      throw new IllegalStateException("builtins.yml cannot be read", unreadable);
    }
  }

  private static String id(String group, String version, String plural) {
    return group + "/" + version + "/" + plural;
  }

  Optional<ResourceType> find(String group, String version, String plural) {
    return Optional.ofNullable(types.get(id(group, version, plural)));
  }

  /** One of the core group that is always there. */
  ResourceType core(String plural) {
    return find("", "v1", plural).orElseThrow();
  }

  ResourceType customResourceDefinitions() {
    return find("apiextensions.k8s.io", "v1", "customresourcedefinitions").orElseThrow();
  }

  Collection<ResourceType> all() {
    return types.values();
  }

  /** Versions by group, newest first within a group. */
  Map<String, List<String>> versionsByGroup() {
    var groups = new TreeMap<String, List<String>>();
    for (var type : types.values()) {
      var versions = groups.computeIfAbsent(type.group(), g -> new ArrayList<>());
      if (!versions.contains(type.version())) {
        versions.add(type.version());
      }
    }
    return groups;
  }

  List<ResourceType> of(String group, String version) {
    return types.values().stream()
        .filter(type -> type.group().equals(group) && type.version().equals(version))
        .toList();
  }

  /** Serves what a CRD defines, in place of what it defined before. */
  void serve(List<ResourceType> defined) {
    stopServing(defined.getFirst().group(), defined.getFirst().plural());
    for (var type : defined) {
      types.put(id(type.group(), type.version(), type.plural()), type);
    }
  }

  void stopServing(String group, String plural) {
    types
        .values()
        .removeIf(
            type -> !type.builtIn() && type.group().equals(group) && type.plural().equals(plural));
  }

  private static ResourceType builtIn(JsonNode json) {
    var own = json.path("schema");
    return new ResourceType(
        Json.text(json, "group"),
        Json.text(json, "version"),
        names(json.path("names")),
        Json.text(json, "scope").equals("Namespaced"),
        true,
        json.path("subresources").has("status"),
        null,
        withMetadata(own),
        own,
        CelRules.compile(Schema.of(own), ""),
        List.of(),
        new TreeSet<>());
  }

  /**
   * What {@code crd} defines, one entry per served version.
   *
   * @throws dev.ccbridge.devserver.schema.RuleException when a rule does not compile
   */
  static List<ResourceType> defined(JsonNode crd) {
    var spec = crd.path("spec");
    var served = new ArrayList<ResourceType>();
    var versions = spec.path("versions");
    for (var i = 0; i < versions.size(); i++) {
      var version = versions.get(i);
      if (version.path("served").asBoolean()) {
        var where = versions.size() == 1 ? "spec.validation" : "spec.versions[" + i + "].schema";
        served.add(custom(spec, version, where + ".openAPIV3Schema"));
      }
    }
    return served;
  }

  private static ResourceType custom(JsonNode spec, JsonNode version, String where) {
    var own = version.path("schema").path("openAPIV3Schema");
    var fields = new TreeSet<String>();
    version
        .path("selectableFields")
        .forEach(each -> fields.add(Json.text(each, "jsonPath").replaceFirst("^\\.", "")));
    return new ResourceType(
        Json.text(spec, "group"),
        Json.text(version, "name"),
        names(spec.path("names")),
        Json.text(spec, "scope").equals("Namespaced"),
        false,
        version.path("subresources").has("status"),
        scale(version.path("subresources").path("scale")),
        withMetadata(own),
        own,
        CelRules.compile(Schema.of(own), where),
        columns(version.path("additionalPrinterColumns")),
        fields);
  }

  /** Metadata, kind and apiVersion are Kubernetes's own, whatever a CRD says of them. */
  private static Schema withMetadata(JsonNode own) {
    ObjectNode whole = own.deepCopy();
    var properties = whole.withObjectProperty("properties");
    properties.set("metadata", OBJECT_META);
    properties.putObject("apiVersion").put("type", "string");
    properties.putObject("kind").put("type", "string");
    return Schema.of(whole);
  }

  private static ResourceType.Names names(JsonNode json) {
    return new ResourceType.Names(
        Json.text(json, "plural"),
        Json.text(json, "singular"),
        Json.text(json, "kind"),
        Json.text(json, "listKind"),
        texts(json.path("shortNames")),
        texts(json.path("categories")));
  }

  private static List<String> texts(JsonNode array) {
    var texts = new ArrayList<String>();
    array.forEach(each -> texts.add(each.asText()));
    return List.copyOf(texts);
  }

  private static ResourceType.@Nullable Scale scale(JsonNode json) {
    if (!json.isObject()) {
      return null;
    }
    var selector = Json.text(json, "labelSelectorPath");
    return new ResourceType.Scale(
        JsonPath.of(Json.text(json, "specReplicasPath")),
        JsonPath.of(Json.text(json, "statusReplicasPath")),
        selector.isEmpty() ? null : JsonPath.of(selector));
  }

  private static List<ResourceType.Column> columns(JsonNode json) {
    var columns = new ArrayList<ResourceType.Column>();
    for (var each : json) {
      var description = Json.text(each, "description");
      columns.add(
          new ResourceType.Column(
              Json.text(each, "name"),
              Json.text(each, "type"),
              Json.text(each, "format"),
              description.isEmpty()
                  ? "Custom resource definition column (in JSONPath format): "
                      + Json.text(each, "jsonPath")
                  : description,
              each.path("priority").asInt(0),
              JsonPath.of(Json.text(each, "jsonPath"))));
    }
    return List.copyOf(columns);
  }

  /** Kubernetes's own description of metadata, for OpenAPI. */
  static JsonNode objectMeta() {
    return OBJECT_META;
  }
}
