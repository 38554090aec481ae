package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.kubernetes.Cluster;
import dev.ccbridge.kubernetes.Trust;
import dev.ccbridge.receptor.backend.pod.cell.CellSpec;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import javax.net.ssl.SSLContext;

/**
 * A namespace that admits restricted Pods only, in the cluster that tests share, whose node has
 * both images of {@code .ci/cell-runtime}.
 */
public final class PodCluster implements AutoCloseable {
  public static final String RUNTIME = "localhost/cc-bridge-cell:1";
  public static final String STACK = "localhost/cc-bridge-stack:1";

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
  public static PodCluster orSkip() {
    var cluster = Cluster.shared();
    cluster.loadCellImage("build");
    cluster.loadCellImage("stack");
    return new PodCluster(cluster);
  }

  /** For whoever closes it. */
  KubernetesClient newClient() {
    return cluster.client();
  }

  public KubernetesClient client() {
    return client;
  }

  public String namespace() {
    return namespace;
  }

  PodBackendConfig config() {
    return PodBackendConfig.defaults(namespace, RUNTIME, Map.of("cflinuxfs4", STACK))
        .withTiming(
            new CellSpec.Timing(
                Duration.ofSeconds(1), Duration.ofMillis(50), Duration.ofMillis(100)));
  }

  /** Of its API server, without a slash at the end. */
  public URI uri() {
    return URI.create(cluster.uri().toString().replaceAll("/+$", ""));
  }

  /** By its authority. */
  public SSLContext trust() {
    try {
      return Trust.in(Files.readString(cluster.certificate()));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** Where Pods reach a port of this machine. */
  public String expose(int port) {
    cluster.expose(port);
    return Cluster.NODE_ADDRESS;
  }

  @Override
  public void close() {
    client.namespaces().withName(namespace).delete();
    client.close();
  }
}
