package dev.ccbridge.devserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.devserver.ObjectStore.Key;
import dev.ccbridge.devserver.ObjectStore.Stored;
import dev.ccbridge.devserver.schema.FieldError;
import dev.ccbridge.devserver.schema.Json;
import dev.ccbridge.devserver.schema.Ownership;
import dev.ccbridge.devserver.schema.Ownership.Manager;
import dev.ccbridge.devserver.schema.Schema;
import dev.ccbridge.devserver.schema.SchemaValidator;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Create and update: what happens to an object between its decoding and the store. Thread-safe.
 * Source: Kubernetes apiserver, registry/rest and registry/generic.
 */
final class Writes {
  private static final String NAME_CHARACTERS = "bcdfghjklmnpqrstvwxz2456789";
  private static final String RULES_NOT_CHECKED =
      "some validation rules were not checked because the object was invalid; correct the existing"
          + " errors to complete validation";
  private static final String MODIFIED =
      "the object has been modified; please apply your changes to the latest version and try"
          + " again";

  /** Kinds that may be updated without saying which version is meant. */
  private static final Set<String> UNCONDITIONAL =
      Set.of("Secret", "ConfigMap", "Namespace", "Event");

  private final ObjectStore store;
  private final ResourceTypes types;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  Writes(ObjectStore store, ResourceTypes types, Clock clock) {
    this.store = store;
    this.types = types;
    this.clock = clock;
  }

  /** What a write did: the object to answer with, and what to warn of. */
  record Result(ObjectNode object, boolean created, List<String> warnings) {}

  /** Seconds, as all times in metadata. */
  String now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** Stores a new object that is already normalized. */
  Result create(
      ResourceType type, String namespace, ObjectNode object, Manager manager, boolean dryRun) {
    completeNew(type, namespace, object);
    var owned = type.ownership().update(null, object, manager, now());
    return insert(type, namespace, owned, dryRun);
  }

  /** Fills in what the server decides; clients' words for it are dropped. */
  void completeNew(ResourceType type, String namespace, ObjectNode object) {
    var metadata = object.withObjectProperty("metadata");
    if (!Json.text(metadata, "resourceVersion").isEmpty()) {
      throw StatusException.unexplained(
          "resourceVersion should not be set on objects to be created");
    }
    placeInNamespace(type, namespace, metadata);
    generateName(metadata);
    metadata.remove(
        List.of(
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "selfLink",
            "resourceVersion",
            "managedFields",
            "generation"));
    metadata.put("uid", UUID.randomUUID().toString());
    metadata.put("creationTimestamp", now());
    if (hasGeneration(type)) {
      metadata.put("generation", 1L);
    }
    if (type.hasStatus()) {
      object.remove("status");
    }
  }

  private static boolean hasGeneration(ResourceType type) {
    return !type.builtIn() || type.kind().equals("CustomResourceDefinition");
  }

  private static void placeInNamespace(ResourceType type, String namespace, ObjectNode metadata) {
    var given = Json.text(metadata, "namespace");
    if (!given.isEmpty() && !given.equals(namespace)) {
      throw StatusException.badRequest(
          "the namespace of the provided object does not match the namespace sent on the request");
    }
    if (type.namespaced()) {
      metadata.put("namespace", namespace);
    }
  }

  private void generateName(ObjectNode metadata) {
    var prefix = Json.text(metadata, "generateName");
    if (Json.text(metadata, "name").isEmpty() && !prefix.isEmpty()) {
      var name = new StringBuilder(prefix.substring(0, Math.min(prefix.length(), 58)));
      for (var i = 0; i < 5; i++) {
        name.append(NAME_CHARACTERS.charAt(random.nextInt(NAME_CHARACTERS.length())));
      }
      metadata.put("name", name.toString());
    }
  }

