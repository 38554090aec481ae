package dev.ccbridge.devserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.devserver.schema.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;

/**
 * All objects, the one revision counter, and the recent changes. Thread-safe.
 *
 * <p>With a file, a write is in it before anybody sees its revision, so that after a kill the
 * counter never goes back behind what a client knows. The changes are kept in memory only and are
 * bounded: a watch that asks for older ones has to list again.
 */
final class ObjectStore implements AutoCloseable {
  private static final int HISTORY_CHANGES = 8192;
  private static final long HISTORY_BYTES = 32L << 20;
  private static final int RETENTION_MILLIS = 2_000;
  private static final String REVISION = "revision";

  /**
   * Where an object is.
   *
   * @param resource {@code group/plural}
   * @param namespace empty for cluster-wide objects
   */
  record Key(String resource, String namespace, String name) {
    private String encoded() {
      return resource + '\0' + namespace + '\0' + name;
    }

    private static Key decode(String encoded) {
      var parts = encoded.split("\0", -1);
      return new Key(parts[0], parts[1], parts[2]);
    }
  }

  /** An object as stored; {@code json} is not to be changed. */
  record Stored(Key key, long revision, byte[] json) {
    ObjectNode object() {
      return Json.stored(json);
    }
  }

  /** The objects of a resource at one revision, in the order of namespace and name. */
  record Snapshot(long revision, List<Stored> objects) {}

  enum ChangeKind {
    ADDED,
    MODIFIED,
    DELETED
  }

  /**
   * One write.
   *
   * @param json the new object; for DELETED the last one, at the revision of its deletion
   * @param previous what it replaced, null for ADDED
   */
  record Change(long revision, ChangeKind kind, Key key, byte[] json, byte @Nullable [] previous) {}

  /** Changes right after the asked revision are no longer kept. */
  static final class TooOldException extends Exception {
    private static final long serialVersionUID = 1L;
    private final long oldest;

    private TooOldException(long oldest) {
      this.oldest = oldest;
    }

