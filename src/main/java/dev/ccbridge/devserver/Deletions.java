package dev.ccbridge.devserver;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.devserver.ObjectStore.Key;
import dev.ccbridge.devserver.ObjectStore.Stored;
import dev.ccbridge.devserver.schema.FieldError;
import dev.ccbridge.devserver.schema.Json;
import dev.ccbridge.web.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** DELETE: with finalizers it only marks, and the last finalizer's removal deletes. Thread-safe. */
final class Deletions {
  static final String FOREGROUND = "foregroundDeletion";
  static final String ORPHAN = "orphan";
  private static final int ATTEMPTS = 100;
  private static final Set<String> IMMORTAL_NAMESPACES =
      Set.of("default", "kube-system", "kube-public");

  private final ObjectStore store;
  private final Writes writes;

  Deletions(ObjectStore store, Writes writes) {
    this.store = store;
    this.writes = writes;
  }

  /**
   * How to delete.
   *
   * @param policy {@code Foreground}, {@code Background} or {@code Orphan}
   * @param uid that the object must have, when not empty; the revision likewise
   */
  record DeleteOptions(String policy, String uid, String resourceVersion, boolean dryRun) {
    static final DeleteOptions BACKGROUND = new DeleteOptions("Background", "", "", false);

    static DeleteOptions of(Request request) throws IOException {
      var body = body(request);
      var policy = request.query("propagationPolicy").orElse(Json.text(body, "propagationPolicy"));
      var orphans =
          request.query("orphanDependents").orElse(body.path("orphanDependents").asText(""));
      if (policy.isEmpty()) {
        policy = orphans.equals("true") ? "Orphan" : "Background";
      }
      if (!Set.of("Foreground", "Background", "Orphan").contains(policy)) {
        throw StatusException.invalidOption(
            "DeleteOptions",
            FieldError.of(
                FieldError.Type.NOT_SUPPORTED,
                "propagationPolicy",
                MetadataRules.quote(policy)
                    + ": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\""));
      }
      var dryRun = Options.isDryRun(request, "DeleteOptions") || !body.path("dryRun").isEmpty();
      return new DeleteOptions(
          policy,
          Json.text(body, "preconditions", "uid"),
          Json.text(body, "preconditions", "resourceVersion"),
          dryRun);
    }

    private static JsonNode body(Request request) throws IOException {
      var bytes = request.body(Incoming.MAX_BODY_BYTES);
      if (bytes.length == 0) {
        return Json.object();
      }
      try {
        return Json.parseYaml(bytes);
      } catch (JsonProcessingException malformed) {
        throw StatusException.badRequest(
            "error decoding DeleteOptions: " + malformed.getOriginalMessage());
      }
    }
  }

  /** The answer to a delete: the marked object, or the Status that it is gone. */
  ObjectNode delete(ResourceType type, Key key, DeleteOptions options) {
    for (var attempt = 0; attempt < ATTEMPTS; attempt++) {
      var seen = store.get(key).orElseThrow(() -> StatusException.notFound(type, key.name()));
      checkPreconditions(type, seen, options);
      if (type.kind().equals("Namespace") && IMMORTAL_NAMESPACES.contains(key.name())) {
        throw StatusException.forbidden(type, key.name(), "this namespace may not be deleted");
      }
      var answer = attempt(type, seen, options);
      if (answer != null) {
        return answer;
      }
    }
    throw writes.conflict(type, key);
  }

  private @Nullable ObjectNode attempt(ResourceType type, Stored seen, DeleteOptions options) {
    var object = type.fromStored(seen);
    var metadata = object.withObjectProperty("metadata");
    setFinalizers(metadata, options.policy);
    var waits = waitsForSomebody(type, object);
    if (waits) {
      mark(type, object);
    }
    if (options.dryRun) {
      return waits ? object : gone(type, object);
    }
    if (!waits) {
      return store.delete(seen, type.toStored(object.deepCopy())).isPresent()
          ? gone(type, object)
          : null;
    }
    if (object.equals(type.fromStored(seen))) {
      return object;
    }
    return store.update(seen, type.toStored(object.deepCopy())).map(type::fromStored).orElse(null);
  }

  private static void setFinalizers(ObjectNode metadata, String policy) {
    var finalizers = new ArrayList<String>();
    metadata.path("finalizers").forEach(each -> finalizers.add(each.asText()));
    var wanted =
        switch (policy) {
          case "Foreground" -> FOREGROUND;
          case "Orphan" -> ORPHAN;
          default -> "";
        };
    if (wanted.isEmpty() || finalizers.contains(wanted)) {
      return;
    }
    finalizers.add(wanted);
    var list = metadata.putArray("finalizers");
    finalizers.forEach(list::add);
  }

  private static boolean waitsForSomebody(ResourceType type, ObjectNode object) {
    return !object.path("metadata").path("finalizers").isEmpty()
        || type.kind().equals("Namespace")
        || type.kind().equals("CustomResourceDefinition");
  }

  private void mark(ResourceType type, ObjectNode object) {
    var metadata = object.withObjectProperty("metadata");
    if (metadata.has("deletionTimestamp")) {
      return;
    }
    metadata.put("deletionTimestamp", writes.now());
    if (type.kind().equals("Namespace")) {
      object.withObjectProperty("status").put("phase", "Terminating");
      return;
    }
    if (type.kind().equals("CustomResourceDefinition")) {
      var finalizers = metadata.withArrayProperty("finalizers");
      finalizers.add(CustomResourceDefinitions.CLEANUP);
    }
    metadata.put("deletionGracePeriodSeconds", 0L);
    if (metadata.has("generation")) {
      metadata.put("generation", metadata.path("generation").asLong() + 1);
    }
  }

  private static ObjectNode gone(ResourceType type, ObjectNode object) {
    var status = Json.object();
    status.put("kind", "Status").put("apiVersion", "v1");
    status.putObject("metadata");
    status.put("status", "Success");
    var details =
        StatusException.details(type.group(), type.plural(), Json.text(object, "metadata", "name"));
    details.put("uid", Json.text(object, "metadata", "uid"));
    status.set("details", details);
    return status;
  }

  private static void checkPreconditions(ResourceType type, Stored seen, DeleteOptions options) {
    var uid = Json.text(seen.object(), "metadata", "uid");
    var why = "";
    if (!options.uid.isEmpty() && !options.uid.equals(uid)) {
      why =
          "the UID in the precondition ("
              + options.uid
              + ") does not match the UID in record ("
              + uid
              + "). The object might have been deleted and then recreated";
    } else if (!options.resourceVersion.isEmpty()
        && !options.resourceVersion.equals(String.valueOf(seen.revision()))) {
      why =
          "the ResourceVersion in the precondition ("
              + options.resourceVersion
              + ") does not match the ResourceVersion in record ("
              + seen.revision()
              + "). The object might have been modified";
    }
    if (!why.isEmpty()) {
      var qualified = type.group().isEmpty() ? type.kind() : type.kind() + "." + type.group();
      throw new StatusException(
          409,
          "Conflict",
          "Operation cannot be fulfilled on "
              + qualified
              + " \""
              + seen.key().name()
              + "\": "
              + why,
          StatusException.details(type.group(), type.kind(), seen.key().name()));
    }
  }

  /** Deletes each of {@code found}; those that went meanwhile are passed over. */
  void deleteAll(ResourceType type, List<Key> found, DeleteOptions options) {
    for (var key : found) {
      try {
        delete(type, key, options);
      } catch (StatusException refused) {
        if (refused.code() != 404) {
          throw refused;
        }
      }
    }
  }
}
