package dev.ccbridge.devserver;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.devserver.schema.FieldError;
import dev.ccbridge.devserver.schema.Json;
import dev.ccbridge.devserver.schema.Schema;
import dev.ccbridge.devserver.schema.SchemaValidator;
import dev.ccbridge.devserver.schema.Structure;
import dev.ccbridge.web.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bodies on their way in: read, checked for fields that nobody declared, pruned and with defaults.
 */
final class Incoming {
  /** As the real server: larger ones could not be stored in etcd anyway. */
  static final int MAX_BODY_BYTES = 3 << 20;

  private Incoming() {}

  /** What to do about fields that the schema does not declare. */
  enum FieldValidation {
    IGNORE,
    WARN,
    STRICT;

    static FieldValidation of(Request request, String optionsKind) {
      var wanted = request.query("fieldValidation").orElse("");
      return switch (wanted) {
        case "Ignore" -> IGNORE;
        case "", "Warn" -> WARN;
        case "Strict" -> STRICT;
        default ->
            throw StatusException.invalidOption(
                optionsKind,
                FieldError.of(
                    FieldError.Type.NOT_SUPPORTED,
                    "fieldValidation",
                    MetadataRules.quote(wanted)
                        + ": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\""));
      };
    }
  }

  /** The object in a body of JSON or YAML, of the kind that {@code type} serves. */
  static ObjectNode read(Request request, ResourceType type) throws IOException {
    var bytes = request.body(MAX_BODY_BYTES);
    var mediaType = request.mediaType();
    if (mediaType.equals(ProtobufBody.MEDIA_TYPE) && type.builtIn()) {
      return checkKind(ProtobufBody.parse(bytes), type);
    }
    if (!mediaType.isEmpty()
        && !List.of("application/json", "application/yaml").contains(mediaType)
        && !mediaType.equals("*/*")) {
      throw StatusException.unsupportedMediaType(List.of("application/json", "application/yaml"));
    }
    return checkKind(parse(bytes, mediaType, type), type);
  }

