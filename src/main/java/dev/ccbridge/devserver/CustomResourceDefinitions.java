package dev.ccbridge.devserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.devserver.ObjectStore.Stored;
import dev.ccbridge.devserver.schema.FieldError;
import dev.ccbridge.devserver.schema.FieldError.Type;
import dev.ccbridge.devserver.schema.Json;
import dev.ccbridge.devserver.schema.Ownership.Manager;
import dev.ccbridge.devserver.schema.RuleException;
import dev.ccbridge.devserver.schema.Schema;
import dev.ccbridge.devserver.schema.SchemaValidator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * CRDs: their checks, and serving what they define. A CRD that uses what this server does not offer
 * is refused, since half of it would be silently wrong.
 */
final class CustomResourceDefinitions {
  static final String CLEANUP = "customresourcecleanup.apiextensions.k8s.io";
  private static final Manager SERVER =
      new Manager("kube-apiserver", "Update", "apiextensions.k8s.io/v1", "status");

  private final ObjectStore store;
  private final ResourceTypes types;
  private final Writes writes;

  CustomResourceDefinitions(ObjectStore store, ResourceTypes types, Writes writes) {
    this.store = store;
    this.types = types;
    this.writes = writes;
  }

  /** Serves every stored CRD. */
  void serveAll() {
    var type = types.customResourceDefinitions();
    for (var stored : store.list(type.storageKey(), null).objects()) {
      types.serve(ResourceTypes.defined(stored.object()));
    }
  }

  /** Serves a CRD that was just written, and says so in its status. */
  void established(String name) {
    var type = types.customResourceDefinitions();
    for (var stored = store.get(type.key("", name));
        stored.isPresent();
        stored = store.get(type.key("", name))) {
      var crd = type.fromStored(stored.get());
      types.serve(ResourceTypes.defined(crd));
      if (writeStatus(type, stored.get(), crd)) {
        return;
      }
    }
  }

  private boolean writeStatus(ResourceType type, Stored seen, ObjectNode crd) {
    var changed = crd.deepCopy();
    var status = changed.withObjectProperty("status");
    status.set("acceptedNames", crd.path("spec").path("names").deepCopy());
    status.set("storedVersions", storedVersions(crd));
    if (status.path("conditions").isEmpty()) {
      var conditions = status.putArray("conditions");
      condition(conditions.addObject(), "NamesAccepted", "NoConflicts", "no conflicts found");
      condition(
          conditions.addObject(),
          "Established",
          "InitialNamesAccepted",
          "the initial names have been accepted");
    }
    var owned = type.ownership().update(crd, changed, SERVER, writes.now());
    return owned.equals(crd) || store.update(seen, owned).isPresent();
  }

  static ArrayNode storedVersions(JsonNode crd) {
    var stored = Json.object().putArray("versions");
    for (var version : crd.path("spec").path("versions")) {
      if (version.path("storage").asBoolean()) {
        stored.add(Json.text(version, "name"));
      }
    }
    return stored;
  }

  private void condition(ObjectNode condition, String type, String reason, String message) {
    condition
        .put("type", type)
        .put("status", "True")
        .put("lastTransitionTime", writes.now())
        .put("reason", reason)
        .put("message", message);
  }

  /** Defaults that the server's code sets. */
  static void complete(ObjectNode crd) {
    if (!(crd.get("spec") instanceof ObjectNode spec)) {
      return;
    }
    if (!spec.has("conversion")) {
      spec.putObject("conversion").put("strategy", "None");
    }
    for (var version : spec.path("versions")) {
      for (var column : version.path("additionalPrinterColumns")) {
        if (column instanceof ObjectNode fields && column.path("priority").asInt() == 0) {
          fields.remove("priority");
        }
      }
    }
    if (spec.get("names") instanceof ObjectNode names) {
      var kind = Json.text(names, "kind");
      if (Json.text(names, "singular").isEmpty() && !kind.isEmpty()) {
        names.put("singular", kind.toLowerCase(Locale.ROOT));
      }
      if (Json.text(names, "listKind").isEmpty() && !kind.isEmpty()) {
        names.put("listKind", kind + "List");
      }
    }
  }

