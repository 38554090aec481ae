package dev.ccbridge.operator;

import dev.ccbridge.kube.Labels;
import dev.ccbridge.operator.Leadership.Leases;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Where the other operators reach the one that has a duty: in a Secret beside the lease, since the
 * URL may hold credentials. Whoever gets the duty writes it.
 */
final class LeaderAddress implements AutoCloseable {
  private static final String URL = "url";

  private final SharedIndexInformer<Secret> informer;

  private LeaderAddress(SharedIndexInformer<Secret> informer) {
    this.informer = informer;
  }

  /**
   * Tells where the leader is, now and whenever it changes.
   *
   * @param told must not block
   */
  static LeaderAddress watch(Leases leases, String lease, Consumer<Optional<URI>> told) {
    return new LeaderAddress(
        leases
            .kubernetes()
            .secrets()
            .inNamespace(leases.namespace())
            .withName(name(lease))
            .inform(
                new ResourceEventHandler<>() {
                  @Override
                  public void onAdd(Secret secret) {
                    told.accept(url(secret));
                  }

                  @Override
                  public void onUpdate(Secret before, Secret after) {
                    told.accept(url(after));
                  }

                  @Override
                  public void onDelete(Secret secret, boolean finalStateUnknown) {
                    told.accept(Optional.empty());
                  }
                }));
  }

  /** Tells the others that this process has the lease, and where it is reached. */
  static void announce(Leases leases, String lease, URI url) {
    var encoded = url.toString().getBytes(StandardCharsets.UTF_8);
    var secret =
        new SecretBuilder()
            .withMetadata(
                new ObjectMetaBuilder()
                    .withNamespace(leases.namespace())
                    .withName(name(lease))
                    .withLabels(Labels.managed())
                    .build())
            .withData(Map.of(URL, Base64.getEncoder().encodeToString(encoded)))
            .build();
    try {
      leases.kubernetes().resource(secret).create();
    } catch (KubernetesClientException failure) {
      if (failure.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw failure;
      }
      leases.kubernetes().resource(secret).update();
    }
  }

  private static String name(String lease) {
    return lease + "-leader";
  }

  /** One that is not of our making is none. */
  private static Optional<URI> url(Secret secret) {
    try {
      return Optional.ofNullable(secret.getData())
          .map(data -> data.get(URL))
          .map(Base64.getDecoder()::decode)
          .map(bytes -> URI.create(new String(bytes, StandardCharsets.UTF_8)))
          .filter(uri -> uri.getHost() != null);
    } catch (IllegalArgumentException notOne) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    informer.close();
  }
}
