package dev.ccbridge.fileserver;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blobs by key in a directory. A blob is written beside, brought to disk and renamed into place: a
 * reader sees the old one or the new one whole, and a killed process leaves no broken one. Keys are
 * segments of {@code [A-Za-z0-9._-]+} divided by slashes. Content is streamed, never held in
 * memory. Thread-safe; of two puts on one key the later to finish wins.
 *
 * <p>All methods throw CcBridgeException: INVALID_REQUEST for a bad key, UNAVAILABLE when the disk
 * does not do as it should.
 */
public final class BlobStore implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BlobStore.class);

  private static final Duration ABANDONED_AFTER = Duration.ofDays(1);
  private static final int PUBLISH_ATTEMPTS = 5;

  private final Path blobs;
  private final Path unfinished;
  private final BlobWriter writer;
  private final DirectoryLock lock;

  /** Held while names change: pruning must not take a directory that a put is about to use. */
  private final ReentrantLock names = new ReentrantLock();

  private BlobStore(Path root, BlobWriter writer, DirectoryLock lock) {
    this.blobs = root.resolve("blobs");
    this.unfinished = root.resolve("unfinished");
    this.writer = writer;
    this.lock = lock;
  }

  /**
   * Takes the data directory, makes it where needed, and deletes what killed uploads left there.
   *
   * @throws CcBridgeException CONFLICT when another store has the directory; UNAVAILABLE when it
   *     cannot be used
   */
  public static BlobStore open(FileServerConfig config, Clock clock) {
    return open(config, clock, false);
  }

  /**
   * The same.
   *
   * @param shared whether stores of other processes, opened so too, may have the directory as well
   */
  public static BlobStore open(FileServerConfig config, Clock clock, boolean shared) {
    var directory = config.dataDirectory().toFile();
    return open(config, clock, shared, directory::getUsableSpace);
  }

  /**
   * @param usableBytes what the disk has left
   */
  static BlobStore open(FileServerConfig config, Clock clock, LongSupplier usableBytes) {
    return open(config, clock, false, usableBytes);
  }

  private static BlobStore open(
      FileServerConfig config, Clock clock, boolean shared, LongSupplier usableBytes) {
    var root = config.dataDirectory();
    return attempt(
        "data directory " + root,
        () -> {
          Directories.create(root);
          var lock = shared ? DirectoryLock.share(root) : DirectoryLock.take(root);
          var store = new BlobStore(root, new BlobWriter(config, usableBytes, clock), lock);
          try {
            Directories.create(store.blobs);
            Directories.create(store.unfinished);
            // What another process is writing was begun not long ago.
            store.deleteUnfinished(shared ? clock.instant().minus(ABANDONED_AFTER) : Instant.MAX);
          } catch (IOException failure) {
            lock.close();
            throw failure;
          }
          return store;
        });
  }

  /**
   * Stores all of {@code content} under {@code key}, in place of what was there. Does not close the
   * stream.
   *
   * @throws CcBridgeException INVALID_REQUEST when it is too large; UNAVAILABLE when the disk is
   *     full or the content breaks off. Nothing has changed then
   */
  public BlobInfo put(String key, InputStream content) {
    return put(key, content, Expected.ANYTHING);
  }

  /** Like the other; content that is not as expected is an INVALID_REQUEST. */
  BlobInfo put(String key, InputStream content, Expected expected) {
    var name = new BlobKey(key);
    return attempt(
        "blob " + key,
        () -> {
          var temporary = unfinished.resolve(UUID.randomUUID().toString());
          try {
            var trailer = writer.write(temporary, name, content, expected);
            publish(temporary, name.file(blobs));
            LOG.info("blob stored key={} size={}", key, trailer.size());
            return trailer.info(name);
          } finally {
            Files.deleteIfExists(temporary);
          }
        });
  }

  /** Empty when there is no such blob. */
  public Optional<BlobInfo> find(String key) {
    return attempt(
        "blob " + key,
        () -> {
          try (var blob = openFile(new BlobKey(key))) {
            return Optional.of(blob.info());
          } catch (NoSuchFileException absent) {
            return Optional.empty();
          }
        });
  }

  /** The blob as it is now, whatever becomes of the key; empty when there is none. */
  public Optional<Blob> open(String key) {
    return attempt(
        "blob " + key,
        () -> {
          try {
            return Optional.of(openFile(new BlobKey(key)));
          } catch (NoSuchFileException absent) {
            return Optional.empty();
          }
        });
  }

  /** Whether there was one. */
  public boolean delete(String key) {
    var file = new BlobKey(key).file(blobs);
    return attempt(
        "blob " + key,
        () -> {
          names.lock();
          try {
            if (!Files.deleteIfExists(file)) {
              return false;
            }
            Directories.sync(Directories.of(file));
            Directories.prune(Directories.of(file), blobs);
          } finally {
            names.unlock();
          }
          LOG.info("blob deleted key={}", key);
          return true;
        });
  }

  /** The blobs whose key begins with {@code prefix}, by key; all of them for the empty text. */
  public List<BlobInfo> list(String prefix) {
    var directory = BlobKey.directory(blobs, prefix);
    var found = new ArrayList<BlobInfo>();
    return attempt(
        "blobs " + prefix,
        () -> {
          Files.walkFileTree(directory, new Lister(prefix, found));
          found.sort(Comparator.comparing(BlobInfo::key));
          return found;
        });
  }

  /** Lets others have the directory. Blobs that are open stay readable. */
  @Override
  public void close() {
    attempt(
        "data directory",
        () -> {
          lock.close();
          return true;
        });
  }

  private Blob openFile(BlobKey key) throws IOException {
    var channel =
        FileChannel.open(key.file(blobs), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    try {
      return new Blob(BlobTrailer.read(channel).info(key), channel);
    } catch (IOException failure) {
      channel.close();
      throw failure;
    }
  }

  private void publish(Path temporary, Path file) throws IOException {
    names.lock();
    try {
      for (var attempt = 1; ; attempt++) {
        try {
          Directories.create(Directories.of(file));
          Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
          Directories.sync(Directories.of(file));
          return;
        } catch (NoSuchFileException | FileAlreadyExistsException race) {
          // Another process has pruned or made the directory.
          if (attempt == PUBLISH_ATTEMPTS) {
            throw race;
          }
        }
      }
    } finally {
      names.unlock();
    }
  }

  /**
   * @param before when it was written to last
   */
  private void deleteUnfinished(Instant before) throws IOException {
    try (var leftovers = Files.newDirectoryStream(unfinished)) {
      for (var leftover : leftovers) {
        if (isOlder(leftover, before)) {
          Files.deleteIfExists(leftover);
          LOG.info("unfinished upload deleted file={}", leftover.getFileName());
        }
      }
    }
  }

  private static boolean isOlder(Path file, Instant than) throws IOException {
    try {
      return Files.getLastModifiedTime(file).toInstant().isBefore(than);
    } catch (NoSuchFileException finished) {
      return false;
    }
  }

  @FunctionalInterface
  private interface DiskWork<T> {
    T run() throws IOException;
  }

  private static <T> T attempt(String what, DiskWork<T> work) {
    try {
      return work.run();
    } catch (IOException failure) {
      // The text of the failure may hold a path, which a client has no business with.
      LOG.error("disk failed on={}", what, failure);
      throw new CcBridgeException(
          ErrorKind.UNAVAILABLE,
          what + ": cannot be read or written on disk, see the log",
          failure);
    }
  }

  /** Blobs that come or go while it walks may be listed or not. */
  private final class Lister extends SimpleFileVisitor<Path> {
    private final String prefix;
    private final List<BlobInfo> found;

    Lister(String prefix, List<BlobInfo> found) {
      this.prefix = prefix;
      this.found = found;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      if (BlobKey.isBlob(file)) {
        var key = BlobKey.ofFile(blobs, file).text();
        if (key.startsWith(prefix)) {
          find(key).ifPresent(found::add);
        }
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      if (failure instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw failure;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
        throws IOException {
      return failure instanceof NoSuchFileException
          ? FileVisitResult.CONTINUE
          : super.postVisitDirectory(directory, failure);
    }
  }
}
