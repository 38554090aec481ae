package dev.ccbridge.devserver.schema;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * JSON and YAML as trees. Integers are always long nodes, so that equal numbers are equal nodes.
 */
public final class Json {
  private static final int MAX_DEPTH = 200;
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_LONG_FOR_INTS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final YAMLMapper YAML =
      YAMLMapper.builder(
              YAMLFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
                  .build())
          .enable(DeserializationFeature.USE_LONG_FOR_INTS)
          .build();

  private Json() {}

  /**
   * @throws IOException when the bytes are no JSON
   */
  public static JsonNode parse(byte[] bytes) throws IOException {
    return JSON.readTree(bytes);
  }

  /** JSON that we wrote ourselves. */
  public static JsonNode parse(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException ours) {
      throw new IllegalArgumentException("not JSON: " + text, ours);
    }
  }

  /** Bytes that we wrote ourselves. */
  public static ObjectNode stored(byte[] bytes) {
    try {
      return (ObjectNode) JSON.readTree(bytes);
    } catch (IOException corrupt) {
      throw new IllegalStateException("a stored object is no JSON", corrupt);
    }
  }

  /**
   * The first document; JSON is YAML too.
   *
   * @throws IOException when the bytes are no YAML
   */
  public static JsonNode parseYaml(byte[] bytes) throws IOException {
    var first = new String(bytes, StandardCharsets.UTF_8).stripLeading();
    if (first.startsWith("{")) {
      try {
        return JSON.readTree(first);
      } catch (JsonParseException perhapsInFlowStyle) {
        return parseYamlOnly(bytes);
      }
    }
    return parseYamlOnly(bytes);
  }

  private static JsonNode parseYamlOnly(byte[] bytes) throws IOException {
    refuseAliases(bytes);
    return YAML.readTree(bytes);
  }

  /** A tree would hold an alias as a text, silently. */
  private static void refuseAliases(byte[] bytes) throws IOException {
    try (var parser = YAML.getFactory().createParser(bytes)) {
      while (parser.nextToken() != null) {
        if (parser.isCurrentAlias()) {
          throw new JsonParseException(parser, "YAML aliases are not offered");
        }
      }
    }
  }

  public static ObjectNode object() {
    return JSON.createObjectNode();
  }

  public static byte[] bytes(JsonNode node) {
    try {
      return JSON.writeValueAsBytes(node);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** The same with every other character than those of ASCII as an escape. */
  public static byte[] asciiBytes(JsonNode node) {
    try {
      return JSON.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII).writeValueAsBytes(node);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  public static byte[] yamlBytes(JsonNode node) {
    try {
      return YAML.writeValueAsBytes(node);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  public static JsonNode number(long value) {
    return JSON.getNodeFactory().numberNode(value);
  }

  /** The text at {@code path}, empty when there is none. */
  public static String text(JsonNode node, String... path) {
    var at = node;
    for (var name : path) {
      at = at.path(name);
    }
    return at.isTextual() ? at.textValue() : "";
  }

  /** The type's name as Go's JSON decoder and Kubernetes's messages call it. */
  static String typeName(JsonNode value) {
    return switch (value.getNodeType()) {
      case STRING -> "string";
      case BOOLEAN -> "boolean";
      case ARRAY -> "array";
      case NULL, MISSING -> "null";
      case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
      default -> "object";
    };
  }
}
