package dev.ccbridge.devserver;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.devserver.ObjectStore.Stored;
import dev.ccbridge.devserver.Writes.Result;
import dev.ccbridge.devserver.schema.Json;
import dev.ccbridge.devserver.schema.Ownership;
import dev.ccbridge.devserver.schema.Ownership.Conflict;
import dev.ccbridge.devserver.schema.Ownership.ConflictException;
import dev.ccbridge.devserver.schema.Ownership.Manager;
import dev.ccbridge.devserver.schema.Structure;
import dev.ccbridge.web.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Server-side apply. Thread-safe. Source: Kubernetes apiserver, endpoints/handlers/patch.go. */
final class Applies {
  private static final int ATTEMPTS = 100;
  private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

  private final ObjectStore store;
  private final Writes writes;

  Applies(ObjectStore store, Writes writes) {
    this.store = store;
    this.writes = writes;
  }

  Result apply(Request request, RequestPath path, ResourceType type, boolean dryRun)
      throws IOException {
    var manager = Options.applier(request, type, path.subresource());
    var config = read(request, path, type);
    var force = Options.isForced(request);
    for (var attempt = 0; attempt < ATTEMPTS; attempt++) {
      var seen = store.get(type.key(path.namespace(), path.name()));
      if (seen.isEmpty()) {
        return create(path, type, config, manager, dryRun);
      }
      var result = update(seen.get(), path, type, config, manager, force, dryRun);
      if (result != null) {
        return result;
      }
    }
    throw writes.conflict(type, type.key(path.namespace(), path.name()));
  }

  private static ObjectNode read(Request request, RequestPath path, ResourceType type)
      throws IOException {
    var config = parse(request);
    var kind = Json.text(config, "kind");
    if (!kind.equals(type.kind()) || !Json.text(config, "apiVersion").equals(type.apiVersion())) {
      throw StatusException.badRequest("invalid object type: " + describeType(config));
    }
    if (config.path("metadata").has("managedFields")) {
      throw StatusException.badRequest("metadata.managedFields must be nil");
    }
    var metadata = config.withObjectProperty("metadata");
    if (Json.text(metadata, "name").isEmpty()) {
      metadata.put("name", path.name());
    }
    Updates.checkName(config, path);
    checkDeclared(config, type, path);
    return restricted(config, type, path.subresource());
  }

