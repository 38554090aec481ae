package dev.ccbridge.kubernetes;

import dev.ccbridge.devserver.DevServer;
import dev.ccbridge.devserver.DevServerConfig;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The embedded Kubernetes API with the product's CRDs, one for all tests of a JVM. Needs nothing of
 * the machine.
 */
public final class DevCluster {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private static final class Holder {
    private static final DevCluster SHARED = new DevCluster();
  }

  private final DevServer server;
  private final KubernetesClient admin;

  private DevCluster() {
    server =
        DevServer.start(
            DevServerConfig.inMemory(
                List.of(
                    read("stagingrequests.ccbridge.dev-v1.yml"),
                    read("desiredlrps.ccbridge.dev-v1.yml"))));
    admin = client();
  }

  public static DevCluster shared() {
    return Holder.SHARED;
  }

  /** A client of its own, to be closed by the caller. */
  public KubernetesClient client() {
    return clientOf(server.uri().toString());
  }

  /** A client that reaches the API through something else, such as a proxy that fails. */
  public KubernetesClient clientOf(String url) {
    return new KubernetesClientBuilder()
        .withConfig(
            new ConfigBuilder(Config.empty())
                .withMasterUrl(url)
                .withOauthToken(server.token())
                .withCaCertData(
                    Base64.getEncoder()
                        .encodeToString(server.certificate().getBytes(StandardCharsets.UTF_8)))
                .build())
        .build();
  }

  /** A new namespace. */
  public String namespace(String prefix) {
    var name = prefix + "-" + NUMBER.incrementAndGet();
    admin
        .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
        .create();
    return name;
  }

  private static String read(String crd) {
    try {
      return Files.readString(Path.of("crds", crd));
    } catch (IOException missing) {
      throw new UncheckedIOException(missing);
    }
  }
}
