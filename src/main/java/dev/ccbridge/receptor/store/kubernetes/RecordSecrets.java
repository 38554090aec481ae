package dev.ccbridge.receptor.store.kubernetes;

import dev.ccbridge.kube.Labels;
import dev.ccbridge.kube.MergePatch;
import dev.ccbridge.kube.Names;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One request each to the Secrets that hold records. What fails throws. */
final class RecordSecrets {
  static final String TYPE = "ccbridge.dev/receptor-record";
  static final String STORE = "ccbridge.dev/receptor";
  static final String TABLE = "ccbridge.dev/receptor-table";
  static final String EPOCH = "ccbridge.dev/receptor-epoch";
  static final String KEY_ANNOTATION = "ccbridge.dev/receptor-key";
  private static final long PAGE = 100;
  private static final int HASH_CHARACTERS = 40;

  /**
   * A Secret as it is stored.
   *
   * @param version by which a change of it is told from one that others have made
   * @param entries its records
   */
  record Stored(
      String name,
      String table,
      String key,
      long epoch,
      String version,
      Map<String, byte[]> entries) {}

  private final KubernetesClient kubernetes;
  private final KubernetesRecordsConfig config;

  RecordSecrets(KubernetesClient kubernetes, KubernetesRecordsConfig config) {
    this.kubernetes = kubernetes;
    this.config = config;
  }

  /** Of a bucket's Secret; a key may have any characters, and be long. */
  String name(Bucket bucket) {
    var table = bucket.table().mapName();
    return config.name()
        + "-"
        + table.replace('_', '-')
        + "-"
        + Names.hash(table + "/" + bucket.key(), HASH_CHARACTERS);
  }

  /** All there are, as at one moment that is not before the call. */
  List<Stored> list() {
    var all = new ArrayList<Stored>();
    @Nullable String next = null;
    do {
      var page =
          kubernetes
              .secrets()
              .inNamespace(config.namespace())
              .withLabel(STORE, config.name())
              .list(new ListOptionsBuilder().withLimit(PAGE).withContinue(next).build());
      page.getItems().stream()
          .filter(secret -> TYPE.equals(secret.getType()))
          .map(RecordSecrets::stored)
          .forEach(all::add);
      next = page.getMetadata().getContinue();
    } while (next != null && !next.isEmpty());
    return all;
  }

  Optional<Stored> find(String name) {
    return Optional.ofNullable(
            kubernetes.secrets().inNamespace(config.namespace()).withName(name).get())
        .map(RecordSecrets::stored);
  }

  /**
   * @param entries its records
   * @return the version
   */
  String create(Bucket bucket, Map<String, byte[]> entries, long epoch) {
    return version(resource(secret(bucket, entries, epoch)).create());
  }

  /**
   * The whole of it, so that afterwards it is what we know of it, whatever others have made of it.
   *
   * @param entries its records
   * @return the version
   */
  String update(Bucket bucket, Map<String, byte[]> entries, long epoch, String version) {
    var secret = secret(bucket, entries, epoch);
    secret.getMetadata().setResourceVersion(version);
    return version(resource(secret).update());
  }

  /** Only the epoch; the records themselves are neither sent nor changed. */
  String claim(String name, long epoch, String version) {
    var patch =
        "{\"metadata\":{\"resourceVersion\":\"%s\",\"labels\":{\"%s\":\"%d\"}}}"
            .formatted(version, EPOCH, epoch);
    var all = kubernetes.secrets().inNamespace(config.namespace());
    return version(MergePatch.apply(all, new Secret(), name, patch));
  }

  /** One that is gone already is no error. */
  void delete(String name, String version) {
    try {
      kubernetes
          .secrets()
          .inNamespace(config.namespace())
          .withName(name)
          .lockResourceVersion(version)
          .delete();
    } catch (KubernetesClientException failure) {
      if (failure.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
        throw failure;
      }
    }
  }

  private io.fabric8.kubernetes.client.dsl.Resource<Secret> resource(Secret secret) {
    return kubernetes.secrets().inNamespace(config.namespace()).resource(secret);
  }

  private Secret secret(Bucket bucket, Map<String, byte[]> entries, long epoch) {
    var data = new LinkedHashMap<String, String>();
    entries.forEach((entry, bytes) -> data.put(entry, Base64.getEncoder().encodeToString(bytes)));
    var labels = new LinkedHashMap<>(Labels.managed());
    labels.put(STORE, config.name());
    labels.put(TABLE, bucket.table().mapName());
    labels.put(EPOCH, Long.toString(epoch));
    return new SecretBuilder()
        .withMetadata(
            new ObjectMetaBuilder()
                .withNamespace(config.namespace())
                .withName(name(bucket))
                .withLabels(labels)
                .withAnnotations(Map.of(KEY_ANNOTATION, bucket.key()))
                .build())
        .withType(TYPE)
        .withData(data)
        .build();
  }

  private static Stored stored(Secret secret) {
    var metadata = secret.getMetadata();
    var labels = Objects.requireNonNullElse(metadata.getLabels(), Map.<String, String>of());
    var annotations =
        Objects.requireNonNullElse(metadata.getAnnotations(), Map.<String, String>of());
    var data = Objects.requireNonNullElse(secret.getData(), Map.<String, String>of());
    var entries = new LinkedHashMap<String, byte[]>();
    data.forEach((entry, encoded) -> entries.put(entry, Base64.getDecoder().decode(encoded)));
    return new Stored(
        metadata.getName(),
        labels.getOrDefault(TABLE, ""),
        annotations.getOrDefault(KEY_ANNOTATION, ""),
        epoch(labels.get(EPOCH)),
        version(secret),
        entries);
  }

  /** One that somebody has made unreadable is nobody's. */
  private static long epoch(@Nullable String label) {
    return label != null && label.matches("[0-9]{1,18}") ? Long.parseLong(label) : 0;
  }

  private static String version(Secret secret) {
    return secret.getMetadata().getResourceVersion();
  }
}
