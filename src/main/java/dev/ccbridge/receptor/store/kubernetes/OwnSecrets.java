package dev.ccbridge.receptor.store.kubernetes;

import dev.ccbridge.receptor.store.Change;
import dev.ccbridge.receptor.store.kubernetes.RecordSecrets.Stored;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Secrets as we have left them, and how changes get into one: by the version that is known of
 * it. Thread-safe; of one bucket only one thread stores at a time.
 */
final class OwnSecrets {
  private static final Logger LOG = LoggerFactory.getLogger(OwnSecrets.class);
  private static final int GONE = 404;

  /**
   * A Secret as we have left it.
   *
   * @param version empty: there is none
   * @param entries of a shared one, since who changes one of its records sends the others again; a
   *     record that is alone is not kept here
   */
  private record Left(String version, Map<String, byte[]> entries) {
    static final Left NOTHING = new Left("", Map.of());

    boolean isNothing() {
      return version.isEmpty() && entries.isEmpty();
    }
  }

  private final RecordSecrets secrets;
  private final long epoch;
  private final Runnable lose;
  private final Map<Bucket, Left> left = new ConcurrentHashMap<>();

  /**
   * @param epoch ours
   * @param lose called when a Secret shows that somebody else owns them
   */
  OwnSecrets(RecordSecrets secrets, long epoch, Runnable lose) {
    this.secrets = secrets;
    this.epoch = epoch;
    this.lose = lose;
  }

  String name(Bucket bucket) {
    return secrets.name(bucket);
  }

  /** How a Secret was left by whoever had it before us. */
  void know(Bucket bucket, Stored secret) {
    keep(bucket, secret.version(), secret.entries());
  }

  /**
   * One attempt.
   *
   * @param changes at most one of each record
   * @throws KubernetesClientException when it is not stored. Where {@link #isMoved} says so, the
   *     next attempt knows the version that there is now
   */
  void store(Bucket bucket, List<Change> changes) {
    var before = left.getOrDefault(bucket, Left.NOTHING);
    var entries = new TreeMap<>(before.entries());
    for (var change : changes) {
      var entry = bucket.entry(change.key());
      var encoded = change.encoded();
      if (encoded == null) {
        entries.remove(entry);
      } else {
        entries.put(entry, encoded);
      }
    }
    try {
      keep(bucket, request(bucket, before, entries), entries);
    } catch (KubernetesClientException failure) {
      if (isMoved(failure)) {
        keep(bucket, versionNow(bucket, failure), before.entries());
      }
      throw failure;
    }
  }

  /** Whether the Secret is not as we knew it. */
  static boolean isMoved(KubernetesClientException failure) {
    return Pauses.isConflict(failure) || failure.getCode() == GONE;
  }

  private void keep(Bucket bucket, String version, Map<String, byte[]> entries) {
    var now = new Left(version, bucket.isShared() ? entries : Map.of());
    if (now.isNothing()) {
      left.remove(bucket);
    } else {
      left.put(bucket, now);
    }
  }

  /**
   * @return the version; empty when there is no Secret any more
   */
  private String request(Bucket bucket, Left before, Map<String, byte[]> entries) {
    var version = before.version();
    if (entries.isEmpty()) {
      if (!version.isEmpty()) {
        secrets.delete(name(bucket), version);
      }
      return "";
    }
    if (entries.equals(before.entries())) {
      // Records went that never were stored: of instances without a first place.
      return version;
    }
    return version.isEmpty()
        ? secrets.create(bucket, entries, epoch)
        : secrets.update(bucket, entries, epoch, version);
  }

  /** Of an object that we have made ourselves without being told, or that is no owner's. */
  private String versionNow(Bucket bucket, KubernetesClientException conflict) {
    var now = secrets.find(name(bucket));
    if (now.isPresent() && now.get().epoch() > epoch) {
      lose.run();
      throw new Fence.LostException();
    }
    LOG.info(
        "records are not as they were left secret={} code={} epoch={}",
        name(bucket),
        conflict.getCode(),
        now.map(Stored::epoch).orElse(0L));
    return now.map(Stored::version).orElse("");
  }
}
