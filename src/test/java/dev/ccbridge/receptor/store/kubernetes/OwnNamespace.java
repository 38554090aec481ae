package dev.ccbridge.receptor.store.kubernetes;

import dev.ccbridge.kubernetes.RealApiServer;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;

/**
 * A namespace on the real API server for the records of one test, and all that the test opens.
 * Skips it where there is no such server.
 */
final class OwnNamespace {
  private final KubernetesClient client = RealApiServer.shared().client();
  private final KubernetesRecordsConfig config =
      new KubernetesRecordsConfig(
          "records-" + UUID.randomUUID(),
          "cc-bridge",
          16,
          Duration.ofMillis(10),
          Duration.ofMillis(200),
          Duration.ofSeconds(10));
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  OwnNamespace() {
    client
        .resource(
            new NamespaceBuilder()
                .withNewMetadata()
                .withName(config.namespace())
                .endMetadata()
                .build())
        .create();
  }

  /** Of one who may do all. */
  KubernetesClient client() {
    return client;
  }

  /** Of records here, which do not wait for long. */
  KubernetesRecordsConfig config() {
    return config;
  }

  /** It is closed with this, before what was opened earlier. */
  <T extends AutoCloseable> T keep(T part) {
    opened.push(part);
    return part;
  }

  void close() throws Exception {
    for (var part : opened) {
      part.close();
    }
    client.secrets().inNamespace(config.namespace()).delete();
    client.close();
  }
}
