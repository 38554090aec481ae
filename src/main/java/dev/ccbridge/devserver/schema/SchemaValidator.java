package dev.ccbridge.devserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.re2j.Pattern;
import dev.ccbridge.devserver.schema.FieldError.Type;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * Checks a value against a structural schema. The texts are those of the API server's library
 * (go-openapi as changed by Kubernetes), so that a message learned on one server fits the other.
 */
public final class SchemaValidator {
  private static final Map<String, Pattern> PATTERNS = new ConcurrentHashMap<>();

  private final List<FieldError> errors = new ArrayList<>();

  private SchemaValidator() {}

  /** All that is wrong with {@code value}, without the CEL rules; empty when nothing is. */
  public static List<FieldError> validate(JsonNode value, Schema schema, String path) {
    var validator = new SchemaValidator();
    validator.check(value, schema, path);
    return validator.errors;
  }

  private void check(JsonNode value, Schema schema, String path) {
    if (!checkType(value, schema, path)) {
      return;
    }
    checkEnum(value, schema, path);
    switch (value.getNodeType()) {
      case STRING -> checkString(value.textValue(), schema, path);
      case NUMBER -> checkNumber(value, schema, path);
      case ARRAY -> checkArray(value, schema, path);
      case OBJECT -> checkObject(value, schema, path);
      default -> {}
    }
    checkCombinations(value, schema, path);
  }

  /** False when the value is of a wrong type, so that nothing else about it is worth saying. */
  private boolean checkType(JsonNode value, Schema schema, String path) {
    var seen = Json.typeName(value);
    if (schema.isIntOrString() && schema.type().isEmpty()) {
      if (seen.equals("string") || seen.equals("integer")) {
        return true;
      }
      return typeError(path, "integer,string", seen);
    }
    if (value.isNull() && schema.isNullable() || schema.type().isEmpty()) {
      return !value.isNull();
    }
    var format = Json.text(schema.json(), "format");
    if (seen.equals("number") && schema.type().equals("integer")) {
      if (value.doubleValue() == Math.rint(value.doubleValue())) {
        return true;
      }
      typeError(path, format.isEmpty() ? "integer" : format, "float64");
      return !format.isEmpty() && formatError(format, path);
    }
    if (seen.equals(schema.type()) || (seen.equals("integer") && schema.type().equals("number"))) {
      return checkFormat(value, schema, path);
    }
    typeError(path, schema.type(), seen);
    checkEnum(value, schema, path);
    return false;
  }

  private boolean checkFormat(JsonNode value, Schema schema, String path) {
    var format = Json.text(schema.json(), "format");
    if (value.isTextual() && !Formats.matches(format, value.textValue())) {
      errors.add(
          FieldError.of(
              Type.TYPE_INVALID,
              path,
              value + ": " + path + " in body must be of type " + format + ": " + value));
      return false;
    }
    if (format.equals("int32") && value.isIntegralNumber() && !value.canConvertToInt()) {
      return formatError(format, path);
    }
    return true;
  }

  private boolean formatError(String format, String path) {
    errors.add(
        FieldError.invalid(
            "<nil>",
            "\"\"",
            "Checked value must be of type integer with format " + format + " in " + path));
    return false;
  }

  private boolean typeError(String path, String wanted, String seen) {
    errors.add(
        FieldError.of(
            Type.TYPE_INVALID,
            path,
            "\""
                + seen
                + "\": "
                + path
                + " in body must be of type "
                + wanted
                + ": \""
                + seen
                + "\""));
    return false;
  }

  private void checkEnum(JsonNode value, Schema schema, String path) {
    var allowed = schema.json().path("enum");
    if (!allowed.isArray() || contains(allowed, value)) {
      return;
    }
    var list =
        StreamSupport.stream(allowed.spliterator(), false)
            .map(each -> each.isTextual() ? each.toString() : "\"" + each + "\"")
            .collect(Collectors.joining(", "));
    errors.add(FieldError.of(Type.NOT_SUPPORTED, path, value + ": supported values: " + list));
  }

  private static boolean contains(JsonNode array, JsonNode value) {
    for (var each : array) {
      if (each.equals(value)) {
        return true;
      }
    }
    return false;
  }

  private void checkString(String value, Schema schema, String path) {
    var json = schema.json();
    var length = value.codePointCount(0, value.length());
    if (json.has("maxLength") && length > json.get("maxLength").asLong()) {
      errors.add(
          FieldError.of(
              Type.TOO_LONG, path, "may not be more than " + json.get("maxLength") + " bytes"));
      return;
    }
    if (json.has("minLength") && length < json.get("minLength").asLong()) {
      invalid(path, quote(value), "should be at least " + json.get("minLength") + " chars long");
      return;
    }
    var pattern = Json.text(json, "pattern");
    if (!pattern.isEmpty()
        && !PATTERNS.computeIfAbsent(pattern, Pattern::compile).matcher(value).find()) {
      invalid(path, quote(value), "should match '" + pattern + "'");
    }
  }

