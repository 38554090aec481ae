package dev.ccbridge.chart;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Kubernetes objects as maps, by what identifies them. */
final class Manifests {
  private static final ObjectMapper YAML =
      new ObjectMapper(
          YAMLFactory.builder()
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
              .disable(YAMLGenerator.Feature.SPLIT_LINES)
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .build());
  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  private Manifests() {}

  /** {@code Kind namespace/name} to the object, in the order of these keys. */
  static Map<String, Map<String, Object>> read(String documents) throws IOException {
    var objects = new TreeMap<String, Map<String, Object>>();
    try (var parser = YAML.getFactory().createParser(documents)) {
      var values = YAML.readerFor(OBJECT).<Map<String, Object>>readValues(parser);
      while (values.hasNextValue()) {
        var object = values.nextValue();
        if (object != null && !object.isEmpty()) {
          objects.put(key(object), object);
        }
      }
    }
    return objects;
  }

  /** One object, or any other mapping. */
  static Map<String, Object> one(String document) throws IOException {
    return YAML.readValue(document, OBJECT);
  }

  private static String key(Map<String, Object> object) {
    var metadata = child(object, "metadata");
    return object.get("kind")
        + " "
        + metadata.getOrDefault("namespace", "")
        + "/"
        + metadata.get("name");
  }

  /** Documents one after the other. */
  static String write(Iterable<Map<String, Object>> objects) throws IOException {
    var text = new StringBuilder();
    for (var object : objects) {
      text.append("---\n").append(YAML.writeValueAsString(object));
    }
    return text.toString();
  }

  /** The mapping at a path; an empty one when there is none. */
  @SuppressWarnings("unchecked")
  static Map<String, Object> child(Map<String, Object> object, String... path) {
    var at = object;
    for (var name : path) {
      if (!(at.get(name) instanceof Map)) {
        return Map.of();
      }
      at = (Map<String, Object>) at.get(name);
    }
    return at;
  }

  /**
   * A copy whose labels do not tell of Helm: at the object itself and wherever a Pod is described.
   */
  static Map<String, Object> withoutHelm(Map<String, Object> object) {
    var copy = new LinkedHashMap<String, Object>();
    object.forEach((name, value) -> copy.put(name, value(name, value)));
    return copy;
  }

  @SuppressWarnings("unchecked")
  private static Object value(String name, Object value) {
    if (!(value instanceof Map)) {
      return value;
    }
    var copy = withoutHelm((Map<String, Object>) value);
    switch (name) {
      case "labels" -> {
        copy.remove("helm.sh/chart");
        copy.remove("app.kubernetes.io/managed-by", "Helm");
      }
      case "annotations" -> copy.remove("helm.sh/resource-policy");
      case "metadata" -> copy.values().removeIf(part -> part == null || Map.of().equals(part));
      default -> {}
    }
    return copy;
  }

  /**
   * For comparison only: 0 and 0.0 are the same to Kubernetes, and kustomize makes the one of the
   * other.
   */
  static Object comparable(Object value) {
    return switch (value) {
      case null -> "";
      case Map<?, ?> map -> {
        var copy = new TreeMap<String, Object>();
        map.forEach((name, part) -> copy.put(String.valueOf(name), comparable(part)));
        yield copy;
      }
      case List<?> list -> list.stream().map(Manifests::comparable).toList();
      case Number number -> new BigDecimal(number.toString()).stripTrailingZeros();
      default -> value;
    };
  }
}
