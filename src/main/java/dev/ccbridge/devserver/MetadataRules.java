package dev.ccbridge.devserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.google.re2j.Pattern;
import dev.ccbridge.devserver.schema.FieldError;
import dev.ccbridge.devserver.schema.FieldError.Type;
import dev.ccbridge.devserver.schema.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What may stand in {@code metadata}. Source: Kubernetes apimachinery, api/validation/objectmeta.go
 * and util/validation.
 */
final class MetadataRules {
  private static final int MAX_ANNOTATION_BYTES = 256 << 10;
  private static final Pattern SUBDOMAIN =
      Pattern.compile("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$");
  private static final Pattern LABEL = Pattern.compile("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$");
  private static final Pattern QUALIFIED_NAME =
      Pattern.compile("^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$");
  private static final Pattern LABEL_VALUE =
      Pattern.compile("^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$");
  private static final String SUBDOMAIN_TEXT =
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or"
          + " '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex"
          + " used for validation is"
          + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
  private static final String LABEL_TEXT =
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and"
          + " must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc',"
          + " regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
  private static final String NAME_PART_TEXT =
      "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end"
          + " with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex"
          + " used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
  private static final String LABEL_VALUE_TEXT =
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or"
          + " '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or"
          + " 'my_value',  or '12345', regex used for validation is"
          + " '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

  private final List<FieldError> errors = new ArrayList<>();

  private MetadataRules() {}

  static List<FieldError> check(ObjectNode object, ResourceType type) {
    var rules = new MetadataRules();
    var metadata = object.path("metadata");
    rules.checkName(Json.text(metadata, "name"), type);
    rules.checkLabels(metadata.path("labels"));
    rules.checkAnnotations(metadata.path("annotations"));
    rules.checkOwners(metadata.path("ownerReferences"));
    rules.checkFinalizers(metadata.path("finalizers"));
    return rules.errors;
  }

  /** What may not change from one version of an object to the next. */
  static List<FieldError> checkChange(ObjectNode object, ObjectNode old) {
    var rules = new MetadataRules();
    for (var field : List.of("name", "namespace", "uid", "creationTimestamp")) {
      var now = object.path("metadata").path(field);
      if (!now.equals(old.path("metadata").path(field))) {
        rules.errors.add(
            FieldError.invalid("metadata." + field, now.toString(), "field is immutable"));
      }
    }
    if (old.path("metadata").has("deletionTimestamp")) {
      rules.checkNoNewFinalizers(object, old);
    }
    return rules.errors;
  }

  private void checkNoNewFinalizers(ObjectNode object, ObjectNode old) {
    var before = texts(old.path("metadata").path("finalizers"));
    var added = texts(object.path("metadata").path("finalizers"));
    added.removeAll(before);
    if (!added.isEmpty()) {
      var list = String.join(", ", added.stream().map(MetadataRules::quote).toList());
      errors.add(
          FieldError.of(
              Type.FORBIDDEN,
              "metadata.finalizers",
              "no new finalizers can be added if the object is being deleted, found new finalizers"
                  + " []string{"
                  + list
                  + "}"));
    }
  }

  private static List<String> texts(JsonNode array) {
    var texts = new ArrayList<String>();
    array.forEach(each -> texts.add(each.asText()));
    return texts;
  }

  /** Finalizers without a domain are accepted with these warnings. */
  static List<String> warnings(ObjectNode object, @Nullable ObjectNode old) {
    var known = old == null ? List.of() : texts(old.path("metadata").path("finalizers"));
    var warnings = new ArrayList<String>();
    for (var finalizer : texts(object.path("metadata").path("finalizers"))) {
      var standard = finalizer.equals(Deletions.FOREGROUND) || finalizer.equals(Deletions.ORPHAN);
      if (!finalizer.contains("/") && !standard && !known.contains(finalizer)) {
        warnings.add(
            "metadata.finalizers: "
                + quote(finalizer)
                + ": prefer a domain-qualified finalizer name to avoid accidental conflicts with"
                + " other finalizer writers");
      }
    }
    return warnings;
  }

  private void checkName(String name, ResourceType type) {
    var field = "metadata.name";
    if (name.isEmpty()) {
      errors.add(FieldError.required(field, "name or generateName is required"));
      return;
    }
    var namespace = type.storageKey().equals("/namespaces");
    var max = namespace ? 63 : 253;
    if (name.length() > max) {
      invalid(field, name, "must be no more than " + max + " characters");
    }
    if (!(namespace ? LABEL : SUBDOMAIN).matches(name)) {
      invalid(field, name, namespace ? LABEL_TEXT : SUBDOMAIN_TEXT);
    }
  }

  private void checkLabels(JsonNode labels) {
    for (var label : labels.properties()) {
      checkQualifiedName("metadata.labels", label.getKey());
      var value = label.getValue().asText();
      if (value.length() > 63) {
        invalid("metadata.labels", value, "must be no more than 63 bytes");
      }
      if (!LABEL_VALUE.matches(value)) {
        invalid("metadata.labels", value, LABEL_VALUE_TEXT);
      }
    }
  }

  private void checkAnnotations(JsonNode annotations) {
    var bytes = 0;
    for (var annotation : annotations.properties()) {
      checkQualifiedName("metadata.annotations", annotation.getKey());
      bytes += annotation.getKey().length() + annotation.getValue().asText().length();
    }
    if (bytes > MAX_ANNOTATION_BYTES) {
      errors.add(
          FieldError.of(
              Type.TOO_LONG,
              "metadata.annotations",
              "may not be more than " + MAX_ANNOTATION_BYTES + " bytes"));
    }
  }

  private void checkQualifiedName(String field, String key) {
    var slash = key.indexOf('/');
    var name = key.substring(slash + 1);
    if (slash >= 0 && !SUBDOMAIN.matches(key.substring(0, slash))) {
      invalid(field, key, "prefix part " + SUBDOMAIN_TEXT);
    }
    if (name.isEmpty()) {
      invalid(field, key, "name part must be non-empty");
    } else if (name.length() > 63) {
      invalid(field, key, "name part must be no more than 63 bytes");
    }
    if (!QUALIFIED_NAME.matches(name)) {
      invalid(field, key, NAME_PART_TEXT);
    }
  }

  private void checkOwners(JsonNode owners) {
    var controllers = 0;
    for (var owner : owners) {
      for (var field : List.of("apiVersion", "kind", "name", "uid")) {
        if (Json.text(owner, field).isEmpty()) {
          errors.add(
              FieldError.invalid("metadata.ownerReferences." + field, "\"\"", "must not be empty"));
        }
      }
      controllers += owner.path("controller").asBoolean() ? 1 : 0;
    }
    if (controllers > 1) {
      errors.add(
          FieldError.invalid(
              "metadata.ownerReferences",
              owners.toString(),
              "Only one reference can have Controller set to true."));
    }
  }

  private void checkFinalizers(JsonNode finalizers) {
    for (var each : finalizers) {
      checkQualifiedName("metadata.finalizers", each.asText());
    }
  }

  private void invalid(String field, String value, String detail) {
    errors.add(FieldError.invalid(field, quote(value), detail));
  }

  static String quote(String text) {
    return TextNode.valueOf(text).toString();
  }
}
