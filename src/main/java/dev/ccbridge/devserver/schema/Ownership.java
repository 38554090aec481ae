package dev.ccbridge.devserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.devserver.schema.TypedValue.Comparison;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who set which field of an object: reads and writes {@code metadata.managedFields}, and does
 * server-side apply. Pure: objects handed in are not changed. Source: Kubernetes
 * structured-merge-diff v6, merge/update.go, and apimachinery managedfields.
 */
public final class Ownership {
  private static final List<String[]> NOT_OWNED =
      List.of(
          new String[] {"f:apiVersion"},
          new String[] {"f:kind"},
          new String[] {"f:metadata", "f:name"},
          new String[] {"f:metadata", "f:namespace"},
          new String[] {"f:metadata", "f:creationTimestamp"},
          new String[] {"f:metadata", "f:selfLink"},
          new String[] {"f:metadata", "f:uid"},
          new String[] {"f:metadata", "f:generation"},
          new String[] {"f:metadata", "f:managedFields"},
          new String[] {"f:metadata", "f:resourceVersion"});

  private final Schema schema;
  private final boolean structsAreOwned;
  private final boolean statusIsSeparate;

  /**
   * @param schema of whole objects, metadata included
   * @param structsAreOwned whether an added object with declared fields is itself a field; it is in
   *     custom resources, and not in built-in ones, where such objects always exist
   * @param statusIsSeparate whether only the status subresource may own {@code status}
   */
  public Ownership(Schema schema, boolean structsAreOwned, boolean statusIsSeparate) {
    this.schema = schema;
    this.structsAreOwned = structsAreOwned;
    this.statusIsSeparate = statusIsSeparate;
  }

  /**
   * One who writes.
   *
   * @param operation {@code Apply} or {@code Update}
   * @param subresource empty for the object itself
   */
  public record Manager(String name, String operation, String apiVersion, String subresource) {
    boolean applies() {
      return operation.equals("Apply");
    }

    /** {@code "name" using v1}, as messages have it. */
    public String display() {
      var text = "\"" + name + "\"";
      if (!subresource.isEmpty()) {
        text += " with subresource \"" + subresource + "\"";
      }
      return applies() ? text : text + " using " + apiVersion;
    }
  }

  /** Somebody's fields, and when they last changed (RFC 3339, may be empty). */
  private record Owned(FieldSet fields, String time) {}

  /** A field that somebody else owns with another value. */
  public record Conflict(Manager manager, String field) {}

  /** Thrown by an apply without force that would change others' fields. */
  public static final class ConflictException extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient List<Conflict> conflicts;

    ConflictException(List<Conflict> conflicts) {
      super(conflicts.toString());
      this.conflicts = List.copyOf(conflicts);
    }

