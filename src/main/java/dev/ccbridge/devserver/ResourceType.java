package dev.ccbridge.devserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.devserver.schema.CelRules;
import dev.ccbridge.devserver.schema.JsonPath;
import dev.ccbridge.devserver.schema.Ownership;
import dev.ccbridge.devserver.schema.Schema;
import dev.ccbridge.devserver.schema.Structure;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One version of one resource, with all that serving it takes. Immutable.
 *
 * @param group empty for the core group
 * @param builtIn known to the server itself, not from a CRD
 * @param schema of whole objects, with Kubernetes's own metadata
 * @param ownSchema as written in the CRD, for validation and OpenAPI
 * @param rules the CEL rules
 */
record ResourceType(
    String group,
    String version,
    Names names,
    boolean namespaced,
    boolean builtIn,
    boolean hasStatus,
    @Nullable Scale scale,
    Schema schema,
    JsonNode ownSchema,
    CelRules rules,
    List<Column> columns,
    Set<String> selectableFields) {

  /** How the resource is called. */
  record Names(
      String plural,
      String singular,
      String kind,
      String listKind,
      List<String> shortNames,
      List<String> categories) {}

  /** Where the scale subresource has its numbers; {@code selector} may be null. */
  record Scale(JsonPath specReplicas, JsonPath statusReplicas, @Nullable JsonPath selector) {}

  /** A printer column. */
  record Column(
      String name, String type, String format, String description, int priority, JsonPath path) {}

  String plural() {
    return names.plural();
  }

  String kind() {
    return names.kind();
  }

  /** {@code group/version}, or the version alone for the core group. */
  String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }

  /** {@code widgets.example.dev}, as messages have it. */
  String qualifiedPlural() {
    return group.isEmpty() ? plural() : plural() + "." + group;
  }

  /** Under which its objects are kept; the two sorts of events are the same objects. */
  String storageKey() {
    return isNewEvent() ? "/events" : group + "/" + plural();
  }

  private boolean isNewEvent() {
    return group.equals("events.k8s.io") && plural().equals("events");
  }

  ObjectStore.Key key(String namespace, String name) {
    return new ObjectStore.Key(storageKey(), namespaced ? namespace : "", name);
  }

  /** Reads and writes who owns the fields of objects of this type. */
  Ownership ownership() {
    return new Ownership(schema, !builtIn, hasStatus);
  }

  /** An object as stored, in this version; may be changed by the caller. */
  ObjectNode fromStored(ObjectStore.Stored stored) {
    var object = stored.object();
    if (isNewEvent()) {
      EventConversion.toEventsGroup(object);
    }
    object.put("apiVersion", apiVersion());
    adaptToSchema(object);
    return object;
  }

  /** What was stored under an older schema, or without a status, is shown by the present one. */
  void adaptToSchema(ObjectNode object) {
    if (!builtIn) {
      Structure.prune(object, schema);
      Structure.applyDefaults(object, schema);
    }
  }

  /** Changes {@code object} to what is stored. */
  ObjectNode toStored(ObjectNode object) {
    if (isNewEvent()) {
      EventConversion.toCore(object);
    }
    return object;
  }

  /** Adds the fields that an object of this type always has, and that nobody owns. */
  void addConstantFields(ObjectNode object) {
    if (storageKey().equals("/events")) {
      EventConversion.complete(toStored(object));
      if (isNewEvent()) {
        EventConversion.toEventsGroup(object);
        object.put("apiVersion", apiVersion());
      }
    }
  }
}
