package dev.ccbridge.devserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.google.re2j.Pattern;
import dev.ccbridge.devserver.schema.FieldError;
import dev.ccbridge.devserver.schema.FieldError.Type;
import dev.ccbridge.devserver.schema.Json;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the real server's code, and not its schemas, does to the built-in resources. */
final class BuiltInRules {
  private static final Pattern DATA_KEY = Pattern.compile("^[-._a-zA-Z0-9]+$");
  private static final DateTimeFormatter MICRO_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'");
  private static final Map<String, String> REQUIRED_DATA =
      Map.of(
          "kubernetes.io/dockerconfigjson", ".dockerconfigjson",
          "kubernetes.io/dockercfg", ".dockercfg",
          "kubernetes.io/ssh-auth", "ssh-privatekey");

  private BuiltInRules() {}

  /** Defaults and conversions, in place. */
  static void complete(ObjectNode object, ResourceType type) {
    switch (type.kind()) {
      case "Secret" -> completeSecret(object, type);
      case "Namespace" -> completeNamespace(object);
      case "Lease" -> {
        var spec = object.withObjectProperty("spec");
        microTime(spec, "acquireTime", type);
        microTime(spec, "renewTime", type);
      }
      case "Event" -> microTime(object, "eventTime", type);
      case "CustomResourceDefinition" -> CustomResourceDefinitions.complete(object);
      default -> {}
    }
  }

  private static void completeSecret(ObjectNode secret, ResourceType type) {
    if (secret.remove("stringData") instanceof ObjectNode texts) {
      var data = secret.withObjectProperty("data");
      texts
          .properties()
          .forEach(
              text ->
                  data.put(
                      text.getKey(),
                      Base64.getEncoder()
                          .encodeToString(
                              text.getValue().asText().getBytes(StandardCharsets.UTF_8))));
    }
    if (Json.text(secret, "type").isEmpty()) {
      secret.put("type", "Opaque");
    }
    if (secret.get("data") instanceof ObjectNode data) {
      for (var entry : data.properties()) {
        entry.setValue(TextNode.valueOf(canonicalBase64(entry.getValue().asText(""), type)));
      }
    }
  }

  private static String canonicalBase64(String text, ResourceType type) {
    try {
      return Base64.getEncoder().encodeToString(Base64.getDecoder().decode(text));
    } catch (IllegalArgumentException malformed) {
      // The value itself must not stand in a message.
      throw Incoming.cannotBeHandled(type, "illegal base64 data at input byte 0");
    }
  }

  private static void completeNamespace(ObjectNode namespace) {
    var name = Json.text(namespace, "metadata", "name");
    if (!name.isEmpty()) {
      namespace
          .withObjectProperty("metadata")
          .withObjectProperty("labels")
          .put("kubernetes.io/metadata.name", name);
    }
  }

  /** What a new object gets that nobody owns. */
  static void completeNew(ObjectNode object, ResourceType type) {
    if (type.kind().equals("Namespace")) {
      object.withObjectProperty("spec").putArray("finalizers").add("kubernetes");
      object.withObjectProperty("status").put("phase", "Active");
    } else if (type.kind().equals("CustomResourceDefinition")) {
      var status = object.putObject("status");
      status.putNull("conditions");
      status.putObject("acceptedNames").put("plural", "").put("kind", "");
      status.set("storedVersions", CustomResourceDefinitions.storedVersions(object));
    }
  }

  private static void microTime(ObjectNode object, String field, ResourceType type) {
    var text = Json.text(object, field);
    if (text.isEmpty()) {
      return;
    }
    try {
      if (!text.contains(".")) {
        throw new DateTimeException("no fraction of a second");
      }
      var time = OffsetDateTime.parse(text).withOffsetSameInstant(ZoneOffset.UTC);
      object.put(field, MICRO_TIME.format(time));
    } catch (DateTimeException malformed) {
      throw Incoming.cannotBeHandled(
          type,
          "parsing time \""
              + text
              + "\" as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse "
              + field);
    }
  }