  static List<FieldError> validate(ObjectNode crd, @Nullable ObjectNode old) {
    var errors = new ArrayList<FieldError>();
    var spec = crd.path("spec");
    var wanted = Json.text(spec, "names", "plural") + "." + Json.text(spec, "group");
    var name = Json.text(crd, "metadata", "name");
    if (!name.equals(wanted)) {
      errors.add(
          FieldError.invalid(
              "metadata.name",
              MetadataRules.quote(name),
              "must be spec.names.plural+\".\"+spec.group"));
    }
    require(spec, errors, "group");
    require(spec, errors, "scope");
    checkStorageVersion(spec.path("versions"), errors);
    for (var field : List.of("plural", "singular", "kind", "listKind")) {
      require(spec, errors, "names", field);
    }
    if (old != null) {
      checkImmutable(spec, old.path("spec"), errors);
    }
    if (!Json.text(spec, "conversion", "strategy").equals("None")) {
      errors.add(notOffered("spec.conversion.strategy", "other conversions than None"));
    }
    if (errors.isEmpty()) {
      checkSchemas(crd, errors);
    }
    return errors;
  }

  private static void require(JsonNode spec, List<FieldError> errors, String... path) {
    if (Json.text(spec, path).isEmpty()) {
      errors.add(FieldError.required("spec." + String.join(".", path)));
    }
  }

  private static void checkStorageVersion(JsonNode versions, List<FieldError> errors) {
    var storage = 0;
    for (var version : versions) {
      storage += version.path("storage").asBoolean() ? 1 : 0;
    }
    if (storage != 1) {
      errors.add(
          FieldError.invalid(
              "spec.versions",
              versions.isMissingNode() ? "null" : versions.toString(),
              "must have exactly one version marked as storage version"));
    }
  }

  private static void checkImmutable(JsonNode spec, JsonNode old, List<FieldError> errors) {
    for (var field : List.of("group", "scope")) {
      if (!spec.path(field).equals(old.path(field))) {
        errors.add(
            FieldError.invalid("spec." + field, spec.path(field).toString(), "field is immutable"));
      }
    }
    for (var field : List.of("plural", "kind")) {
      var now = spec.path("names").path(field);
      if (!now.equals(old.path("names").path(field))) {
        errors.add(FieldError.invalid("spec.names." + field, now.toString(), "field is immutable"));
      }
    }
  }

  private static void checkSchemas(ObjectNode crd, List<FieldError> errors) {
    var versions = crd.path("spec").path("versions");
    for (var i = 0; i < versions.size(); i++) {
      var where = versions.size() == 1 ? "spec.validation" : "spec.versions[" + i + "].schema";
      var schema = versions.get(i).path("schema").path("openAPIV3Schema");
      if (!schema.isObject()) {
        errors.add(
            FieldError.required(
                "spec.versions[" + i + "].schema.openAPIV3Schema", "schemas are required"));
        continue;
      }
      checkSchema(schema, where + ".openAPIV3Schema", errors);
    }
    if (!errors.isEmpty()) {
      return;
    }
    try {
      ResourceTypes.defined(crd);
    } catch (RuleException rule) {
      errors.add(FieldError.invalid(rule.field(), rule.value(), rule.message()));
    } catch (IllegalArgumentException path) {
      errors.add(FieldError.of(Type.INVALID, "spec.versions", String.valueOf(path.getMessage())));
    }
  }

  private static void checkSchema(JsonNode json, String where, List<FieldError> errors) {
    var schema = Schema.of(json);
    if (schema.type().isEmpty() && !schema.isIntOrString() && !schema.preservesUnknown()) {
      errors.add(
          FieldError.required(where + ".type", "must not be empty for specified object fields"));
    }
    if (json.has("$ref")) {
      errors.add(FieldError.of(Type.FORBIDDEN, where + ".$ref", "$ref is not supported"));
    }
    var wanted = json.get("default");
    if (wanted != null) {
      for (var error : SchemaValidator.validate(wanted, schema, "")) {
        errors.add(
            new FieldError(error.type(), where + ".default" + error.field(), error.message()));
      }
    }
    json.path("properties")
        .properties()
        .forEach(p -> checkSchema(p.getValue(), where + ".properties[" + p.getKey() + "]", errors));
    if (json.path("items").isObject()) {
      checkSchema(json.get("items"), where + ".items", errors);
    }
    if (json.path("additionalProperties").isObject()) {
      checkSchema(json.get("additionalProperties"), where + ".additionalProperties", errors);
    }
  }

  private static FieldError notOffered(String field, String what) {
    return FieldError.of(
        Type.FORBIDDEN, field, "the development API server does not offer " + what);
  }
}
