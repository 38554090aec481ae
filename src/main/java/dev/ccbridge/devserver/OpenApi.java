package dev.ccbridge.devserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.devserver.schema.Json;
import java.util.List;
import java.util.Optional;

/**
 * OpenAPI v3: schemas for {@code kubectl explain}, and the parameters by which kubectl sees that
 * fields are validated by the server. Thread-safe.
 */
final class OpenApi {
  private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

  private final ResourceTypes types;

  OpenApi(ResourceTypes types) {
    this.types = types;
  }

  ObjectNode index() {
    var index = Json.object();
    var paths = index.putObject("paths");
    types
        .versionsByGroup()
        .forEach(
            (group, versions) -> {
              for (var version : versions) {
                var path = path(group, version);
                var document = document(group, version).map(Object::toString).orElse("");
                paths
                    .putObject(path)
                    .put(
                        "serverRelativeURL",
                        "/openapi/v3/"
                            + path
                            + "?hash="
                            + Integer.toHexString(document.hashCode()));
              }
            });
    return index;
  }

  private static String path(String group, String version) {
    return group.isEmpty() ? "api/" + version : "apis/" + group + "/" + version;
  }

  Optional<ObjectNode> document(String group, String version) {
    var served = types.of(group, version);
    if (served.isEmpty()) {
      return Optional.empty();
    }
    var document = Json.object().put("openapi", "3.0.0");
    document.putObject("info").put("title", "cc-bridge development API").put("version", "v1.36.0");
    var paths = document.putObject("paths");
    var schemas = document.putObject("components").putObject("schemas");
    schemas.set(META, ResourceTypes.objectMeta());
    served.forEach(
        type -> {
          addPaths(paths, type);
          addSchema(schemas, type);
        });
    return Optional.of(document);
  }

  private static void addSchema(ObjectNode schemas, ResourceType type) {
    ObjectNode schema = type.ownSchema().deepCopy();
    schema.withArrayProperty("x-kubernetes-group-version-kind").add(groupVersionKind(type));
    var properties = schema.withObjectProperty("properties");
    properties
        .putObject("metadata")
        .put("description", "Standard object's metadata.")
        .putArray("allOf")
        .addObject()
        .put("$ref", "#/components/schemas/" + META);
    describe(
        properties,
        "apiVersion",
        "APIVersion defines the versioned schema of this representation of an object.");
    describe(properties, "kind", "Kind is the REST resource this object represents.");
    schemas.set(schemaName(type), schema);
  }

  private static void describe(ObjectNode properties, String name, String description) {
    var property = properties.withObjectProperty(name).put("type", "string");
    if (!property.has("description")) {
      property.put("description", description);
    }
  }

  private static String schemaName(ResourceType type) {
    var reversed = String.join(".", List.of(type.group().split("\\.")).reversed());
    return (type.group().isEmpty() ? "core" : reversed) + "." + type.version() + "." + type.kind();
  }

  private static ObjectNode groupVersionKind(ResourceType type) {
    return Json.object()
        .put("group", type.group())
        .put("version", type.version())
        .put("kind", type.kind());
  }

  private static void addPaths(ObjectNode paths, ResourceType type) {
    var collection =
        "/"
            + path(type.group(), type.version())
            + (type.namespaced() ? "/namespaces/{namespace}/" : "/")
            + type.plural();
    var all = paths.putObject(collection);
    operation(all, "get", "list", type);
    operation(all, "post", "post", type);
    var one = paths.putObject(collection + "/{name}");
    operation(one, "get", "get", type);
    operation(one, "put", "put", type);
    operation(one, "patch", "patch", type);
    operation(one, "delete", "delete", type);
  }

  private static void operation(ObjectNode path, String method, String action, ResourceType type) {
    var operation = path.putObject(method).put("x-kubernetes-action", action);
    operation.set("x-kubernetes-group-version-kind", groupVersionKind(type));
    var parameters = operation.putArray("parameters");
    if (List.of("post", "put", "patch").contains(method)) {
      for (var name : List.of("dryRun", "fieldManager", "fieldValidation")) {
        var parameter = parameters.addObject().put("name", name).put("in", "query");
        parameter.putObject("schema").put("type", "string").put("uniqueItems", true);
      }
    }
    operation
        .putObject("responses")
        .putObject("200")
        .put("description", "OK")
        .putObject("content")
        .putObject("application/json")
        .putObject("schema")
        .put("$ref", "#/components/schemas/" + schemaName(type));
  }
}