  static List<FieldError> validate(ObjectNode object, @Nullable ObjectNode old, ResourceType type) {
    var errors = new ArrayList<FieldError>();
    switch (type.kind()) {
      case "Secret" -> validateSecret(object, old, errors);
      case "ConfigMap" -> {
        validateKeys(object.path("data"), "data", errors);
        validateKeys(object.path("binaryData"), "binaryData", errors);
        validateImmutable(object, old, List.of("data", "binaryData"), errors);
      }
      case "Lease" -> {
        var duration = object.path("spec").path("leaseDurationSeconds");
        if (duration.isNumber() && duration.asLong() <= 0) {
          errors.add(
              FieldError.invalid(
                  "spec.leaseDurationSeconds", duration.toString(), "must be greater than 0"));
        }
      }
      case "Event" -> validateEvent(object, type, errors);
      case "CustomResourceDefinition" ->
          errors.addAll(CustomResourceDefinitions.validate(object, old));
      default -> {}
    }
    return errors;
  }

  private static void validateSecret(
      ObjectNode secret, @Nullable ObjectNode old, List<FieldError> errors) {
    validateKeys(secret.path("data"), "data", errors);
    var required = REQUIRED_DATA.get(Json.text(secret, "type"));
    if (required != null && !secret.path("data").has(required)) {
      errors.add(FieldError.required("data[" + required + "]"));
    }
    if (Json.text(secret, "type").equals("kubernetes.io/tls")) {
      for (var key : List.of("tls.crt", "tls.key")) {
        if (!secret.path("data").has(key)) {
          errors.add(FieldError.required("data[" + key + "]"));
        }
      }
    }
    if (old != null && !secret.path("type").equals(old.path("type"))) {
      errors.add(FieldError.invalid("type", secret.path("type").toString(), "field is immutable"));
    }
    validateImmutable(secret, old, List.of("data"), errors);
  }

  private static void validateImmutable(
      ObjectNode object, @Nullable ObjectNode old, List<String> fields, List<FieldError> errors) {
    if (old == null || !old.path("immutable").asBoolean()) {
      return;
    }
    if (!object.path("immutable").asBoolean()) {
      errors.add(
          FieldError.of(Type.FORBIDDEN, "immutable", "field is immutable when `immutable` is set"));
    }
    for (var field : fields) {
      if (!object.path(field).equals(old.path(field))) {
        errors.add(
            FieldError.of(Type.FORBIDDEN, field, "field is immutable when `immutable` is set"));
      }
    }
  }

  private static void validateKeys(JsonNode data, String field, List<FieldError> errors) {
    for (var entry : data.properties()) {
      if (!DATA_KEY.matches(entry.getKey())) {
        errors.add(
            FieldError.invalid(
                field + "[" + entry.getKey() + "]",
                MetadataRules.quote(entry.getKey()),
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g."
                    + " 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is"
                    + " '[-._a-zA-Z0-9]+')"));
      }
    }
  }

  private static void validateEvent(ObjectNode event, ResourceType type, List<FieldError> errors) {
    var core = type.group().isEmpty();
    if (!core) {
      if (Json.text(event, "eventTime").isEmpty()) {
        errors.add(FieldError.required("eventTime"));
      }
      var sort = Json.text(event, "type");
      if (!sort.equals("Normal") && !sort.equals("Warning")) {
        errors.add(
            FieldError.invalid("type", MetadataRules.quote(sort), "has invalid value: " + sort));
      }
      for (var field : List.of("reportingController", "reportingInstance", "action", "reason")) {
        if (Json.text(event, field).isEmpty() && errors.isEmpty()) {
          errors.add(FieldError.required(field));
        }
      }
    }
    var object = core ? "involvedObject" : "regarding";
    var theirs = Json.text(event, object, "namespace");
    var own = Json.text(event, "metadata", "namespace");
    if (!theirs.equals(own) && !(theirs.isEmpty() && own.equals("default"))) {
      errors.add(
          FieldError.invalid(
              "involvedObject.namespace",
              MetadataRules.quote(theirs),
              "does not match event.namespace"));
    }
  }
}