  /** Checks and stores an object that has its managed fields. */
  Result insert(ResourceType type, String namespace, ObjectNode object, boolean dryRun) {
    if (type.namespaced()) {
      checkNamespaceTakesMore(type, namespace, Json.text(object, "metadata", "name"));
    }
    BuiltInRules.completeNew(object, type);
    type.addConstantFields(object);
    validate(type, object, null);
    var key = type.key(namespace, Json.text(object, "metadata", "name"));
    var warnings = MetadataRules.warnings(object, null);
    if (dryRun) {
      if (store.get(key).isPresent()) {
        throw StatusException.alreadyExists(type, key.name());
      }
      type.adaptToSchema(object);
      return new Result(object, true, warnings);
    }
    var stored =
        store
            .create(key, type.toStored(object.deepCopy()))
            .orElseThrow(() -> StatusException.alreadyExists(type, key.name()));
    return new Result(type.fromStored(stored), true, warnings);
  }

  private void checkNamespaceTakesMore(ResourceType type, String namespace, String name) {
    var namespaces = types.core("namespaces");
    var stored =
        store
            .get(namespaces.key("", namespace))
            .orElseThrow(() -> StatusException.notFound(namespaces, namespace));
    if (stored.object().path("metadata").has("deletionTimestamp")) {
      var why =
          "unable to create new content in namespace "
              + namespace
              + " because it is being terminated";
      var details = StatusException.details(type.group(), type.plural(), name);
      details
          .putArray("causes")
          .addObject()
          .put("reason", "NamespaceTerminating")
          .put("message", "namespace " + namespace + " is being terminated")
          .put("field", "metadata.namespace");
      throw new StatusException(
          403,
          "Forbidden",
          type.qualifiedPlural() + " \"" + name + "\" is forbidden: " + why,
          details);
    }
  }

  /**
   * Replaces what was read as {@code seen}.
   *
   * @param object normalized, with its managed fields
   * @return null when somebody else wrote it since {@code seen} was read
   */
  @Nullable Result update(ResourceType type, Stored seen, ObjectNode object, boolean dryRun) {
    var old = type.fromStored(seen);
    checkPreconditions(type, seen, object);
    keepWhatIsNotTheirs(type, object, old);
    type.addConstantFields(object);
    var errors = MetadataRules.checkChange(object, old);
    if (!errors.isEmpty()) {
      throw StatusException.invalid(type, Json.text(old, "metadata", "name"), twice(type, errors));
    }
    validate(type, object, old);
    var warnings = MetadataRules.warnings(object, old);
    if (Ownership.sameButForTimes(object, old)) {
      return new Result(old, false, warnings);
    }
    if (dryRun) {
      return new Result(object, false, warnings);
    }
    if (isFinallyDeleted(object)) {
      return store
          .delete(seen, type.toStored(object.deepCopy()))
          .map(gone -> new Result(type.fromStored(gone), false, warnings))
          .orElse(null);
    }
    return store
        .update(seen, type.toStored(object.deepCopy()))
        .map(stored -> new Result(type.fromStored(stored), false, warnings))
        .orElse(null);
  }

  /** The real server reports these once from each of two checks. */
  private static List<FieldError> twice(ResourceType type, List<FieldError> errors) {
    if (type.builtIn()) {
      return errors;
    }
    var doubled = new ArrayList<>(errors);
    doubled.addAll(errors);
    return doubled;
  }

  private static boolean isFinallyDeleted(ObjectNode object) {
    var metadata = object.path("metadata");
    return metadata.has("deletionTimestamp")
        && metadata.path("finalizers").isEmpty()
        && object.path("spec").path("finalizers").isEmpty();
  }

  private static void checkPreconditions(ResourceType type, Stored seen, ObjectNode object) {
    var name = seen.key().name();
    var wanted = Json.text(object, "metadata", "resourceVersion");
    if (wanted.isEmpty()) {
      if (!type.builtIn() || !UNCONDITIONAL.contains(type.kind())) {
        throw StatusException.invalid(
            type.group(),
            type.plural(),
            name,
            List.of(
                FieldError.invalid(
                    "metadata.resourceVersion", "0", "must be specified for an update")));
      }
      return;
    }
    if (!wanted.matches("\\d+")) {
      throw StatusException.unexplained(
          "strconv.ParseUint: parsing " + MetadataRules.quote(wanted) + ": invalid syntax");
    }
    if (!wanted.equals(String.valueOf(seen.revision()))) {
      throw StatusException.conflict(type, name, MODIFIED);
    }
  }