    /** The oldest revision that can still be asked for. */
    long oldest() {
      return oldest;
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final NavigableMap<String, Stored> objects = new TreeMap<>();
  private final ArrayDeque<Change> history = new ArrayDeque<>();
  private final @Nullable MVStore file;
  private final @Nullable MVMap<String, byte[]> objectFile;
  private final @Nullable MVMap<String, String> metaFile;
  private long historyBytes;
  private long revision;
  private boolean closed;

  /** In memory when {@code path} is null. */
  ObjectStore(@Nullable Path path) {
    if (path == null) {
      file = null;
      objectFile = null;
      metaFile = null;
      return;
    }
    file = open(path);
    objectFile = file.openMap("objects");
    metaFile = file.openMap("meta");
    revision = Long.parseLong(metaFile.getOrDefault(REVISION, "0"));
    objectFile.forEach(
        (key, json) -> {
          var at = Long.parseLong(Json.text(Json.stored(json), "metadata", "resourceVersion"));
          objects.put(key, new Stored(Key.decode(key), at, json));
        });
  }

  /** Readable by its owner only, since it holds Secrets. */
  private static MVStore open(Path path) {
    try {
      if (!Files.exists(path)) {
        Files.createFile(
            path,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
      var store = new MVStore.Builder().fileName(path.toString()).autoCommitDisabled().open();
      store.setRetentionTime(RETENTION_MILLIS);
      return store;
    } catch (IOException | MVStoreException failure) {
      throw new CcBridgeException(
          ErrorKind.UNAVAILABLE,
          "cannot open the store file " + path + ": " + failure.getMessage(),
          failure);
    }
  }

  /** A setting that is kept with the objects, such as the server's key. */
  Optional<String> setting(String name) {
    return Optional.ofNullable(metaFile == null ? null : metaFile.get(name));
  }

  void putSetting(String name, String value) {
    if (metaFile != null && file != null) {
      metaFile.put(name, value);
      file.commit();
    }
  }

  long revision() {
    lock.lock();
    try {
      return revision;
    } finally {
      lock.unlock();
    }
  }

  Optional<Stored> get(Key key) {
    lock.lock();
    try {
      return Optional.ofNullable(objects.get(key.encoded()));
    } finally {
      lock.unlock();
    }
  }

  /** All of a resource, or those of one namespace. */
  Snapshot list(String resource, @Nullable String namespace) {
    var prefix = resource + '\0' + (namespace == null ? "" : namespace + '\0');
    lock.lock();
    try {
      return new Snapshot(
          revision, List.copyOf(objects.subMap(prefix, prefix + Character.MAX_VALUE).values()));
    } finally {
      lock.unlock();
    }
  }

  /** Everything there is. */
  Snapshot all() {
    lock.lock();
    try {
      return new Snapshot(revision, List.copyOf(objects.values()));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Stores a new object, and sets its resourceVersion.
   *
   * @return empty when there is one already
   */
  Optional<Stored> create(Key key, ObjectNode object) {
    lock.lock();
    try {
      if (objects.containsKey(key.encoded())) {
        return Optional.empty();
      }
      return Optional.of(write(key, object, null));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Replaces the object that was read as {@code seen}, and sets its resourceVersion.
   *
   * @return empty when somebody else has written or deleted it since
   */
  Optional<Stored> update(Stored seen, ObjectNode object) {
    lock.lock();
    try {
      var current = objects.get(seen.key.encoded());
      if (current == null || current.revision != seen.revision) {
        return Optional.empty();
      }
      return Optional.of(write(seen.key, object, current));
    } finally {
      lock.unlock();
    }
  }

  private Stored write(Key key, ObjectNode object, @Nullable Stored current) {
    var next = revision + 1;
    object.withObjectProperty("metadata").put("resourceVersion", String.valueOf(next));
    var stored = new Stored(key, next, Json.bytes(object));
    persist(key, stored.json, next);
    revision = next;
    objects.put(key.encoded(), stored);
    record(
        new Change(
            next,
            current == null ? ChangeKind.ADDED : ChangeKind.MODIFIED,
            key,
            stored.json,
            current == null ? null : current.json));
    return stored;
  }

  /**
   * Removes the object that was read as {@code seen}.
   *
   * @param last what watchers are shown as its last state
   * @return the last state at the revision of its deletion; empty when somebody else has written or
   *     deleted it since
   */
  Optional<Stored> delete(Stored seen, ObjectNode last) {
    lock.lock();
    try {
      var current = objects.get(seen.key.encoded());
      if (current == null || current.revision != seen.revision) {
        return Optional.empty();
      }
      var next = revision + 1;
      last.withObjectProperty("metadata").put("resourceVersion", String.valueOf(next));
      var gone = new Stored(seen.key, next, Json.bytes(last));
      persist(seen.key, null, next);
      revision = next;
      objects.remove(seen.key.encoded());
      record(new Change(next, ChangeKind.DELETED, seen.key, gone.json, current.json));
      return Optional.of(gone);
    } finally {
      lock.unlock();
    }
  }

  private void persist(Key key, byte @Nullable [] json, long next) {
    if (file == null || objectFile == null || metaFile == null) {
      return;
    }
    if (json == null) {
      objectFile.remove(key.encoded());
    } else {
      objectFile.put(key.encoded(), json);
    }
    metaFile.put(REVISION, String.valueOf(next));
    file.commit();
  }

  private void record(Change change) {
    history.addLast(change);
    historyBytes += size(change);
    while (history.size() > HISTORY_CHANGES || historyBytes > HISTORY_BYTES) {
      historyBytes -= size(history.removeFirst());
    }
    changed.signalAll();
  }

  private static long size(Change change) {
    return change.json.length + (change.previous == null ? 0 : change.previous.length);
  }

  /**
   * The changes after {@code seen}, waiting up to {@code patience} for the first one.
   *
   * @return empty when there was none in time, or the store was closed
   * @throws TooOldException when some of them are no longer kept
   */
  List<Change> changesAfter(long seen, Duration patience)
      throws TooOldException, InterruptedException {
    lock.lock();
    try {
      var nanos = patience.toNanos();
      while (revision <= seen && nanos > 0 && !closed) {
        nanos = changed.awaitNanos(nanos);
      }
      var oldest = revision - history.size();
      if (seen < oldest) {
        throw new TooOldException(oldest);
      }
      var found = new ArrayList<Change>();
      var newest = history.descendingIterator();
      while (newest.hasNext()) {
        var change = newest.next();
        if (change.revision <= seen) {
          break;
        }
        found.add(change);
      }
      return found.reversed();
    } finally {
      lock.unlock();
    }
  }

  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Gives space of old versions back; to be called now and then. */
  void compact() {
    if (file != null) {
      lock.lock();
      try {
        file.compact(50, 4 << 20);
        file.commit();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Ends all waiting for changes, before the store itself is closed. */
  void endWatches() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    endWatches();
    lock.lock();
    try {
      if (file != null) {
        file.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
