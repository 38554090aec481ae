package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.receptor.backend.pod.cell.CellSpec;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * A cluster with a node that runs containers, and a namespace in it that admits restricted Pods
 * only. Given by {@code CC_BRIDGE_POD_CLUSTER}: the words of a command that makes a port of this
 * machine's loopback reachable from Pods when the port is added ({@code cluster.sh expose NAME
 * --}), with {@code KUBECONFIG}, and both images of {@code .ci/cell-runtime} loaded.
 */
final class PodCluster implements AutoCloseable {
  static final String RUNTIME = "localhost/cc-bridge-cell:1";
  static final String STACK = "localhost/cc-bridge-stack:1";
  private static final String NODE_ADDRESS = "10.250.0.1";

  private final Config config;
  private final KubernetesClient client;
  private final String namespace = "pods-" + UUID.randomUUID().toString().substring(0, 8);
  private final List<String> exposing;

  private PodCluster(Config config, List<String> exposing) {
    this.config = config;
    this.client = newClient();
    this.exposing = exposing;
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

  static PodCluster orSkip() {
    var exposing = System.getenv().getOrDefault("CC_BRIDGE_POD_CLUSTER", "");
    var kubeconfig = System.getenv().getOrDefault("KUBECONFIG", "");
    if (exposing.isBlank() || kubeconfig.isBlank()) {
      System.out.println("skipped, as there is no CC_BRIDGE_POD_CLUSTER with a KUBECONFIG");
      Assumptions.abort("no cluster with a node");
    }
    var config = Config.fromKubeconfig(Path.of(kubeconfig).toFile());
    config.setClientKeyAlgo("EC");
    return new PodCluster(config, List.of(exposing.split(" +")));
  }

  /** For whoever closes it. */
  KubernetesClient newClient() {
    return new KubernetesClientBuilder().withConfig(config).build();
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
  String expose(int port) throws IOException, InterruptedException {
    var command = new ArrayList<>(exposing);
    command.add(Integer.toString(port));
    var process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException("cannot expose port " + port);
    }
    return NODE_ADDRESS;
  }

  @Override
  public void close() {
    client.namespaces().withName(namespace).delete();
    client.close();
  }
}
