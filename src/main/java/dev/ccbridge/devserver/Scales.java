package dev.ccbridge.devserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.devserver.schema.FieldError;
import dev.ccbridge.devserver.schema.Json;
import dev.ccbridge.devserver.schema.JsonPath;
import java.util.List;
import java.util.Locale;

/** The scale subresource: an {@code autoscaling/v1 Scale} as a view of a custom resource. */
final class Scales {
  private Scales() {}

  static ObjectNode view(ResourceType type, ObjectNode object) {
    var paths = scaleOf(type);
    var scale = Json.object();
    scale.put("kind", "Scale").put("apiVersion", "autoscaling/v1");
    var metadata = scale.putObject("metadata");
    for (var field : List.of("name", "namespace", "uid", "resourceVersion", "creationTimestamp")) {
      var value = object.path("metadata").path(field);
      if (!value.isMissingNode()) {
        metadata.set(field, value);
      }
    }
    var wanted = number(paths.specReplicas(), object);
    var spec = scale.putObject("spec");
    if (wanted != 0) {
      spec.put("replicas", wanted);
    }
    var status = scale.putObject("status");
    status.put("replicas", number(paths.statusReplicas(), object));
    var selector = paths.selector();
    if (selector != null) {
      var text = selector.find(object).stream().findFirst().map(JsonNode::asText).orElse("");
      if (!text.isEmpty()) {
        status.put("selector", text);
      }
    }
    return scale;
  }

  /** A copy of {@code object} with the replicas that {@code scale} wants. */
  static ObjectNode apply(ResourceType type, ObjectNode object, ObjectNode scale) {
    ObjectNode result = object.deepCopy();
    var names = scaleOf(type).specReplicas().fieldNames();
    var at = result;
    for (var name : names.subList(0, names.size() - 1)) {
      at = at.withObjectProperty(name);
    }
    at.put(names.getLast(), scale.path("spec").path("replicas").asLong(0));
    var revision = Json.text(scale, "metadata", "resourceVersion");
    if (!revision.isEmpty()) {
      result.withObjectProperty("metadata").put("resourceVersion", revision);
    }
    return result;
  }

  /** The numbers that the scale subresource would show must be numbers. */
  static List<FieldError> validate(ResourceType type, ObjectNode object) {
    var scale = type.scale();
    if (scale == null) {
      return List.of();
    }
    var found = scale.specReplicas().find(object);
    var path = "." + String.join(".", scale.specReplicas().fieldNames());
    if (found.isEmpty()) {
      return List.of();
    }
    var value = found.getFirst();
    if (!value.isIntegralNumber()) {
      return List.of(
          FieldError.invalid(
              path,
              "0",
              path
                  + " accessor error: "
                  + value.asText()
                  + " is of the type "
                  + (value.isNumber()
                      ? "float64"
                      : value.getNodeType().name().toLowerCase(Locale.ROOT))
                  + ", expected int64"));
    }
    return value.asLong() < 0
        ? List.of(FieldError.invalid(path, value.toString(), "should be a non-negative integer"))
        : List.of();
  }

  private static long number(JsonPath path, JsonNode object) {
    return path.find(object).stream().findFirst().map(JsonNode::asLong).orElse(0L);
  }

  private static ResourceType.Scale scaleOf(ResourceType type) {
    var scale = type.scale();
    if (scale == null) {
      throw new IllegalStateException(type.plural() + " has no scale subresource");
    }
    return scale;
  }
}
