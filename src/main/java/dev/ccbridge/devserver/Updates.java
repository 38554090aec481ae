package dev.ccbridge.devserver;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.devserver.Incoming.FieldValidation;
import dev.ccbridge.devserver.ObjectStore.Stored;
import dev.ccbridge.devserver.Writes.Result;
import dev.ccbridge.devserver.schema.FieldError;
import dev.ccbridge.devserver.schema.Json;
import dev.ccbridge.devserver.schema.Ownership.Manager;
import dev.ccbridge.devserver.schema.Patches;
import dev.ccbridge.devserver.schema.StrategicMergePatch;
import dev.ccbridge.web.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** PUT and PATCH, except server-side apply. Thread-safe. */
final class Updates {
  static final String MERGE_PATCH = "application/merge-patch+json";
  static final String JSON_PATCH = "application/json-patch+json";
  static final String STRATEGIC_PATCH = "application/strategic-merge-patch+json";
  static final String APPLY_PATCH = "application/apply-patch+yaml";
  private static final int ATTEMPTS = 100;

  /** Kinds whose PUT creates what is not there. */
  private static final Set<String> CREATED_BY_UPDATE = Set.of("Lease", "Event");

  private final ObjectStore store;
  private final Writes writes;
  private final Applies applies;

  Updates(ObjectStore store, Writes writes) {
    this.store = store;
    this.writes = writes;
    this.applies = new Applies(store, writes);
  }

  Result put(Request request, RequestPath path, ResourceType type) throws IOException {
    var dryRun = Options.isDryRun(request, "UpdateOptions");
    var strictness = FieldValidation.of(request, "UpdateOptions");
    var body = Incoming.read(request, type);
    checkName(body, path);
    var unknown = Incoming.normalize(body, type);
    var warnings = warnings(unknown, strictness, type);
    var manager = Options.updater(request, type, path.subresource());
    for (var attempt = 0; attempt < ATTEMPTS; attempt++) {
      var seen = store.get(type.key(path.namespace(), path.name()));
      if (seen.isEmpty() && CREATED_BY_UPDATE.contains(type.kind())) {
        return with(
            warnings, writes.create(type, path.namespace(), body.deepCopy(), manager, dryRun));
      }
      var result =
          replace(
              type,
              seen.orElseThrow(() -> StatusException.notFound(type, path.name())),
              body,
              manager,
              dryRun);
      if (result != null) {
        return with(warnings, result);
      }
    }
    throw writes.conflict(type, type.key(path.namespace(), path.name()));
  }

  private @Nullable Result replace(
      ResourceType type, Stored seen, ObjectNode body, Manager manager, boolean dryRun) {
    var old = type.fromStored(seen);
    checkUid(type, body, old);
    var changed = Writes.restrict(type, body.deepCopy(), old, manager.subresource());
    var owned = type.ownership().update(old, changed, manager, writes.now());
    return writes.update(type, seen, owned, dryRun);
  }

  private static void checkUid(ResourceType type, ObjectNode body, ObjectNode old) {
    var wanted = Json.text(body, "metadata", "uid");
    var uid = Json.text(old, "metadata", "uid");
    if (!wanted.isEmpty() && !wanted.equals(uid)) {
      throw StatusException.conflict(
          type,
          Json.text(old, "metadata", "name"),
          "Precondition failed: UID in precondition: " + wanted + ", UID in object meta: " + uid);
    }
  }

  /** Any of the four kinds of patches. */
  Result patch(Request request, RequestPath path, ResourceType type) throws IOException {
    var mediaType = request.mediaType();
    var dryRun = Options.isDryRun(request, "PatchOptions");
    var strictness = FieldValidation.of(request, "PatchOptions");
    if (mediaType.equals(APPLY_PATCH)) {
      return applies.apply(request, path, type, dryRun);
    }
    checkPatchType(mediaType, type);
    var patch = readPatch(request, mediaType);
    var manager = Options.updater(request, type, path.subresource());
    for (var attempt = 0; attempt < ATTEMPTS; attempt++) {
      var seen =
          store
              .get(type.key(path.namespace(), path.name()))
              .orElseThrow(() -> StatusException.notFound(type, path.name()));
      var old = type.fromStored(seen);
      var patched = patched(old, patch, mediaType, type);
      checkName(patched, path);
      checkNamespace(patched, old);
      var asPatched = patched.toString();
      var unknown = Incoming.normalize(patched, type);
      var warnings = patchWarnings(unknown, strictness, asPatched);
      var changed = Writes.restrict(type, patched, old, path.subresource());
      var owned = type.ownership().update(old, changed, manager, writes.now());
      var result = writes.update(type, seen, owned, dryRun);
      if (result != null) {
        return with(warnings, result);
      }
    }
    throw writes.conflict(type, type.key(path.namespace(), path.name()));
  }

  static void checkPatchType(String mediaType, ResourceType type) {
    var accepted = new ArrayList<>(List.of(JSON_PATCH, MERGE_PATCH, APPLY_PATCH));
    if (type.builtIn() && !type.kind().equals("CustomResourceDefinition")) {
      accepted.add(2, STRATEGIC_PATCH);
    }
    if (!accepted.contains(mediaType)) {
      throw StatusException.unsupportedMediaType(accepted);
    }
  }

