package dev.ccbridge.executor;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cell's downloads by their cache key, with what is needed to ask whether they are still right.
 * What was not used for the longest time goes first. Thread-safe; who works on a key holds its
 * lock. Source: cacheddownloader @39dc8e3.
 */
final class ArtifactCache {
  private static final Logger LOG = LoggerFactory.getLogger(ArtifactCache.class);

  private final Path directory;
  private final long maxBytes;
  private final Map<String, Entry> entries = new HashMap<>();
  private final Map<String, Held> locks = new HashMap<>();
  private long uses;

  /** A key's lock, which goes with the last who wants it. */
  private static final class Held {
    private final ReentrantLock lock = new ReentrantLock(true);
    private int users;
  }

  /** Holds a key until it is closed. */
  interface Hold extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * {@code file}: name of the file that holds the content. {@code md5}: of the content, 32
   * hexadecimal digits. {@code used}: grows with each use.
   */
  record Entry(
      @JsonProperty("key") String key,
      @JsonProperty("file") String file,
      @JsonProperty("etag") String etag,
      @JsonProperty("last_modified") String lastModified,
      @JsonProperty("bytes") long bytes,
      @JsonProperty("md5") @Nullable String md5,
      @JsonProperty("used") long used) {

    /** Request headers by which the server answers 304 when the content is still right. */
    Map<String, String> conditions() {
      var conditions = new HashMap<String, String>();
      if (!etag.isEmpty()) {
        conditions.put("If-None-Match", etag);
      }
      if (!lastModified.isEmpty()) {
        conditions.put("If-Modified-Since", lastModified);
      }
      return conditions;
    }
  }

  /** Takes over what an earlier life left in the directory; what is incomplete is removed. */
  ArtifactCache(Path directory, long maxBytes) throws IOException {
    this.directory = directory;
    this.maxBytes = maxBytes;
    Files.createDirectories(directory);
    var kept = new HashSet<String>();
    for (var file : list("*.json")) {
      read(file).ifPresent(entry -> keep(entry, file, kept));
    }
    for (var file : list("*")) {
      if (!kept.contains(file.getFileName().toString())) {
        Files.delete(file);
      }
    }
  }

  private Iterable<Path> list(String glob) throws IOException {
    try (var files = Files.newDirectoryStream(directory, glob)) {
      var all = new ArrayList<Path>();
      files.forEach(all::add);
      return all;
    }
  }

  private static Optional<Entry> read(Path file) {
    try {
      return Optional.of(ReceptorJson.mapper().readValue(file.toFile(), Entry.class));
    } catch (IOException e) {
      // Cut off by a crash: the content is fetched again when it is wanted.
      return Optional.empty();
    }
  }

  private void keep(Entry entry, Path file, HashSet<String> kept) {
    if (entry.md5() == null) {
      // Of a program before this one, that did not write it down.
      return;
    }
    try {
      if (Files.size(directory.resolve(entry.file())) != entry.bytes()) {
        return;
      }
    } catch (IOException e) {
      // Without its content the entry is of no use.
      return;
    }
    entries.put(entry.key(), entry);
    uses = Math.max(uses, entry.used());
    kept.add(file.getFileName().toString());
    kept.add(entry.file());
  }

  /** Waits until nobody else works on the key. */
  Hold hold(String key) throws InterruptedException {
    Held held;
    synchronized (locks) {
      held = locks.computeIfAbsent(key, k -> new Held());
      held.users++;
    }
    try {
      held.lock.lockInterruptibly();
    } catch (InterruptedException e) {
      leave(key, held);
      throw e;
    }
    return () -> {
      held.lock.unlock();
      leave(key, held);
    };
  }

  private void leave(String key, Held held) {
    synchronized (locks) {
      if (--held.users == 0) {
        locks.remove(key);
      }
    }
  }

  /** How many keys somebody works on or waits for. */
  int held() {
    synchronized (locks) {
      return locks.size();
    }
  }

  synchronized Optional<Entry> find(String key) {
    return Optional.ofNullable(entries.get(key));
  }

  /**
   * Makes the content available as {@code target}, which stays when the cache drops its own.
   *
   * @return false when the content is not what was kept any more; then it is forgotten
   */
  boolean copyOut(Entry entry, Path target) throws IOException {
    if (!takeOut(entry, target)) {
      return false;
    }
    // Read outside of the lock: it may be large, and what was taken stays.
    if (md5(target).equals(entry.md5())) {
      return true;
    }
    forget(entry);
    Files.deleteIfExists(target);
    return false;
  }

  private synchronized boolean takeOut(Entry entry, Path target) throws IOException {
    Files.deleteIfExists(target);
    var content = directory.resolve(entry.file());
    if (!Files.isRegularFile(content, LinkOption.NOFOLLOW_LINKS)) {
      forget(entry);
      return false;
    }
    link(content, target);
    var used =
        new Entry(
            entry.key(),
            entry.file(),
            entry.etag(),
            entry.lastModified(),
            entry.bytes(),
            entry.md5(),
            ++uses);
    write(used);
    entries.put(used.key(), used);
    return true;
  }

  private synchronized void forget(Entry entry) throws IOException {
    LOG.warn("a cached download is damaged, and fetched again file={}", entry.file());
    var known = entries.get(entry.key());
    if (known != null && known.file().equals(entry.file())) {
      remove(entry.key());
    }
  }

  private static String md5(Path file) throws IOException {
    var digest = Transfers.md5();
    try (var in = Files.newInputStream(file)) {
      var buffer = new byte[64 * 1024];
      for (int n; (n = in.read(buffer)) >= 0; ) {
        digest.update(buffer, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Keeps {@code content} under the key; replaces what was there. */
  synchronized void store(String key, Path content, String etag, String lastModified, String md5)
      throws IOException {
    long bytes = Files.size(content);
    if (bytes > maxBytes) {
      remove(key);
      return;
    }
    var name = UUID.randomUUID() + ".content";
    link(content, directory.resolve(name));
    sync(directory.resolve(name));
    var old = entries.get(key);
    var entry = new Entry(key, name, etag, lastModified, bytes, md5, ++uses);
    write(entry);
    entries.put(key, entry);
    if (old != null) {
      Files.deleteIfExists(directory.resolve(old.file()));
    }
    evict();
  }

  private static void link(Path existing, Path link) throws IOException {
    try {
      Files.createLink(link, existing);
    } catch (UnsupportedOperationException | FileSystemException e) {
      Files.copy(existing, link, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private void write(Entry entry) throws IOException {
    var file = metadata(entry.key());
    var next = file.resolveSibling(file.getFileName() + ".next");
    Files.write(next, ReceptorJson.mapper().writeValueAsBytes(entry));
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void sync(Path file) throws IOException {
    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  private void evict() throws IOException {
    while (entries.values().stream().mapToLong(Entry::bytes).sum() > maxBytes) {
      var oldest = entries.values().stream().min(Comparator.comparingLong(Entry::used));
      if (oldest.isEmpty()) {
        return;
      }
      remove(oldest.get().key());
    }
  }

  private void remove(String key) throws IOException {
    var entry = entries.remove(key);
    if (entry != null) {
      Files.deleteIfExists(metadata(key));
      Files.deleteIfExists(directory.resolve(entry.file()));
    }
  }

  private Path metadata(String key) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      var hash = HexFormat.of().formatHex(digest.digest(key.getBytes(StandardCharsets.UTF_8)));
      return directory.resolve(hash + ".json");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
