package dev.ccbridge.receptor.store.kubernetes;

import dev.ccbridge.kube.Labels;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The Secret that says who owns the records: one request each. What fails throws. */
final class Epoch {
  static final String TYPE = "ccbridge.dev/receptor-epoch";
  private static final String EPOCH = "epoch";
  private static final String CLAIMED = "claimed";

  /**
   * @param number of the owner
   * @param claimed the last owner's that had claimed all records; older ones are nobody's
   */
  record Numbers(long number, long claimed, String version) {}

  private final KubernetesClient kubernetes;
  private final KubernetesRecordsConfig config;

  Epoch(KubernetesClient kubernetes, KubernetesRecordsConfig config) {
    this.kubernetes = kubernetes;
    this.config = config;
  }

  /** As it is now, not as a cache has it. */
  Optional<Numbers> read() {
    return Optional.ofNullable(
            kubernetes.secrets().inNamespace(config.namespace()).withName(name()).get())
        .map(Epoch::numbers);
  }

  /**
   * Makes us the owner.
   *
   * @param above that no record's may reach
   * @return empty when somebody else was faster
   */
  Optional<Numbers> raise(long above) {
    try {
      var before = read();
      var number = Math.max(above, before.map(Numbers::number).orElse(0L)) + 1;
      var claimed = before.map(Numbers::claimed).orElse(0L);
      return Optional.of(write(number, claimed, before.map(Numbers::version).orElse("")));
    } catch (KubernetesClientException failure) {
      if (failure.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        return Optional.empty();
      }
      throw failure;
    }
  }

  /** All records bear our number now. */
  Numbers claimed(Numbers ours) {
    return write(ours.number(), ours.number(), ours.version());
  }

  /** By the version that is known; empty: there is none. */
  private Numbers write(long number, long claimed, String version) {
    var labels = new LinkedHashMap<>(Labels.managed());
    labels.put(RecordSecrets.STORE, config.name());
    var secret =
        new SecretBuilder()
            .withMetadata(
                new ObjectMetaBuilder()
                    .withNamespace(config.namespace())
                    .withName(name())
                    .withLabels(labels)
                    .build())
            .withType(TYPE)
            .withData(Map.of(EPOCH, encode(number), CLAIMED, encode(claimed)))
            .build();
    var resource = kubernetes.secrets().inNamespace(config.namespace()).resource(secret);
    if (version.isEmpty()) {
      return numbers(resource.create());
    }
    secret.getMetadata().setResourceVersion(version);
    return numbers(resource.update());
  }

  private String name() {
    return config.name() + "-receptor-epoch";
  }

  private static Numbers numbers(Secret secret) {
    return new Numbers(
        decode(secret, EPOCH), decode(secret, CLAIMED), secret.getMetadata().getResourceVersion());
  }

  private static String encode(long number) {
    return Base64.getEncoder()
        .encodeToString(Long.toString(number).getBytes(StandardCharsets.US_ASCII));
  }

  private static long decode(Secret secret, String entry) {
    var data = secret.getData();
    var encoded = data == null ? "" : data.getOrDefault(entry, "");
    var text = new String(Base64.getDecoder().decode(encoded), StandardCharsets.US_ASCII);
    return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
  }
}
