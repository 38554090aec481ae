package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.kubernetes.Cluster;
import dev.ccbridge.receptor.backend.pod.cell.CellSpec;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;

/**
 * A namespace that admits restricted Pods only, in the cluster that tests share, whose node has
 * both images of {@code .ci/cell-runtime}.
 */
final class PodCluster implements AutoCloseable {
  static final String RUNTIME = "localhost/cc-bridge-cell:1";
  static final String STACK = "localhost/cc-bridge-stack:1";

  private final Cluster cluster;
  private final KubernetesClient client;
  private final String namespace = "pods-" + UUID.randomUUID().toString().substring(0, 8);

  private PodCluster(Cluster cluster) {
    this.cluster = cluster;
    this.client = newClient();
    client
        .namespaces()
        .resource(
            new NamespaceBuilder()
                .withNewMetadata()
                .withName(namespace)
                .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                .endMetadata()
                .build())
        .create();
  }

  /** Skips the calling test where there is no cluster. */
  static PodCluster orSkip() {
    var cluster = Cluster.shared();
    cluster.loadCellImage("build");
    cluster.loadCellImage("stack");
    return new PodCluster(cluster);
  }

  /** For whoever closes it. */
  KubernetesClient newClient() {
    return cluster.client();
  }

  KubernetesClient client() {
    return client;
  }

  String namespace() {
    return namespace;
  }

  PodBackendConfig config() {
    return PodBackendConfig.defaults(namespace, RUNTIME, Map.of("cflinuxfs4", STACK))
        .withTiming(
            new CellSpec.Timing(
                Duration.ofSeconds(1), Duration.ofMillis(50), Duration.ofMillis(100)));
  }

  /** Where Pods reach a port of this machine. */
  String expose(int port) {
    cluster.expose(port);
    return Cluster.NODE_ADDRESS;
  }

  @Override
  public void close() {
    client.namespaces().withName(namespace).delete();
    client.close();
  }
}