    public List<Conflict> conflicts() {
      return conflicts;
    }
  }

  /**
   * The new object of an update or patch, with {@code managedFields} brought up to date.
   *
   * @param live what is stored, null on create
   * @param now RFC 3339
   */
  public ObjectNode update(
      @Nullable ObjectNode live, ObjectNode changed, Manager manager, String now) {
    var result = changed.deepCopy();
    var owners = owners(managedFieldsFor(live, changed));
    var comparison = TypedValue.compare(content(live), content(result), schema, structsAreOwned);
    take(owners, comparison, null);
    var taken = owned(comparison.added().union(comparison.modified()), manager.subresource());
    if (!taken.isEmpty()) {
      var before = owners.get(manager);
      var fields = before == null ? taken : before.fields.union(taken);
      owners.put(manager, new Owned(fields, now));
    }
    write(result, owners);
    return result;
  }

  /** Cleared or given {@code managedFields} count as written; else those of the live object. */
  private static JsonNode managedFieldsFor(@Nullable ObjectNode live, ObjectNode changed) {
    var given = changed.path("metadata").path("managedFields");
    var reset = given.size() == 1 && given.get(0).isEmpty();
    if (reset || live == null) {
      return Json.object().arrayNode();
    }
    return given.isArray() && !given.isEmpty()
        ? given
        : live.path("metadata").path("managedFields");
  }

  /**
   * The live object with {@code applied} merged in, without what this manager applied before and
   * applies no more.
   *
   * @param live what is stored, null when the apply creates
   * @param force takes others' fields instead of failing
   * @throws ConflictException without {@code force}, when others own what would change
   */
  public ObjectNode apply(
      @Nullable ObjectNode live, ObjectNode applied, Manager manager, boolean force, String now)
      throws ConflictException {
    var base = live == null ? Json.object() : content(live);
    var owners =
        owners(live == null ? base.arrayNode() : live.path("metadata").path("managedFields"));
    var merged = (ObjectNode) TypedValue.merge(base, content(applied), schema);
    var before = owners.get(manager);
    var fields = owned(TypedValue.fieldsOf(content(applied), schema), manager.subresource());
    var time = before == null ? now : before.time;
    owners.put(manager, new Owned(fields, time));
    if (before != null) {
      merged = withoutAbandoned(merged, before.fields, owners);
    }
    var comparison = TypedValue.compare(base, merged, schema, structsAreOwned);
    var conflicts = take(owners, comparison, manager);
    if (!conflicts.isEmpty() && !force) {
      throw new ConflictException(conflicts);
    }
    if (!comparison.isSame()) {
      owners.put(manager, new Owned(fields, now));
    }
    write(merged, owners);
    return merged;
  }

  /**
   * Removes what this manager applied last time and nobody owns now. What was never applied by name
   * but would fall with its parent stays.
   */
  private ObjectNode withoutAbandoned(
      ObjectNode merged, FieldSet lastApplied, Map<Manager, Owned> owners) {
    var everything = TypedValue.allPaths(merged, schema);
    var held = TypedValue.allPaths(without(merged, lastApplied), schema);
    for (var owner : owners.values()) {
      held = held.union(owner.fields.withParents());
    }
    var restored = without(merged, everything.difference(held));
    var kept = TypedValue.allPaths(restored, schema);
    return without(merged, everything.difference(kept).intersection(lastApplied.withParents()));
  }

  /** The fields of {@code applied}, as messages write them, that {@code live} has unchanged. */
  public Set<String> unchangedFields(ObjectNode applied, ObjectNode live) {
    var changed = TypedValue.compare(content(applied), content(live), schema, true).modified();
    var fields = TypedValue.fieldsOf(content(applied), schema).difference(changed);
    return fields.paths().stream().map(FieldSet::display).collect(Collectors.toSet());
  }

  private ObjectNode without(ObjectNode object, FieldSet fields) {
    var copy = object.deepCopy();
    TypedValue.remove(copy, fields, schema);
    return copy;
  }

  /** Takes what changed from its other owners, and says whose it was. */
  private List<Conflict> take(
      Map<Manager, Owned> owners, Comparison comparison, @Nullable Manager except) {
    var changed = comparison.modified().union(comparison.added());
    var conflicts = new ArrayList<Conflict>();
    for (var entry : List.copyOf(owners.entrySet())) {
      var manager = entry.getKey();
      var owner = entry.getValue();
      var fields = owner.fields;
      if (!manager.equals(except)) {
        var theirs = fields.intersection(changed);
        theirs
            .paths()
            .forEach(path -> conflicts.add(new Conflict(manager, FieldSet.display(path))));
        fields = fields.difference(theirs);
      }
      fields = fields.difference(comparison.removed());
      if (fields.isEmpty()) {
        owners.remove(manager);
      } else {
        owners.put(manager, new Owned(fields, owner.time));
      }
    }
    return conflicts;
  }

  /** Without what is never owned, and without what the subresource may not write. */
  private FieldSet owned(FieldSet fields, String subresource) {
    var result = fields;
    for (var path : NOT_OWNED) {
      result = result.without(path);
    }
    result = withoutMember(result, "f:metadata");
    if (subresource.equals("status")) {
      return result.only("f:status");
    }
    return statusIsSeparate ? result.without("f:status") : result;
  }

  private static FieldSet withoutMember(FieldSet fields, String step) {
    var child = fields.child(step);
    var rest = fields.without(step);
    if (child == null) {
      return rest;
    }
    var only = new FieldSet();
    child
        .paths()
        .forEach(
            path -> {
              var whole = new ArrayList<String>();
              whole.add(step);
              whole.addAll(path);
              only.add(whole);
            });
    return rest.union(only);
  }

  private static Map<Manager, Owned> owners(JsonNode managedFields) {
    var owners = new LinkedHashMap<Manager, Owned>();
    for (var entry : managedFields) {
      owners.put(
          new Manager(
              Json.text(entry, "manager"),
              Json.text(entry, "operation"),
              Json.text(entry, "apiVersion"),
              Json.text(entry, "subresource")),
          new Owned(FieldSet.of(entry.path("fieldsV1")), Json.text(entry, "time")));
    }
    return owners;
  }

  private static void write(ObjectNode object, Map<Manager, Owned> owners) {
    var order =
        Comparator.<Map.Entry<Manager, Owned>, String>comparing(e -> e.getKey().operation)
            .thenComparing(e -> e.getValue().time)
            .thenComparing(e -> e.getKey().name)
            .thenComparing(e -> e.getKey().apiVersion)
            .thenComparing(e -> e.getKey().subresource);
    var list = object.withObjectProperty("metadata").putArray("managedFields");
    owners.entrySet().stream()
        .sorted(order)
        .forEach(
            entry -> {
              var manager = entry.getKey();
              var json = list.addObject();
              json.put("manager", manager.name);
              json.put("operation", manager.operation);
              json.put("apiVersion", manager.apiVersion);
              if (!entry.getValue().time.isEmpty()) {
                json.put("time", entry.getValue().time);
              }
              json.put("fieldsType", "FieldsV1");
              json.set("fieldsV1", entry.getValue().fields.toJson());
              if (!manager.subresource.isEmpty()) {
                json.put("subresource", manager.subresource);
              }
            });
    if (list.isEmpty()) {
      object.withObjectProperty("metadata").remove("managedFields");
    }
  }

  /** Whether two objects differ in nothing but the times of their owners. */
  public static boolean sameButForTimes(ObjectNode one, ObjectNode other) {
    return withoutTimes(one).equals(withoutTimes(other));
  }

  private static ObjectNode withoutTimes(ObjectNode object) {
    var copy = object.deepCopy();
    copy.path("metadata")
        .path("managedFields")
        .forEach(entry -> ((ObjectNode) entry).remove("time"));
    return copy;
  }

  private static ObjectNode content(@Nullable ObjectNode object) {
    if (object == null) {
      return Json.object();
    }
    var copy = object.deepCopy();
    if (copy.get("metadata") instanceof ObjectNode metadata) {
      metadata.remove("managedFields");
    }
    return copy;
  }
}
