package dev.ccbridge.devserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.devserver.ObjectStore.Key;
import dev.ccbridge.devserver.schema.FieldError;
import dev.ccbridge.devserver.schema.Json;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** GET of one object and of a collection. Thread-safe. */
final class Reads {
  private final ObjectStore store;
  private final Tables tables;

  Reads(ObjectStore store, Clock clock) {
    this.store = store;
    this.tables = new Tables(clock);
  }

  Response get(Request request, RequestPath path, ResourceType type) {
    var form = Accept.of(request);
    var stored =
        store
            .get(type.key(path.namespace(), path.name()))
            .orElseThrow(() -> StatusException.notFound(type, path.name()));
    var object = type.fromStored(stored);
    return switch (form) {
      case TABLE ->
          Answers.json(
              200, tables.table(type, List.of(object), revisionOf(object), includes(request)));
      case METADATA -> Answers.json(200, Tables.metadataOnly(object));
      case METADATA_LIST ->
          throw Accept.notAcceptable(
              "you requested PartialObjectMetadataList, but the requested object is not a list");
      case JSON -> Answers.json(200, object);
      case YAML -> Answers.yaml(200, object);
    };
  }

  ObjectNode scale(RequestPath path, ResourceType type) {
    return store
        .get(type.key(path.namespace(), path.name()))
        .map(stored -> Scales.view(type, type.fromStored(stored)))
        .orElseThrow(() -> StatusException.notFound(type, path.name()));
  }

  private static String revisionOf(ObjectNode object) {
    return Json.text(object, "metadata", "resourceVersion");
  }

  private static String includes(Request request) {
    return request.query("includeObject").orElse("Metadata");
  }

  Response list(Request request, RequestPath path, ResourceType type) {
    var form = Accept.of(request);
    checkListOptions(request);
    var selection = Selection.of(request, path, type);
    var snapshot = store.list(type.storageKey(), selection.namespace());
    checkRevision(request, snapshot.revision());
    var objects = new ArrayList<ObjectNode>();
    for (var stored : snapshot.objects()) {
      if (selection.concerns(stored.key()) && selection.matches(stored.object())) {
        objects.add(type.fromStored(stored));
      }
    }
    var revision = String.valueOf(snapshot.revision());
    return switch (form) {
      case TABLE -> Answers.json(200, tables.table(type, objects, revision, includes(request)));
      case METADATA_LIST -> Answers.json(200, Tables.metadataList(objects, revision));
      case METADATA ->
          throw Accept.notAcceptable(
              "you requested PartialObjectMetadata, but the requested object is a list");
      case JSON -> Answers.json(200, listOf(type, objects, revision));
      case YAML -> Answers.yaml(200, listOf(type, objects, revision));
    };
  }

  /** The keys of all that a request selects. */
  List<Key> select(Selection selection) {
    return store.list(selection.type().storageKey(), selection.namespace()).objects().stream()
        .filter(each -> selection.concerns(each.key()) && selection.matches(each.object()))
        .map(ObjectStore.Stored::key)
        .toList();
  }

  /** The selected objects as a list, for the answer to a deletecollection. */
  ObjectNode listOf(Selection selection) {
    var snapshot = store.list(selection.type().storageKey(), selection.namespace());
    var objects =
        snapshot.objects().stream()
            .filter(each -> selection.concerns(each.key()) && selection.matches(each.object()))
            .map(selection.type()::fromStored)
            .toList();
    return listOf(selection.type(), objects, String.valueOf(snapshot.revision()));
  }

  private static ObjectNode listOf(ResourceType type, List<ObjectNode> objects, String revision) {
    var list = Json.object();
    list.put("kind", type.names().listKind()).put("apiVersion", type.apiVersion());
    var metadata = list.putObject("metadata");
    if (!type.builtIn()) {
      metadata.put("continue", "");
    }
    metadata.put("resourceVersion", revision);
    var items = list.putArray("items");
    for (var object : objects) {
      if (type.builtIn()) {
        object.remove(List.of("kind", "apiVersion"));
      }
      items.add(object);
    }
    return list;
  }

  /** Limits are ignored, which the API allows; nobody gets a token to continue with. */
  static void checkListOptions(Request request) {
    var continues = request.query("continue").orElse("");
    if (!continues.isEmpty()) {
      throw StatusException.badRequest(
          "invalid continue token: this server answers every list whole and gives no tokens");
    }
    var limit = request.query("limit").orElse("");
    if (!limit.matches("-?\\d*")) {
      throw StatusException.badRequest(
          "strconv.ParseInt: parsing " + MetadataRules.quote(limit) + ": invalid syntax");
    }
    var match = request.query("resourceVersionMatch").orElse("");
    var revision = request.query("resourceVersion").orElse("");
    if (request.query("sendInitialEvents").isPresent()) {
      throw forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list");
    }
    if (match.isEmpty()) {
      return;
    }
    if (revision.isEmpty()) {
      throw forbidden(
          "resourceVersionMatch",
          "resourceVersionMatch is forbidden unless resourceVersion is provided");
    }
    if (!match.equals("Exact") && !match.equals("NotOlderThan")) {
      throw StatusException.invalidOption(
          "ListOptions",
          FieldError.of(
              FieldError.Type.NOT_SUPPORTED,
              "resourceVersionMatch",
              MetadataRules.quote(match)
                  + ": supported values: \"Exact\", \"NotOlderThan\", \"\""));
    }
    if (match.equals("Exact") && revision.equals("0")) {
      throw forbidden(
          "resourceVersionMatch",
          "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
    }
  }

  private static StatusException forbidden(String field, String detail) {
    return StatusException.invalidOption(
        "ListOptions", FieldError.of(FieldError.Type.FORBIDDEN, field, detail));
  }

  private static void checkRevision(Request request, long current) {
    var text = request.query("resourceVersion").orElse("");
    if (text.isEmpty()) {
      return;
    }
    if (!text.matches("\\d{1,18}")) {
      throw StatusException.badRequest(
          "invalid resource version: resourceVersion: Invalid value: "
              + MetadataRules.quote(text)
              + ": strconv.ParseUint: parsing "
              + MetadataRules.quote(text)
              + ": invalid syntax");
    }
    var wanted = Long.parseLong(text);
    if (wanted > current) {
      throw tooLarge(wanted, current);
    }
    if (request.query("resourceVersionMatch").orElse("").equals("Exact") && wanted < current) {
      throw new StatusException(
          410,
          "Expired",
          "The resourceVersion for the provided list is too old; this server keeps no old lists");
    }
  }

  private static StatusException tooLarge(long wanted, long current) {
    var details = Json.object();
    details
        .putArray("causes")
        .addObject()
        .put("reason", "ResourceVersionTooLarge")
        .put("message", "Too large resource version");
    details.put("retryAfterSeconds", 1L);
    return new StatusException(
        504,
        "Timeout",
        "Timeout: Too large resource version: " + wanted + ", current: " + current,
        details);
  }
}