  private void checkNumber(JsonNode value, Schema schema, String path) {
    var json = schema.json();
    var number = value.decimalValue();
    if (json.has("maximum")) {
      var exclusive = schema.flag("exclusiveMaximum");
      if (beyond(number, json.get("maximum").decimalValue(), exclusive)) {
        invalid(
            path,
            value.toString(),
            "should be less than " + orEqual(exclusive) + plain(json.get("maximum")));
      }
    }
    if (json.has("minimum")) {
      var exclusive = schema.flag("exclusiveMinimum");
      if (beyond(json.get("minimum").decimalValue(), number, exclusive)) {
        invalid(
            path,
            value.toString(),
            "should be greater than " + orEqual(exclusive) + plain(json.get("minimum")));
      }
    }
    if (json.has("multipleOf")
        && number.remainder(json.get("multipleOf").decimalValue()).signum() != 0) {
      invalid(path, value.toString(), "should be a multiple of " + plain(json.get("multipleOf")));
    }
  }

  private static boolean beyond(BigDecimal larger, BigDecimal limit, boolean exclusive) {
    return larger.compareTo(limit) > (exclusive ? -1 : 0);
  }

  /** A limit in the real server's words: 10000.0 is 10000. */
  private static String plain(JsonNode limit) {
    return limit.decimalValue().stripTrailingZeros().toPlainString();
  }

  private static String orEqual(boolean exclusive) {
    return exclusive ? "" : "or equal to ";
  }

  private void checkArray(JsonNode array, Schema schema, String path) {
    var json = schema.json();
    if (json.has("maxItems") && array.size() > json.get("maxItems").asLong()) {
      errors.add(tooMany(path, array.size(), json.get("maxItems"), "items"));
    }
    if (json.has("minItems") && array.size() < json.get("minItems").asLong()) {
      invalid(
          path,
          String.valueOf(array.size()),
          "should have at least " + json.get("minItems") + " items");
    }
    var items = schema.items();
    for (var i = 0; items != null && i < array.size(); i++) {
      check(array.get(i), items, path + "[" + i + "]");
    }
    checkUnique(array, schema, path);
  }

  private void checkUnique(JsonNode array, Schema schema, String path) {
    if (!schema.isSet() && !schema.isListMap()) {
      return;
    }
    var seen = new HashSet<JsonNode>();
    for (var i = 0; i < array.size(); i++) {
      var key = schema.isSet() ? array.get(i) : TypedValue.keyOf(array.get(i), schema);
      if (!seen.add(key)) {
        errors.add(FieldError.of(Type.DUPLICATE, path + "[" + i + "]", key.toString()));
      }
    }
  }

  private void checkObject(JsonNode object, Schema schema, String path) {
    var json = schema.json();
    if (json.has("maxProperties") && object.size() > json.get("maxProperties").asLong()) {
      errors.add(tooMany(path, object.size(), json.get("maxProperties"), "items"));
    }
    if (json.has("minProperties") && object.size() < json.get("minProperties").asLong()) {
      invalid(
          path,
          String.valueOf(object.size()),
          "should have at least " + json.get("minProperties") + " properties");
    }
    var children = new TreeMap<String, List<FieldError>>();
    for (var field : object.properties()) {
      var child = schema.child(field.getKey());
      if (child != null) {
        children.put(field.getKey(), validate(field.getValue(), child, join(path, field.getKey())));
      }
    }
    for (var name : json.path("required")) {
      if (!object.has(name.asText())) {
        children.put(name.asText(), List.of(FieldError.required(join(path, name.asText()))));
      }
    }
    children.values().forEach(errors::addAll);
  }

  private void checkCombinations(JsonNode value, Schema schema, String path) {
    var json = schema.json();
    for (var each : json.path("allOf")) {
      check(value, Schema.of(each), path);
    }
    if (json.has("anyOf") && matching(value, json.get("anyOf")) == 0 && !schema.isIntOrString()) {
      invalid(path, "\"\"", "must validate at least one schema (anyOf)");
    }
    if (json.has("oneOf") && matching(value, json.get("oneOf")) != 1) {
      invalid(path, "\"\"", "must validate one and only one schema (oneOf)");
    }
    if (json.has("not") && matches(value, json.get("not"))) {
      invalid(path, "\"\"", "must not validate the schema (not)");
    }
  }

  private static long matching(JsonNode value, JsonNode schemas) {
    return StreamSupport.stream(schemas.spliterator(), false)
        .filter(each -> matches(value, each))
        .count();
  }

  private static boolean matches(JsonNode value, JsonNode schema) {
    return validate(value, Schema.of(schema), "").isEmpty();
  }

  private void invalid(String path, String value, String detail) {
    errors.add(FieldError.invalid(path, value, path + " in body " + detail));
  }

  private static FieldError tooMany(String path, int seen, JsonNode limit, String what) {
    return FieldError.of(Type.TOO_MANY, path, seen + ": must have at most " + limit + " " + what);
  }

  static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static String quote(String text) {
    return com.fasterxml.jackson.databind.node.TextNode.valueOf(text).toString();
  }
}
