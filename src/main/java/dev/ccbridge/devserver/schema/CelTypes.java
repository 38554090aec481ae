package dev.ccbridge.devserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Structural schemas as CEL types, and values as what CEL calculates with.
 *
 * <p>Objects with declared fields are struct types while an expression is checked, and plain maps
 * while it is evaluated. Source: Kubernetes apiextensions, schema/cel/model.
 */
final class CelTypes implements CelTypeProvider {
  private static final Set<String> RESERVED =
      Set.of(
          "true",
          "false",
          "null",
          "in",
          "as",
          "break",
          "const",
          "continue",
          "else",
          "for",
          "function",
          "if",
          "import",
          "let",
          "loop",
          "package",
          "namespace",
          "return",
          "var",
          "void",
          "while");

  private final CelType self;
  private final ImmutableMap<String, StructType> structs;

  private CelTypes(CelType self, ImmutableMap<String, StructType> structs) {
    this.self = self;
    this.structs = structs;
  }

  /** The types that values of {@code schema} are made of; {@code name} names the outermost. */
  static CelTypes of(Schema schema, String name) {
    var structs = new LinkedHashMap<String, StructType>();
    var self = typeOf(schema, name, structs);
    return new CelTypes(self, ImmutableMap.copyOf(structs));
  }

  /** The type of the whole value. */
  CelType self() {
    return self;
  }

  @Override
  public ImmutableCollection<CelType> types() {
    return ImmutableSet.copyOf(structs.values());
  }

  @Override
  public Optional<CelType> findType(String name) {
    return Optional.ofNullable(structs.get(name));
  }

  private static CelType typeOf(Schema schema, String name, Map<String, StructType> structs) {
    if (schema.isIntOrString()) {
      return SimpleType.DYN;
    }
    return switch (schema.type()) {
      case "string" -> stringType(Json.text(schema.json(), "format"));
      case "integer" -> SimpleType.INT;
      case "number" -> SimpleType.DOUBLE;
      case "boolean" -> SimpleType.BOOL;
      case "array" -> {
        var items = schema.items();
        yield ListType.create(
            items == null ? SimpleType.DYN : typeOf(items, name + ".@items", structs));
      }
      case "object" -> objectType(schema, name, structs);
      default -> SimpleType.DYN;
    };
  }

  private static CelType stringType(String format) {
    return switch (format) {
      case "byte" -> SimpleType.BYTES;
      case "date", "date-time" -> SimpleType.TIMESTAMP;
      case "duration" -> SimpleType.DURATION;
      default -> SimpleType.STRING;
    };
  }

  private static CelType objectType(Schema schema, String name, Map<String, StructType> structs) {
    var additional = schema.additional();
    if (additional != null) {
      return MapType.create(SimpleType.STRING, typeOf(additional, name + ".@values", structs));
    }
    var fields = new LinkedHashMap<String, CelType>();
    schema
        .properties()
        .forEach(
            (field, child) ->
                fields.put(escape(field), typeOf(child, name + "." + field, structs)));
    if (name.equals("object") || schema.isEmbeddedResource()) {
      addResourceFields(fields, name, structs);
    }
    var resolved = ImmutableMap.copyOf(fields);
    var type =
        StructType.create(
            name, resolved.keySet(), field -> Optional.ofNullable(resolved.get(field)));
    structs.put(name, type);
    return type;
  }

  private static void addResourceFields(
      Map<String, CelType> fields, String name, Map<String, StructType> structs) {
    fields.put("apiVersion", SimpleType.STRING);
    fields.put("kind", SimpleType.STRING);
    var metadataName = name + ".metadata";
    var metadata =
        StructType.create(
            metadataName,
            ImmutableSet.of("name", "generateName"),
            field ->
                field.equals("name") || field.equals("generateName")
                    ? Optional.of(SimpleType.STRING)
                    : Optional.empty());
    structs.put(metadataName, metadata);
    fields.put("metadata", metadata);
  }

  /** {@code value} as its type's CEL value; what the schema does not declare is not visible. */
  static Object valueOf(JsonNode value, Schema schema) {
    return switch (value.getNodeType()) {
      case STRING -> stringValue(value.textValue(), schema);
      case NUMBER ->
          schema.type().equals("number") || !value.isIntegralNumber()
              ? (Object) value.doubleValue()
              : (Object) value.longValue();
      case BOOLEAN -> value.booleanValue();
      case ARRAY -> {
        var list = new ArrayList<Object>();
        var items = schema.items();
        value.forEach(item -> list.add(items == null ? dynamic(item) : valueOf(item, items)));
        yield list;
      }
      case OBJECT -> {
        var map = new LinkedHashMap<String, Object>();
        for (var field : value.properties()) {
          put(map, schema, field.getKey(), field.getValue());
        }
        yield map;
      }
      default -> NullValue.NULL_VALUE;
    };
  }

  private static void put(Map<String, Object> map, Schema schema, String name, JsonNode value) {
    var declared = schema.properties().get(name);
    var additional = schema.additional();
    if (declared != null) {
      map.put(escape(name), valueOf(value, declared));
    } else if (additional != null) {
      map.put(name, valueOf(value, additional));
    } else if (schema.type().isEmpty()) {
      map.put(name, dynamic(value));
    }
  }

  private static Object stringValue(String text, Schema schema) {
    if (schema.isIntOrString()) {
      return text;
    }
    return switch (Json.text(schema.json(), "format")) {
      case "byte" -> CelByteString.of(Base64.getDecoder().decode(text));
      case "date" -> timestamp(LocalDate.parse(text).atStartOfDay().atOffset(ZoneOffset.UTC));
      case "date-time" -> timestamp(OffsetDateTime.parse(text));
      case "duration" -> duration(GoDuration.nanos(text));
      default -> text;
    };
  }

  private static Duration duration(long nanos) {
    return Duration.newBuilder()
        .setSeconds(nanos / 1_000_000_000L)
        .setNanos((int) (nanos % 1_000_000_000L))
        .build();
  }

  private static Timestamp timestamp(OffsetDateTime time) {
    return Timestamp.newBuilder().setSeconds(time.toEpochSecond()).setNanos(time.getNano()).build();
  }

  private static Object dynamic(JsonNode value) {
    return switch (value.getNodeType()) {
      case STRING -> value.textValue();
      case NUMBER -> value.isIntegralNumber() ? (Object) value.longValue() : value.doubleValue();
      case BOOLEAN -> value.booleanValue();
      case ARRAY -> {
        var list = new ArrayList<Object>();
        value.forEach(item -> list.add(dynamic(item)));
        yield list;
      }
      case OBJECT -> {
        var map = new LinkedHashMap<String, Object>();
        value.properties().forEach(f -> map.put(f.getKey(), dynamic(f.getValue())));
        yield map;
      }
      default -> NullValue.NULL_VALUE;
    };
  }

  /** The name of a field inside an expression. */
  static String escape(String name) {
    if (RESERVED.contains(name)) {
      return "__" + name + "__";
    }
    return name.replace("__", "__underscores__")
        .replace(".", "__dot__")
        .replace("-", "__dash__")
        .replace("/", "__slash__");
  }
}