  private static ObjectNode parse(Request request) throws IOException {
    try {
      if (Json.parseYaml(request.body(Incoming.MAX_BODY_BYTES)) instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException malformed) {
      throw StatusException.badRequest("error decoding YAML: " + malformed.getOriginalMessage());
    }
    throw StatusException.badRequest("error decoding YAML: no object");
  }

  private static String describeType(ObjectNode config) {
    var apiVersion = Json.text(config, "apiVersion");
    var slash = apiVersion.indexOf('/');
    var group = slash < 0 ? "" : apiVersion.substring(0, slash);
    return group + "/" + apiVersion.substring(slash + 1) + ", Kind=" + Json.text(config, "kind");
  }

  private static void checkDeclared(ObjectNode config, ResourceType type, RequestPath path) {
    var unknown = Structure.prune(config.deepCopy(), type.schema());
    if (!unknown.isEmpty()) {
      throw StatusException.unexplained(
          "failed to create typed patch object ("
              + Json.text(config, "metadata", "namespace")
              + "/"
              + path.name()
              + "; "
              + type.apiVersion()
              + ", Kind="
              + type.kind()
              + "): ."
              + unknown.getFirst()
              + ": field not declared in schema");
    }
  }

  /** Only what the endpoint may write. */
  private static ObjectNode restricted(ObjectNode config, ResourceType type, String subresource) {
    if (subresource.equals("status")) {
      var metadata = config.path("metadata");
      config.retain("apiVersion", "kind", "status");
      var kept = config.putObject("metadata");
      for (var field : List.of("name", "namespace", "uid", "resourceVersion")) {
        if (metadata.has(field)) {
          kept.set(field, metadata.get(field));
        }
      }
    } else if (type.hasStatus()) {
      config.remove("status");
    }
    return config;
  }

  private Result create(
      RequestPath path, ResourceType type, ObjectNode config, Manager manager, boolean dryRun) {
    if (!path.subresource().isEmpty()) {
      throw StatusException.notFound(type, path.name());
    }
    var fresh = config.deepCopy();
    fresh.withObjectProperty("metadata").remove("resourceVersion");
    ObjectNode merged;
    try {
      merged = type.ownership().apply(null, fresh, manager, false, writes.now());
    } catch (ConflictException impossible) {
      throw new IllegalStateException("conflict with nobody", impossible);
    }
    var managed = merged.path("metadata").path("managedFields").deepCopy();
    Incoming.normalize(merged, type);
    writes.completeNew(type, path.namespace(), merged);
    merged.withObjectProperty("metadata").set("managedFields", managed);
    return writes.insert(type, path.namespace(), merged, dryRun);
  }

  private @Nullable Result update(
      Stored seen,
      RequestPath path,
      ResourceType type,
      ObjectNode config,
      Manager manager,
      boolean force,
      boolean dryRun) {
    var live = type.fromStored(seen);
    var merged = merge(type.ownership(), live, config, manager, force);
    refreshLastApplied(merged, live, config, manager);
    Incoming.normalize(merged, type);
    return writes.update(type, seen, merged, dryRun);
  }

  private ObjectNode merge(
      Ownership ownership, ObjectNode live, ObjectNode config, Manager manager, boolean force) {
    try {
      return ownership.apply(live, config, manager, force, writes.now());
    } catch (ConflictException conflict) {
      if (wereAppliedByKubectl(ownership, live, manager, conflict)) {
        return merge(ownership, live, config, manager, true);
      }
      throw refusal(conflict.conflicts());
    }
  }

  /** kubectl may take over by server-side apply what it applied on the client's side before. */
  private static boolean wereAppliedByKubectl(
      Ownership ownership, ObjectNode live, Manager manager, ConflictException conflict) {
    var lastApplied = lastApplied(live);
    if (!manager.name().equals("kubectl") || lastApplied.isEmpty()) {
      return false;
    }
    var untouched = ownership.unchangedFields((ObjectNode) Json.parse(lastApplied), live);
    return conflict.conflicts().stream().map(Conflict::field).allMatch(untouched::contains);
  }

  private static String lastApplied(ObjectNode object) {
    return Json.text(object, "metadata", "annotations", LAST_APPLIED);
  }

  private static void refreshLastApplied(
      ObjectNode merged, ObjectNode live, ObjectNode config, Manager manager) {
    if (manager.name().equals("kubectl")
        && manager.subresource().isEmpty()
        && !lastApplied(live).isEmpty()) {
      merged
          .withObjectProperty("metadata")
          .withObjectProperty("annotations")
          .put(LAST_APPLIED, config + "\n");
    }
  }

  private static StatusException refusal(List<Conflict> conflicts) {
    var byManager = new TreeMap<String, List<String>>();
    var details = Json.object();
    var causes = details.putArray("causes");
    for (var conflict : conflicts) {
      var who = conflict.manager().display();
      byManager.computeIfAbsent(who, w -> new ArrayList<>()).add(conflict.field());
      causes
          .addObject()
          .put("reason", "FieldManagerConflict")
          .put("message", "conflict with " + who)
          .put("field", conflict.field());
    }
    return new StatusException(409, "Conflict", message(conflicts, byManager), details);
  }

  private static String message(List<Conflict> conflicts, Map<String, List<String>> byManager) {
    if (conflicts.size() == 1) {
      var only = conflicts.getFirst();
      return "Apply failed with 1 conflict: conflict with "
          + only.manager().display()
          + ": "
          + only.field();
    }
    var texts = new LinkedHashMap<String, String>();
    byManager.forEach(
        (who, fields) ->
            texts.put(who, "conflicts with " + who + ":\n- " + String.join("\n- ", fields)));
    return "Apply failed with "
        + conflicts.size()
        + " conflicts: "
        + String.join("\n", texts.values());
  }
}
