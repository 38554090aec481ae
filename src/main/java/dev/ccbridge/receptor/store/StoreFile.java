package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.model.ReceptorException;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file that everything is kept in. Changes are stored in the order of the calls of {@link
 * #write}, each call as a whole or not at all. Those that come while the disk is busy share the
 * next commit and fsync.
 *
 * <p>Thread-safe. Only the writer's thread touches the underlying store once {@link #open} has
 * returned, and nobody interrupts that thread: an interrupt would close the file.
 */
final class StoreFile implements Records {
  private static final Logger LOG = LoggerFactory.getLogger(StoreFile.class);
  private static final long RETRY_SECONDS = 1;

  /**
   * Space is used again at once: each commit is on the disk before the next is written, and the
   * library keeps the last five as they are. Every second of it would cost the space of all commits
   * of a second. Nothing is moved in an open file: a kill during that has left a file in which the
   * library did not find its own parts any more.
   */
  private static final int RETENTION_MILLIS = 0;

  private static final String TALLIES = "tallies";

  private record Cell(Table table, String key) {}

  private record Batch(Map<Cell, Change> changes, CompletableFuture<@Nullable Void> stored) {
    static Batch empty() {
      return new Batch(new LinkedHashMap<>(), new CompletableFuture<>());
    }
  }

  private final Path path;
  private final Thread writer;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private Batch pending = Batch.empty();

  /** On its way to the disk; whoever asks whether everything is stored waits for it too. */
  private @Nullable Batch writing;

  /** Whether the last write was refused, and in which words. */
  private boolean failing;

  private String refusal = "";
  private boolean requested;
  private boolean closing;
  private MVStore store;

  private StoreFile(Path path, MVStore store) {
    this.path = path;
    this.store = store;
    this.writer =
        Thread.ofPlatform().name("receptor-store").daemon().unstarted(this::writeUntilClosed);
  }

  /**
   * Opens the file, or makes it, readable by its owner alone. A write that an earlier process did
   * not finish is dropped.
   *
   * @throws RecordsException when another process has it open, or it is unreadable
   */
  static StoreFile open(Path path) {
    var absolute = path.toAbsolutePath();
    createIfMissing(absolute);
    var file = new StoreFile(absolute, openStore(absolute));
    file.writer.start();
    return file;
  }

  @Override
  public <T> Map<String, T> load(Table table, Class<T> type) {
    try {
      var records = new HashMap<String, T>();
      var tally = Tally.NONE;
      for (var entry : map(table).entrySet()) {
        var key = entry.getKey();
        records.put(key, Change.decode(table, key, entry.getValue(), type));
        tally = tally.with(key, entry.getValue());
      }
      requireEqual(tally, table);
      return records;
    } catch (RuntimeException broken) {
      // Of whatever kind: the library checks little of what it reads.
      throw unreadable(path, broken);
    }
  }

  private void requireEqual(Tally found, Table table) {
    var kept = tallies().get(table.mapName());
    if (kept != null && !found.equals(Tally.decode(kept))) {
      throw new RecordsException(
          "table "
              + table.mapName()
              + " is not as it was left: found "
              + found.count()
              + " records, wanted "
              + Tally.decode(kept).count(),
          null);
    }
  }

  /** Completes when these changes, and all before them, are on the disk. */
  @Override
  public CompletableFuture<@Nullable Void> write(List<Change> changes) {
    lock.lock();
    try {
      if (closing) {
        return CompletableFuture.failedFuture(unavailable("it is closed", null));
      }
      if (changes.isEmpty() && pending.changes.isEmpty()) {
        return writing == null ? CompletableFuture.completedFuture(null) : writing.stored;
      }
      for (var change : changes) {
        var cell = new Cell(change.table(), change.key());
        // Removed first, so that the order in the batch is that of the latest calls.
        pending.changes.remove(cell);
        pending.changes.put(cell, change);
      }
      requested = true;
      work.signal();
      return pending.stored;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public CompletableFuture<@Nullable Void> stored(Table table, String key) {
    lock.lock();
    try {
      return latest(holds(table, key));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void settle(Table table, String key) {
    settle(holds(table, key));
  }

  private static Predicate<Batch> holds(Table table, String key) {
    return batch -> batch.changes.containsKey(new Cell(table, key));
  }

  @Override
  public void settle(Table table) {
    settle(batch -> batch.changes.keySet().stream().anyMatch(cell -> cell.table() == table));
  }

  private void settle(Predicate<Batch> touches) {
    CompletableFuture<@Nullable Void> stored;
    lock.lock();
    try {
      if (failing) {
        return;
      }
      stored = latest(touches);
    } finally {
      lock.unlock();
    }
    stored.exceptionally(refused -> null).join();
  }

  /** When the last of such batches is on the disk. Under the lock. */
  private CompletableFuture<@Nullable Void> latest(Predicate<Batch> touches) {
    if (touches.test(pending)) {
      return pending.stored;
    }
    return writing != null && touches.test(writing)
        ? writing.stored
        : CompletableFuture.completedFuture(null);
  }

  @Override
  public void requireWritable() {
    lock.lock();
    try {
      if (failing) {
        throw unavailable(refusal, null);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String place() {
    return path.toString();
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closing = true;
      work.signal();
    } finally {
      lock.unlock();
    }
    try {
      writer.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void writeUntilClosed() {
    for (var batch = next(); batch != null; batch = next()) {
      try {
        store(batch);
        finish();
        batch.stored.complete(null);
      } catch (RuntimeException failure) {
        // What was changed in memory only must not meet the next try.
        store.closeImmediately();
        LOG.error("cannot store changes file={} changes={}", path, batch.changes.size(), failure);
        // Put back first: whoever asks again once it is refused must find it waiting.
        putBack(batch, String.valueOf(failure.getMessage()));
        batch.stored.completeExceptionally(unavailable(failure.getMessage(), failure));
        pause();
      }
    }
    refuseTheRest();
    try {
      // Not with time to compact: moving chunks while closing fails the library's own assertions.
      store.close();
    } catch (MVStoreException failure) {
      LOG.error("cannot close the store file={}", path, failure);
      store.closeImmediately();
    }
  }

  /** What the disk refused to the last. */
  private void refuseTheRest() {
    lock.lock();
    try {
      pending.stored.completeExceptionally(unavailable("it is closed: " + refusal, null));
    } finally {
      lock.unlock();
    }
  }

  /** Waits for changes; null when closed and nothing is left to store. */
  private @Nullable Batch next() {
    lock.lock();
    try {
      while (!requested && !closing) {
        work.await();
      }
      if (!requested) {
        return null;
      }
      requested = false;
      var batch = pending;
      writing = batch;
      pending = Batch.empty();
      return batch;
    } catch (InterruptedException unexpected) {
      throw new IllegalStateException("nobody may interrupt the writer of " + path, unexpected);
    } finally {
      lock.unlock();
    }
  }

  private void finish() {
    lock.lock();
    try {
      writing = null;
      failing = false;
    } finally {
      lock.unlock();
    }
  }

  private void store(Batch batch) {
    if (store.isClosed()) {
      // The library closes itself at the first failed write. It would make a missing file anew,
      // and an empty one in the place of ours is the one thing worse than none.
      if (Files.notExists(path)) {
        throw new RecordsException("the store file " + path + " is gone", null);
      }
      store = openStore(path);
    }
    var tallies = new EnumMap<Table, Tally>(Table.class);
    for (var change : batch.changes.values()) {
      tallies.put(
          change.table(), apply(change, tallies.computeIfAbsent(change.table(), this::tally)));
    }
    tallies.forEach((table, tally) -> tallies().put(table.mapName(), tally.encode()));
    store.commit();
    store.sync();
  }

  private Tally apply(Change change, Tally before) {
    var encoded = change.encoded();
    var map = map(change.table());
    if (encoded == null) {
      return before.without(change.key(), map.remove(change.key()));
    }
    return before.without(change.key(), map.put(change.key(), encoded)).with(change.key(), encoded);
  }

  /** Counted where an earlier version of this program has not kept it. */
  private Tally tally(Table table) {
    var kept = tallies().get(table.mapName());
    if (kept != null) {
      return Tally.decode(kept);
    }
    var tally = Tally.NONE;
    for (var entry : map(table).entrySet()) {
      tally = tally.with(entry.getKey(), entry.getValue());
    }
    return tally;
  }

  private MVMap<String, byte[]> tallies() {
    return store.openMap(TALLIES);
  }

  /** Keeps what failed for the next try; what came later for the same record wins. */
  private void putBack(Batch failed, String why) {
    lock.lock();
    try {
      failing = true;
      refusal = why;
      var merged = new LinkedHashMap<>(failed.changes);
      pending.changes.forEach(
          (cell, change) -> {
            merged.remove(cell);
            merged.put(cell, change);
          });
      pending = new Batch(merged, pending.stored);
      writing = null;
      requested = !closing;
    } finally {
      lock.unlock();
    }
  }

  /** Before the next try; the next change ends it. */
  private void pause() {
    lock.lock();
    try {
      if (!closing) {
        work.await(RETRY_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException unexpected) {
      throw new IllegalStateException("nobody may interrupt the writer of " + path, unexpected);
    } finally {
      lock.unlock();
    }
  }

  private MVMap<String, byte[]> map(Table table) {
    return store.openMap(table.mapName());
  }

  private ReceptorException unavailable(@Nullable String reason, @Nullable Throwable cause) {
    return ReceptorException.unavailable("cannot store to " + path + ": " + reason, cause);
  }

  private static void createIfMissing(Path path) {
    try {
      var directory = path.getParent();
      if (directory != null) {
        Files.createDirectories(directory);
      }
      if (Files.notExists(path)) {
        Files.createFile(path);
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
          Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        }
      }
    } catch (IOException failure) {
      throw new RecordsException(
          "cannot make the store file " + path + ": wanted a directory to write to, " + failure,
          failure);
    }
    // The library would open it to be read only, and refuse each write later.
    if (!Files.isWritable(path)) {
      throw new RecordsException(
          "the store file " + path + " cannot be written to; give it to the user of this process",
          null);
    }
  }

  private static MVStore openStore(Path path) {
    try {
      var store =
          new MVStore.Builder()
              .fileName(OrderedDisk.nameOf(path))
              .autoCommitDisabled()
              .autoCommitBufferSize(0)
              .open();
      store.setRetentionTime(RETENTION_MILLIS);
      return store;
    } catch (MVStoreException failure) {
      if (failure.getErrorCode() == DataUtils.ERROR_FILE_LOCKED) {
        throw new RecordsException(
            "the store file " + path + " is in use by another process; stop that one first",
            failure);
      }
      if (failure.getErrorCode() == DataUtils.ERROR_READING_FAILED) {
        throw new RecordsException(
            "the store file " + path + " cannot be opened: " + failure.getMessage(), failure);
      }
      throw unreadable(path, failure);
    }
  }

  private static RecordsException unreadable(Path path, Exception cause) {
    return new RecordsException(
        "the store file "
            + path
            + " is unreadable ("
            + cause.getMessage()
            + "); restore it from a backup, or move it away to begin with an empty store",
        cause);
  }
}
