package dev.ccbridge.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;

/** Answers of a registry as trees. */
final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Json() {}

  /**
   * @throws RegistryException INVALID_REQUEST if {@code content} is no JSON object
   */
  static JsonNode object(byte[] content, String what) {
    try {
      var tree = MAPPER.readTree(content);
      if (tree != null && tree.isObject()) {
        return tree;
      }
    } catch (IOException e) {
      throw new RegistryException(
          dev.ccbridge.ErrorKind.INVALID_REQUEST, what + ": want a JSON object, got none", e);
    }
    throw RegistryException.invalid(what + ": want a JSON object, got none");
  }
}