  static JsonNode readPatch(Request request, String mediaType) throws IOException {
    var patch = Incoming.readPatch(request);
    if (mediaType.equals(JSON_PATCH) != patch.isArray()) {
      throw StatusException.badRequest(
          "error decoding patch: json: cannot unmarshal "
              + (patch.isArray() ? "array" : "object")
              + " into Go value of type "
              + (patch.isArray() ? "map[string]interface {}" : "[]handlers.jsonPatchOp"));
    }
    return patch;
  }

  static ObjectNode patched(ObjectNode old, JsonNode patch, String mediaType, ResourceType type) {
    try {
      var patched =
          switch (mediaType) {
            case JSON_PATCH -> Patches.apply(old, patch);
            case STRATEGIC_PATCH -> StrategicMergePatch.apply(old, patch, type.schema());
            default -> Patches.merge(old, patch);
          };
      if (patched instanceof ObjectNode object) {
        return object;
      }
    } catch (Patches.PatchException notApplicable) {
      throw rejected();
    }
    throw rejected();
  }

  private static StatusException rejected() {
    return new StatusException(
        422, "Invalid", "the server rejected our request due to an error in our request");
  }

  static void checkName(JsonNode object, RequestPath path) {
    var name = Json.text(object, "metadata", "name");
    if (name.isEmpty()) {
      throw StatusException.badRequest("name must be provided");
    }
    if (!name.equals(path.name())) {
      throw StatusException.badRequest(
          "the name of the object ("
              + name
              + ") does not match the name on the URL ("
              + path.name()
              + ")");
    }
    var namespace = Json.text(object, "metadata", "namespace");
    if (!namespace.isEmpty() && !namespace.equals(path.namespace())) {
      throw StatusException.badRequest(
          "the namespace of the object ("
              + namespace
              + ") does not match the namespace on the URL ("
              + path.namespace()
              + ")");
    }
  }

  private static void checkNamespace(ObjectNode patched, ObjectNode old) {
    if (!patched.path("metadata").has("namespace") && old.path("metadata").has("namespace")) {
      patched
          .withObjectProperty("metadata")
          .set("namespace", old.path("metadata").get("namespace"));
    }
  }

  /** What to warn of, or the refusal when the client asked for strictness. */
  static List<String> warnings(
      List<String> unknown, FieldValidation strictness, ResourceType type) {
    var texts = Incoming.describe(unknown);
    if (strictness == FieldValidation.STRICT && !texts.isEmpty()) {
      throw Incoming.cannotBeHandled(type, "strict decoding error: " + String.join(", ", texts));
    }
    return strictness == FieldValidation.WARN ? texts : List.of();
  }

  private static List<String> patchWarnings(
      List<String> unknown, FieldValidation strictness, String patched) {
    var texts = Incoming.describe(unknown);
    if (strictness == FieldValidation.STRICT && !texts.isEmpty()) {
      throw StatusException.invalid(
          "",
          "",
          "",
          List.of(
              FieldError.invalid(
                  "patch",
                  MetadataRules.quote(patched),
                  "strict decoding error: " + String.join(", ", texts))));
    }
    return strictness == FieldValidation.WARN ? texts : List.of();
  }

  private static Result with(List<String> warnings, Result result) {
    var all = new ArrayList<>(warnings);
    all.addAll(result.warnings());
    return new Result(result.object(), result.created(), all);
  }

  /** The scale subresource, replaced or patched. */
  ObjectNode scale(Request request, RequestPath path, ResourceType type) throws IOException {
    var dryRun = Options.isDryRun(request, "UpdateOptions");
    var isPatch = request.method().equals("PATCH");
    if (isPatch) {
      checkScalePatchType(request.mediaType());
    }
    JsonNode body = isPatch ? readPatch(request, request.mediaType()) : readScale(request);
    var manager = Options.updater(request, type, "scale");
    for (var attempt = 0; attempt < ATTEMPTS; attempt++) {
      var seen =
          store
              .get(type.key(path.namespace(), path.name()))
              .orElseThrow(() -> StatusException.notFound(type, path.name()));
      var old = type.fromStored(seen);
      var wanted =
          isPatch
              ? patched(Scales.view(type, old), body, request.mediaType(), type)
              : (ObjectNode) body;
      var changed = Scales.apply(type, old, wanted);
      // The real server sets no time here.
      var owned = type.ownership().update(old, changed, manager, "");
      var result = writes.update(type, seen, owned, dryRun);
      if (result != null) {
        return Scales.view(type, result.object());
      }
    }
    throw writes.conflict(type, type.key(path.namespace(), path.name()));
  }

  private static void checkScalePatchType(String mediaType) {
    var accepted = List.of(JSON_PATCH, MERGE_PATCH);
    if (!accepted.contains(mediaType)) {
      throw StatusException.unsupportedMediaType(accepted);
    }
  }

  private static ObjectNode readScale(Request request) throws IOException {
    try {
      if (Json.parseYaml(request.body(Incoming.MAX_BODY_BYTES)) instanceof ObjectNode scale
          && Json.text(scale, "kind").equals("Scale")) {
        return scale;
      }
    } catch (JsonProcessingException malformed) {
      throw StatusException.badRequest("error decoding Scale: " + malformed.getOriginalMessage());
    }
    throw StatusException.badRequest("the object provided is unrecognized (must be of type Scale)");
  }
}
