package dev.ccbridge.receptor.store.kubernetes;

import dev.ccbridge.receptor.store.Change;
import dev.ccbridge.receptor.store.Records;
import dev.ccbridge.receptor.store.RecordsException;
import dev.ccbridge.receptor.store.Table;
import dev.ccbridge.receptor.store.kubernetes.RecordSecrets.Stored;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records as Secrets; see the package's own words for who owns them. Takes them over when it is
 * opened, hands them out once, and ends when somebody else has them. Between {@link #write} and the
 * Secrets are a {@link WriteQueue} and its {@link RecordWriter}, so that buckets are written at the
 * same time, and the changes of one bucket in order. Thread-safe.
 */
public final class KubernetesRecords implements Records {
  private static final Logger LOG = LoggerFactory.getLogger(KubernetesRecords.class);

  private final KubernetesClient kubernetes;
  private final KubernetesRecordsConfig config;
  private final RecordSecrets secrets;
  private final Pauses pauses;
  private final Runnable onLost;
  private final long epoch;
  private final Map<Table, Map<String, byte[]>> loaded = new EnumMap<>(Table.class);
  private final WriteQueue queue;

  private KubernetesRecords(
      KubernetesClient kubernetes, KubernetesRecordsConfig config, Runnable onLost) {
    this.kubernetes = kubernetes;
    this.config = config;
    this.onLost = onLost;
    this.secrets = new RecordSecrets(kubernetes, config);
    this.pauses = new Pauses(config);
    var itsEpoch = new Epoch(kubernetes, config);
    var taken = new TakeOver(config, secrets, itsEpoch, pauses).run();
    this.epoch = taken.epoch();
    var fence = new Fence(itsEpoch, epoch, pauses, this::lose);
    var own = new OwnSecrets(secrets, epoch, this::lose);
    var writer = new RecordWriter(config, own, fence, pauses);
    this.queue = new WriteQueue(place(), config.patience(), writer::write);
    taken.secrets().forEach(secret -> own.know(take(secret), secret));
    LOG.info("records taken over epoch={} secrets={}", epoch, taken.secrets().size());
  }

  /**
   * Takes the records over from whoever had them.
   *
   * @param kubernetes is closed with this; it should not try again by itself for long
   * @param onLost called once when somebody else has taken them over: the process must end then, as
   *     nothing that it does counts any more
   * @throws RecordsException when somebody takes them over at the same time, one is damaged, or the
   *     Kubernetes API does not answer within minutes
   */
  public static KubernetesRecords open(
      KubernetesClient kubernetes, KubernetesRecordsConfig config, Runnable onLost) {
    return new KubernetesRecords(kubernetes, config, onLost);
  }

  /** For {@link #load}. */
  private Bucket take(Stored secret) {
    var bucket = bucket(secret);
    if (secret.entries().isEmpty()) {
      throw unreadable(secret.name(), "nothing is in it");
    }
    secret
        .entries()
        .forEach(
            (entry, encoded) -> {
              var record =
                  bucket
                      .record(entry)
                      .orElseThrow(() -> unreadable(secret.name(), "not its own: " + entry));
              loaded
                  .computeIfAbsent(record.table(), any -> new HashMap<>())
                  .put(record.key(), encoded);
            });
    return bucket;
  }

  private Bucket bucket(Stored secret) {
    for (var table : Table.values()) {
      var bucket = new Bucket(table, secret.key());
      if (table.mapName().equals(secret.table()) && secrets.name(bucket).equals(secret.name())) {
        return bucket;
      }
    }
    throw unreadable(secret.name(), "its table or key is not what its name says");
  }

  @Override
  public <T> Map<String, T> load(Table table, Class<T> type) {
    var records = new HashMap<String, T>();
    var encoded = loaded.remove(table);
    if (encoded != null) {
      encoded.forEach(
          (key, bytes) -> {
            try {
              records.put(key, Change.decode(table, key, bytes, type));
            } catch (RecordsException broken) {
              var bucket = Bucket.of(new RecordKey(table, key));
              throw unreadable(secrets.name(bucket), broken.message());
            }
          });
    }
    return records;
  }

  private RecordsException unreadable(String secret, String why) {
    return new RecordsException(
        "Secret "
            + config.namespace()
            + "/"
            + secret
            + " is no record of the Receptor ("
            + why
            + "); restore it, or delete it to go on without it",
        null);
  }

  @Override
  public CompletableFuture<@Nullable Void> write(List<Change> changes) {
    return queue.write(changes);
  }

  @Override
  public CompletableFuture<@Nullable Void> stored(Table table, String key) {
    return queue.stored(new RecordKey(table, key));
  }

  @Override
  public void settle(Table table, String key) {
    queue.settle(new RecordKey(table, key)::equals);
  }

  @Override
  public void settle(Table table) {
    queue.settle(record -> record.table() == table);
  }

  @Override
  public void requireWritable() {
    queue.requireWritable();
  }

  @Override
  public String place() {
    return "Secrets of namespace " + config.namespace();
  }

  /** What the Kubernetes API does not take within {@code patience} is given up. */
  @Override
  public void close() {
    queue.close();
    pauses.end();
    kubernetes.close();
  }

  private void lose() {
    if (queue.lose()) {
      LOG.error("somebody else owns the records, nothing counts any more epoch={}", epoch);
      pauses.end();
      onLost.run();
    }
  }
}
