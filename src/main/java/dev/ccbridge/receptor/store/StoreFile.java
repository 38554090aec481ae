package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.model.ReceptorException;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
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
final class StoreFile implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StoreFile.class);
  private static final long RETRY_SECONDS = 1;
  private static final long IDLE_SECONDS = 5;
  private static final int WANTED_FILL_PERCENT = 60;

  private static final int COMPACTED_BYTES_AT_A_TIME = 1 << 20;

  /** Space of old versions is used again after this time; each commit is synced at once. */
  private static final int RETENTION_MILLIS = 5_000;

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

  private boolean requested;
  private boolean closing;
  private MVStore store;
  private boolean fragmented;

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
   * @throws StoreFileException when another process has it open, or it is unreadable
   */
  static StoreFile open(Path path) {
    var absolute = path.toAbsolutePath();
    createIfMissing(absolute);
    var file = new StoreFile(absolute, openStore(absolute));
    file.writer.start();
    return file;
  }

  /** All records of a table. Only before the first {@link #write}. */
  <T> Map<String, T> load(Table table, Class<T> type) {
    try {
      var records = new HashMap<String, T>();
      map(table)
          .forEach((key, encoded) -> records.put(key, Change.decode(table, key, encoded, type)));
      return records;
    } catch (MVStoreException | StoreFileException broken) {
      throw unreadable(path, broken);
    }
  }

  /**
   * Stores the changes; does not wait for the disk.
   *
   * @return completes when these changes, and all before them, are on the disk. Completes with a
   *     ReceptorException when that failed; they are kept, tried again, and covered by the next
   *     call's future, also that of a call without changes
   */
  CompletableFuture<@Nullable Void> write(List<Change> changes) {
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

  /** Waits for what {@link #write} returned, and throws as the future did. */
  static void await(CompletableFuture<@Nullable Void> stored) {
    try {
      stored.join();
    } catch (CompletionException failure) {
      if (failure.getCause() instanceof ReceptorException refused) {
        throw refused;
      }
      throw failure;
    }
  }

  /** Stores what is pending and closes the file. */
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
      } catch (MVStoreException | StoreFileException failure) {
        LOG.error("cannot store changes file={} changes={}", path, batch.changes.size(), failure);
        putBack(batch);
        batch.stored.completeExceptionally(unavailable(failure.getMessage(), failure));
      }
    }
    try {
      // Not with time to compact: moving chunks while closing fails the library's own assertions.
      store.close();
    } catch (MVStoreException failure) {
      LOG.error("cannot close the store file={}", path, failure);
      store.closeImmediately();
    }
  }

  /** Waits for changes; null when closed and nothing is left to store. */
  private @Nullable Batch next() {
    lock.lock();
    try {
      while (!requested && !closing) {
        if (!work.await(IDLE_SECONDS, TimeUnit.SECONDS) && fragmented) {
          compact();
        }
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
    } finally {
      lock.unlock();
    }
  }

  private void store(Batch batch) {
    if (store.isClosed()) {
      // The library closes itself at the first failed write. It would make a missing file anew,
      // and an empty one in the place of ours is the one thing worse than none.
      if (Files.notExists(path)) {
        throw new StoreFileException("the store file " + path + " is gone", null);
      }
      store = openStore(path);
    }
    for (var change : batch.changes.values()) {
      var encoded = change.encoded();
      if (encoded == null) {
        map(change.table()).remove(change.key());
      } else {
        map(change.table()).put(change.key(), encoded);
      }
    }
    store.commit();
    store.sync();
    fragmented = true;
  }

  /** Keeps what failed for the next try; what came later for the same record wins. */
  private void putBack(Batch failed) {
    lock.lock();
    try {
      var merged = new LinkedHashMap<>(failed.changes);
      pending.changes.forEach(
          (cell, change) -> {
            merged.remove(cell);
            merged.put(cell, change);
          });
      pending = new Batch(merged, pending.stored);
      writing = null;
      if (!closing) {
        requested = true;
        work.await(RETRY_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException unexpected) {
      throw new IllegalStateException("nobody may interrupt the writer of " + path, unexpected);
    } finally {
      lock.unlock();
    }
  }

  /** A small piece at a time, so that a write never waits for long. */
  private void compact() {
    lock.unlock();
    try {
      fragmented = store.compact(WANTED_FILL_PERCENT, COMPACTED_BYTES_AT_A_TIME);
      store.sync();
    } catch (MVStoreException failure) {
      LOG.warn("cannot compact the store file={}", path, failure);
      fragmented = false;
    } finally {
      lock.lock();
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
      throw new StoreFileException("cannot make the store file " + path, failure);
    }
  }

  private static MVStore openStore(Path path) {
    try {
      var store =
          new MVStore.Builder()
              .fileName(path.toString())
              .autoCommitDisabled()
              .autoCommitBufferSize(0)
              .open();
      store.setRetentionTime(RETENTION_MILLIS);
      return store;
    } catch (MVStoreException failure) {
      if (failure.getErrorCode() == DataUtils.ERROR_FILE_LOCKED) {
        throw new StoreFileException(
            "the store file " + path + " is in use by another process; stop that one first",
            failure);
      }
      if (failure.getErrorCode() == DataUtils.ERROR_READING_FAILED) {
        throw new StoreFileException(
            "the store file " + path + " cannot be opened: " + failure.getMessage(), failure);
      }
      throw unreadable(path, failure);
    }
  }

  private static StoreFileException unreadable(Path path, Exception cause) {
    return new StoreFileException(
        "the store file "
            + path
            + " is unreadable ("
            + cause.getMessage()
            + "); restore it from a backup, or move it away to begin with an empty store",
        cause);
  }
}
