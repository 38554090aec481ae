package dev.ccbridge.stager.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Recordings of what the original components did. */
final class Vectors {
  private Vectors() {}

  /** The cases of a file, in its order. */
  static List<JsonNode> read(String file) throws IOException {
    try (var in = Vectors.class.getResourceAsStream("/vectors/" + file)) {
      return List.copyOf(ReceptorJson.mapper().readTree(in).valueStream().toList());
    }
  }

  static RecipeConfig config(JsonNode input) {
    var config = input.get("config");
    Map<String, String> lifecycles = new LinkedHashMap<>();
    config
        .get("lifecycles")
        .propertyStream()
        .forEach(e -> lifecycles.put(e.getKey(), e.getValue().textValue()));
    return new RecipeConfig(
        lifecycles,
        config.get("file_server_url").textValue(),
        config.get("cc_uploader_url").textValue(),
        config.get("skip_cert_verify").booleanValue(),
        config.get("docker_staging_stack").textValue());
  }

  /** The guid in a path of the stager. */
  static String guid(JsonNode input) {
    return input.get("path").textValue().split("/")[3];
  }
}