  private static ObjectNode parse(byte[] bytes, String mediaType, ResourceType type)
      throws IOException {
    try {
      var isYaml = mediaType.equals("application/yaml");
      if ((isYaml ? Json.parseYaml(bytes) : Json.parse(bytes)) instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException malformed) {
      throw unrecognized(type, "json parse error: " + malformed.getOriginalMessage());
    }
    throw unrecognized(type, "json parse error: json: cannot unmarshal a value that is no object");
  }

  private static StatusException unrecognized(ResourceType type, String why) {
    return StatusException.badRequest(
        "the object provided is unrecognized (must be of type "
            + type.kind()
            + "): couldn't get version/kind; "
            + why);
  }

  private static ObjectNode checkKind(ObjectNode object, ResourceType type) {
    var kind = Json.text(object, "kind");
    var apiVersion = Json.text(object, "apiVersion");
    if (type.builtIn()) {
      if (!kind.isEmpty() && !kind.equals(type.kind())) {
        throw StatusException.badRequest(
            kind
                + " in version \""
                + type.version()
                + "\" cannot be handled as a "
                + type.kind()
                + ": unknown conversion");
      }
      object.put("kind", type.kind());
      if (apiVersion.isEmpty()) {
        return object.put("apiVersion", type.apiVersion());
      }
    }
    if (kind.isEmpty() && !type.builtIn()) {
      throw StatusException.badRequest(
          "the object provided is unrecognized (must be of type "
              + type.kind()
              + "): Object 'Kind' is missing");
    }
    if (!apiVersion.equals(type.apiVersion())) {
      throw StatusException.badRequest(
          "the API version in the data ("
              + apiVersion
              + ") does not match the expected API version ("
              + type.apiVersion()
              + ")");
    }
    return object;
  }

  /** A merge patch, or a JSON patch. */
  static JsonNode readPatch(Request request) throws IOException {
    try {
      return Json.parse(request.body(MAX_BODY_BYTES));
    } catch (JsonProcessingException malformed) {
      throw StatusException.badRequest("error decoding patch: " + malformed.getOriginalMessage());
    }
  }

  /**
   * Gives {@code object} the form that is stored: without unknown fields, with defaults.
   *
   * @return the unknown fields
   */
  static List<String> normalize(ObjectNode object, ResourceType type) {
    checkMetadataTypes(object, type);
    var unknown = Structure.prune(object, type.schema());
    if (type.builtIn()) {
      dropEmpty(object, type.schema());
      checkTypes(object, type);
      BuiltInRules.complete(object, type);
    } else {
      Structure.applyDefaults(object, type.schema());
      dropEmpty(object.path("metadata"), metadataSchema(type));
    }
    object.withObjectProperty("metadata");
    return unknown;
  }

  /** As a typed server: metadata that cannot be read is a malformed request. */
  private static void checkMetadataTypes(ObjectNode object, ResourceType type) {
    var schema = metadataSchema(type);
    var metadata = object.path("metadata");
    if (metadata.isNull()) {
      object.remove("metadata");
      return;
    }
    if (metadata.isMissingNode()) {
      return;
    }
    ObjectNode given =
        metadata instanceof ObjectNode node ? node.deepCopy() : Json.object().put("metadata", "");
    dropEmpty(given, schema);
    if (!metadata.isObject()) {
      throw cannotBeHandled(type, "json: cannot unmarshal a value into ObjectMeta");
    }
    for (var error : SchemaValidator.validate(given, schema, "metadata")) {
      if (error.type() == FieldError.Type.TYPE_INVALID) {
        throw cannotUnmarshal(type, "ObjectMeta", given, schema, error.field().substring(9));
      }
    }
  }

  private static Schema metadataSchema(ResourceType type) {
    var schema = type.schema().child("metadata");
    if (schema == null) {
      throw new IllegalStateException(type.plural() + " has no metadata");
    }
    return schema;
  }

  private static void checkTypes(ObjectNode object, ResourceType type) {
    for (var error : SchemaValidator.validate(object, type.schema(), "")) {
      if (error.type() == FieldError.Type.TYPE_INVALID) {
        if (error.message().contains("of type byte")) {
          // Not with the value: it may be a secret.
          throw cannotBeHandled(type, "illegal base64 data at input byte 0");
        }
        throw cannotUnmarshal(type, type.kind(), object, type.schema(), error.field());
      }
    }
  }

  /** As Go's JSON decoder words it. */
  private static StatusException cannotUnmarshal(
      ResourceType type, String struct, JsonNode object, Schema schema, String path) {
    var names = List.of(path.split("[.\\[]"));
    @Nullable Schema wanted = schema;
    var seen = object;
    for (var name : names) {
      var index = name.endsWith("]");
      wanted = wanted == null ? null : index ? wanted.items() : wanted.child(name);
      seen = index ? seen.path(Integer.parseInt(name.replace("]", ""))) : seen.path(name);
    }
    return cannotBeHandled(
        type,
        "json: cannot unmarshal "
            + jsonType(seen)
            + " into Go struct field "
            + struct
            + "."
            + names.getFirst()
            + " of type "
            + goType(wanted));
  }

  private static String jsonType(JsonNode value) {
    return switch (value.getNodeType()) {
      case BOOLEAN -> "bool";
      case NUMBER -> "number";
      case ARRAY -> "array";
      case OBJECT -> "object";
      default -> "string";
    };
  }

  private static String goType(@Nullable Schema schema) {
    if (schema == null) {
      return "interface {}";
    }
    return switch (schema.type()) {
      case "boolean" -> "bool";
      case "integer" -> Json.text(schema.json(), "format");
      case "array" -> "[]" + goType(schema.items());
      case "object" -> "map[string]" + goType(schema.additional());
      default -> Json.text(schema.json(), "format").equals("byte") ? "[]uint8" : "string";
    };
  }

  static StatusException cannotBeHandled(ResourceType type, String why) {
    return StatusException.badRequest(
        type.kind()
            + " in version \""
            + type.version()
            + "\" cannot be handled as a "
            + type.kind()
            + ": "
            + why);
  }

  /** What a typed server would not write out again: nulls, empty lists and empty maps. */
  private static void dropEmpty(JsonNode value, Schema schema) {
    switch (value) {
      case ObjectNode object when !schema.preservesUnknown() -> {
        for (var name : names(object)) {
          var child = schema.child(name);
          var field = object.get(name);
          if (child != null) {
            dropEmpty(field, child);
          }
          if (field.isNull() || (field.isEmpty() && isMapOrList(field, child))) {
            object.remove(name);
          }
        }
      }
      case ArrayNode list -> {
        var items = schema.items();
        if (items != null) {
          list.forEach(item -> dropEmpty(item, items));
        }
      }
      default -> {}
    }
  }

  private static boolean isMapOrList(JsonNode field, @Nullable Schema schema) {
    return field.isArray() || (field.isObject() && schema != null && schema.additional() != null);
  }

  private static List<String> names(ObjectNode object) {
    var names = new ArrayList<String>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /** {@code unknown field "spec.a"}, one text per field. */
  static List<String> describe(List<String> unknown) {
    return unknown.stream().map(field -> "unknown field \"" + field + "\"").toList();
  }
}