  /** Fields of metadata that are the server's, and the generation. */
  private static void keepWhatIsNotTheirs(ResourceType type, ObjectNode object, ObjectNode old) {
    var metadata = object.withObjectProperty("metadata");
    var before = old.path("metadata");
    for (var field : List.of("uid", "creationTimestamp", "namespace")) {
      if (Json.text(metadata, field).isEmpty() && before.has(field)) {
        metadata.set(field, before.get(field));
      }
    }
    for (var field : List.of("deletionTimestamp", "deletionGracePeriodSeconds", "generation")) {
      metadata.remove(field);
      if (before.has(field)) {
        metadata.set(field, before.get(field));
      }
    }
    metadata.put("resourceVersion", Json.text(before, "resourceVersion"));
    if (type.kind().equals("Namespace")) {
      copy(old, object, "spec");
    }
    if (hasGeneration(type) && !content(type, object).equals(content(type, old))) {
      metadata.put("generation", before.path("generation").asLong() + 1);
    }
  }

  /** What counts for the generation. */
  private static ObjectNode content(ResourceType type, ObjectNode object) {
    var copy = object.deepCopy();
    copy.remove("metadata");
    if (type.hasStatus()) {
      copy.remove("status");
    }
    return copy;
  }

  /** A conflict that another try could solve, when the client did not name a version. */
  StatusException conflict(ResourceType type, Key key) {
    return StatusException.conflict(type, key.name(), MODIFIED);
  }

  private void validate(ResourceType type, ObjectNode object, @Nullable ObjectNode old) {
    var name = Json.text(object, "metadata", "name");
    var errors = new ArrayList<>(MetadataRules.check(object, type));
    if (type.builtIn()) {
      errors.addAll(BuiltInRules.validate(object, old, type));
    } else {
      validateCustom(type, object, old, errors);
    }
    if (!errors.isEmpty()) {
      throw type.kind().equals("Event")
          ? StatusException.invalid("", "Event", name, errors)
          : StatusException.invalid(type, name, errors);
    }
  }

  private static void validateCustom(
      ResourceType type, ObjectNode object, @Nullable ObjectNode old, List<FieldError> errors) {
    var kind = Json.text(object, "kind");
    if (!kind.equals(type.kind())) {
      throw StatusException.invalid(
          type.group(),
          kind,
          Json.text(object, "metadata", "name"),
          List.of(FieldError.invalid("kind", MetadataRules.quote(kind), "must be " + type.kind())));
    }
    errors.addAll(SchemaValidator.validate(object, Schema.of(type.ownSchema()), ""));
    errors.addAll(Scales.validate(type, object));
    if (errors.stream().anyMatch(FieldError::preventsRules)) {
      errors.add(FieldError.invalid("<nil>", "null", RULES_NOT_CHECKED));
      return;
    }
    errors.addAll(type.rules().check(object, old, ""));
  }

  /** The object without {@code status} taken from the old one, or with nothing but it. */
  static ObjectNode restrict(
      ResourceType type, ObjectNode object, ObjectNode old, String subresource) {
    if (subresource.equals("status")) {
      ObjectNode result = old.deepCopy();
      copy(object, result, "status");
      var metadata = result.withObjectProperty("metadata");
      for (var field : List.of("resourceVersion", "uid", "name")) {
        var given = object.path("metadata").path(field);
        if (!given.isMissingNode()) {
          metadata.set(field, given);
        }
      }
      var given = object.path("metadata").path("managedFields");
      if (!given.isMissingNode()) {
        metadata.set("managedFields", given);
      }
      return result;
    }
    if (type.hasStatus()) {
      copy(old, object, "status");
    }
    return object;
  }

  private static void copy(JsonNode from, ObjectNode to, String field) {
    if (from.has(field)) {
      to.set(field, from.get(field).deepCopy());
    } else {
      to.remove(field);
    }
  }
}
