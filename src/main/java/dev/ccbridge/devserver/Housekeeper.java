package dev.ccbridge.devserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.devserver.Deletions.DeleteOptions;
import dev.ccbridge.devserver.ObjectStore.Change;
import dev.ccbridge.devserver.ObjectStore.ChangeKind;
import dev.ccbridge.devserver.ObjectStore.Key;
import dev.ccbridge.devserver.ObjectStore.Stored;
import dev.ccbridge.devserver.ObjectStore.TooOldException;
import dev.ccbridge.devserver.schema.Json;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a cluster's controllers would do: collects objects whose owners are gone, finishes the
 * deletion of namespaces and CRDs, and forgets old events. Runs on one thread of its own, which
 * follows the store's changes.
 */
final class Housekeeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Housekeeper.class);
  private static final Duration EVENT_LIFETIME = Duration.ofHours(1);
  private static final Duration ROUND = Duration.ofSeconds(10);
  private static final Duration RETRY = Duration.ofMillis(200);

  private final ObjectStore store;
  private final ResourceTypes types;
  private final Deletions deletions;
  private final Clock clock;
  private final Map<Key, Set<String>> owners = new HashMap<>();
  private final Map<String, Set<Key>> dependents = new HashMap<>();
  private final Map<Key, String> uids = new HashMap<>();
  private final Set<String> alive = new HashSet<>();
  private final Set<Key> unfinished = new HashSet<>();
  private long position;
  private Instant nextTidying = Instant.MIN;
  private @Nullable Thread thread;

  Housekeeper(ObjectStore store, ResourceTypes types, Deletions deletions, Clock clock) {
    this.store = store;
    this.types = types;
    this.deletions = deletions;
    this.clock = clock;
  }

  void start() {
    thread = Thread.ofVirtual().name("devserver-housekeeper").start(this::run);
  }

  private void run() {
    var known = false;
    while (!store.isClosed()) {
      try {
        if (!known) {
          readAll();
          known = true;
        }
        follow();
        finish();
        tidy();
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
        return;
      } catch (RuntimeException unexpected) {
        if (store.isClosed()) {
          return;
        }
        LOG.error("housekeeping failed, it starts again", unexpected);
        known = false;
        LockSupport.parkNanos(ROUND.toNanos());
      }
    }
  }

  private void tidy() {
    if (!clock.instant().isBefore(nextTidying)) {
      expireEvents();
      store.compact();
      nextTidying = clock.instant().plus(ROUND);
    }
  }

  private void follow() throws InterruptedException {
    try {
      for (var change : store.changesAfter(position, unfinished.isEmpty() ? ROUND : RETRY)) {
        position = change.revision();
        apply(change);
      }
    } catch (TooOldException tooFarBehind) {
      readAll();
    }
  }

  /** Forgets all that was known and reads everything again. */
  private void readAll() {
    owners.clear();
    dependents.clear();
    uids.clear();
    alive.clear();
    unfinished.clear();
    var everything = store.all();
    position = everything.revision();
    var parsed = new HashMap<Key, ObjectNode>();
    for (var stored : everything.objects()) {
      var object = stored.object();
      parsed.put(stored.key(), object);
      alive.add(Json.text(object, "metadata", "uid"));
    }
    parsed.forEach(this::learn);
    parsed.keySet().forEach(this::collectIfOrphaned);
  }

  private void apply(Change change) {
    var object = Json.stored(change.json());
    var uid = Json.text(object, "metadata", "uid");
    if (change.kind() == ChangeKind.DELETED) {
      alive.remove(uid);
      forget(change.key());
      List.copyOf(dependents.getOrDefault(uid, Set.of())).forEach(this::collectIfOrphaned);
      return;
    }
    alive.add(uid);
    learn(change.key(), object);
    collectIfOrphaned(change.key());
  }

  private void learn(Key key, ObjectNode object) {
    forget(key);
    uids.put(key, Json.text(object, "metadata", "uid"));
    var metadata = object.path("metadata");
    for (var owner : metadata.path("ownerReferences")) {
      if (isServed(Json.text(owner, "apiVersion"), Json.text(owner, "kind"))) {
        var uid = Json.text(owner, "uid");
        owners.computeIfAbsent(key, k -> new HashSet<>()).add(uid);
        dependents.computeIfAbsent(uid, u -> new HashSet<>()).add(key);
      }
    }
    if (metadata.has("deletionTimestamp")) {
      unfinished.add(key);
    }
  }

  /** Whether an owner of this kind is there can only be told when we have such kinds. */
  private boolean isServed(String apiVersion, String kind) {
    return types.all().stream()
        .anyMatch(type -> type.apiVersion().equals(apiVersion) && type.kind().equals(kind));
  }

  private void forget(Key key) {
    unfinished.remove(key);
    uids.remove(key);
    for (var uid : owners.getOrDefault(key, Set.of())) {
      var theirs = dependents.getOrDefault(uid, new HashSet<>());
      theirs.remove(key);
      if (theirs.isEmpty()) {
        dependents.remove(uid);
      }
    }
    owners.remove(key);
  }

  private void collectIfOrphaned(Key key) {
    var theirs = owners.getOrDefault(key, Set.of());
    if (!theirs.isEmpty() && theirs.stream().noneMatch(alive::contains)) {
      LOG.debug("collect resource={} name={}", key.resource(), key.name());
      delete(key);
    }
  }

  private void delete(Key key) {
    var type = typeOf(key);
    if (type != null) {
      deletions.deleteAll(type, List.of(key), DeleteOptions.BACKGROUND);
    }
  }

  private @Nullable ResourceType typeOf(Key key) {
    return types.all().stream()
        .filter(type -> type.storageKey().equals(key.resource()))
        .findFirst()
        .orElse(null);
  }

  /** Takes every deletion that waits for us a step further. */
  private void finish() {
    for (var key : List.copyOf(unfinished)) {
      var stored = store.get(key);
      if (stored.isEmpty()) {
        unfinished.remove(key);
        continue;
      }
      var type = typeOf(key);
      if (type != null) {
        finish(type, stored.get());
      }
    }
  }

  private void finish(ResourceType type, Stored stored) {
    var object = stored.object();
    var uid = Json.text(object, "metadata", "uid");
    var finalizers = finalizers(object);
    if (type.kind().equals("Namespace")) {
      if (emptied(namespaceContent(stored.key().name()))) {
        object.withObjectProperty("spec").remove("finalizers");
        store.delete(stored, object);
      }
    } else if (finalizers.contains(CustomResourceDefinitions.CLEANUP)) {
      finishDefinition(stored, object);
    } else if (finalizers.contains(Deletions.FOREGROUND)) {
      if (emptied(dependents.getOrDefault(uid, Set.of()))) {
        removeFinalizer(stored, object, Deletions.FOREGROUND);
      }
    } else if (finalizers.contains(Deletions.ORPHAN)) {
      release(uid);
      removeFinalizer(stored, object, Deletions.ORPHAN);
    } else {
      // Somebody else's finalizer: its removal is a change that we shall see.
      unfinished.remove(stored.key());
    }
  }

  private void finishDefinition(Stored stored, ObjectNode definition) {
    var group = Json.text(definition, "spec", "group");
    var plural = Json.text(definition, "spec", "names", "plural");
    if (emptied(keys(store.list(group + "/" + plural, null).objects()))) {
      types.stopServing(group, plural);
      removeFinalizer(stored, definition, CustomResourceDefinitions.CLEANUP);
    }
  }

  private List<Key> namespaceContent(String namespace) {
    return keys(
        store.all().objects().stream()
            .filter(each -> each.key().namespace().equals(namespace))
            .toList());
  }

  private static List<Key> keys(List<Stored> objects) {
    return objects.stream().map(Stored::key).toList();
  }

  /** Deletes all of these; true when none was left. */
  private boolean emptied(Iterable<Key> keys) {
    var empty = true;
    for (var key : keys) {
      if (store.get(key).isPresent()) {
        empty = false;
        delete(key);
      }
    }
    return empty;
  }

  /** Takes the owner with this uid out of its dependents. */
  private void release(String uid) {
    for (var key : List.copyOf(dependents.getOrDefault(uid, Set.of()))) {
      store
          .get(key)
          .ifPresent(
              stored -> {
                var object = stored.object();
                var list =
                    object.withObjectProperty("metadata").withArrayProperty("ownerReferences");
                list.removeIf(owner -> Json.text(owner, "uid").equals(uid));
                if (list.isEmpty()) {
                  object.withObjectProperty("metadata").remove("ownerReferences");
                }
                store.update(stored, object);
              });
    }
  }

  private void removeFinalizer(Stored stored, ObjectNode object, String finalizer) {
    var left = finalizers(object);
    left.remove(finalizer);
    var metadata = object.withObjectProperty("metadata");
    metadata.remove("finalizers");
    if (left.isEmpty()) {
      store.delete(stored, object);
      return;
    }
    var list = metadata.putArray("finalizers");
    left.forEach(list::add);
    store.update(stored, object);
  }

  private static List<String> finalizers(ObjectNode object) {
    var finalizers = new ArrayList<String>();
    object.path("metadata").path("finalizers").forEach(each -> finalizers.add(each.asText()));
    return finalizers;
  }

  private void expireEvents() {
    var limit = clock.instant().minus(EVENT_LIFETIME);
    for (var stored : store.list("/events", null).objects()) {
      var event = stored.object();
      var last = lastSeen(event);
      if (last.isBefore(limit)) {
        store.delete(stored, event);
      }
    }
  }

  private static Instant lastSeen(ObjectNode event) {
    var written = Instant.EPOCH;
    for (var entry : event.path("metadata").path("managedFields")) {
      var time = Json.text(entry, "time");
      if (!time.isEmpty()) {
        var at = OffsetDateTime.parse(time).toInstant();
        written = at.isAfter(written) ? at : written;
      }
    }
    var created = Json.text(event, "metadata", "creationTimestamp");
    return written.equals(Instant.EPOCH) && !created.isEmpty()
        ? OffsetDateTime.parse(created).toInstant()
        : written;
  }

  @Override
  public void close() {
    if (thread != null) {
      thread.interrupt();
    }
  }
}
