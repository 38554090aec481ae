package dev.ccbridge.operator;

import dev.ccbridge.kube.Labels;
import dev.ccbridge.operator.Leadership.Leases;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The key that signs completion callbacks. Whoever takes the stager's lease over must know the
 * tasks of his predecessor for what they are, so all processes of one lease have one key: in a
 * Secret beside the lease. The first process puts the key of its data directory there, with which
 * tasks may be under way.
 */
final class CallbackKey {
  static final String NAME = "cc-bridge-callback-key";
  private static final Logger LOG = LoggerFactory.getLogger(CallbackKey.class);
  private static final String ENTRY = "key";

  private CallbackKey() {}

  /**
   * Of the processes that share these leases.
   *
   * @throws KubernetesClientException when the Kubernetes API cannot be asked
   */
  static byte[] of(Leases leases) {
    var own = leases.data().secret("callback.key");
    if (leases.embedded()) {
      return own;
    }
    try {
      return find(leases).orElseGet(() -> create(leases, own));
    } catch (KubernetesClientException failure) {
      if (failure.getCode() != HttpURLConnection.HTTP_FORBIDDEN) {
        throw failure;
      }
      LOG.warn(
          "{} cannot be had, wanted the right to get and create it in namespace {};"
              + " no other process can go on with tasks of this one",
          NAME,
          leases.namespace());
      return own;
    }
  }

  private static Optional<byte[]> find(Leases leases) {
    Secret secret =
        leases.kubernetes().secrets().inNamespace(leases.namespace()).withName(NAME).get();
    return Optional.ofNullable(secret)
        .map(Secret::getData)
        .map(data -> data.get(ENTRY))
        .map(Base64.getDecoder()::decode);
  }

  private static byte[] create(Leases leases, byte[] key) {
    var secret =
        new SecretBuilder()
            .withMetadata(
                new ObjectMetaBuilder()
                    .withNamespace(leases.namespace())
                    .withName(NAME)
                    .withLabels(Labels.managed())
                    .build())
            .withData(Map.of(ENTRY, Base64.getEncoder().encodeToString(key)))
            .build();
    try {
      leases.kubernetes().resource(secret).create();
      return key;
    } catch (KubernetesClientException failure) {
      if (failure.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw failure;
      }
      // Another process was faster.
      return find(leases).orElseThrow(() -> unusable(leases));
    }
  }

  private static ConfigException unusable(Leases leases) {
    return new ConfigException(
        "Secret "
            + leases.namespace()
            + "/"
            + NAME
            + " has no entry "
            + ENTRY
            + "; wanted the key of completion callbacks, or no Secret of that name");
  }
}
