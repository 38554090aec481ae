package dev.ccbridge.devserver;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.devserver.schema.Json;
import dev.ccbridge.web.Response;
import java.util.List;

/** Answers in the forms of the API. */
final class Answers {
  private Answers() {}

  static Response json(int status, JsonNode body) {
    return Response.json(status, Json.bytes(body));
  }

  static Response yaml(int status, JsonNode body) {
    return Response.bytes(status, "application/yaml", Json.yamlBytes(body));
  }

  static Response error(StatusException error) {
    return json(error.code(), error.toStatus());
  }

  /** With a Warning header for each text, which kubectl prints. */
  static Response warned(Response response, List<String> warnings) {
    var result = response;
    for (var warning : warnings) {
      var quoted = warning.replace("\\", "\\\\").replace("\"", "\\\"");
      result = result.header("Warning", "299 - \"" + quoted + "\"");
    }
    return result;
  }
}
