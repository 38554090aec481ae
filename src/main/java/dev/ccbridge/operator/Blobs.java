package dev.ccbridge.operator;

import dev.ccbridge.fileserver.BlobStore;
import java.time.Instant;
import java.util.List;

/** The blob store as what works with droplets needs it: of this process, or of a file server. */
interface Blobs {
  /**
   * @param key as in {@code /v1/blobs/<key>}
   */
  record Entry(String key, Instant lastModified) {}

  boolean has(String key);

  /** False when there was none. */
  boolean delete(String key);

  /** What can be listed; a store in another process lists nothing. */
  List<Entry> list(String prefix);

  /** The one of this process. */
  static Blobs of(BlobStore store) {
    return new Blobs() {
      @Override
      public boolean has(String key) {
        return store.find(key).isPresent();
      }

      @Override
      public boolean delete(String key) {
        return store.delete(key);
      }

      @Override
      public List<Entry> list(String prefix) {
        return store.list(prefix).stream()
            .map(blob -> new Entry(blob.key(), blob.lastModified()))
            .toList();
      }
    };
  }
}
