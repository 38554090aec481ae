package dev.ccbridge.nsync;

import dev.ccbridge.devserver.DevServer;
import dev.ccbridge.devserver.DevServerConfig;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/** A Kubernetes API in this JVM that knows our resources, and clients of it. */
public final class EmbeddedApi implements AutoCloseable {
  private final DevServer server;
  private final Path kubeconfig;

  private EmbeddedApi(DevServer server, Path kubeconfig) {
    this.server = server;
    this.kubeconfig = kubeconfig;
  }

  public static EmbeddedApi start() {
    try {
      var definitions =
          List.of(
              Files.readString(Path.of("crds/desiredlrps.ccbridge.dev-v1.yml")),
              Files.readString(Path.of("crds/stagingrequests.ccbridge.dev-v1.yml")));
      var server = DevServer.start(DevServerConfig.inMemory(definitions));
      var kubeconfig = Files.createTempFile("embedded", ".kubeconfig");
      server.writeKubeconfig(kubeconfig);
      return new EmbeddedApi(server, kubeconfig);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Closed by the caller. */
  public KubernetesClient client() {
    return client(new CopyOnWriteArrayList<>());
  }

  /**
   * @param requests gets {@code <method> <path>} of every request
   */
  public KubernetesClient client(List<String> requests) {
    return new KubernetesClientBuilder()
        .withConfig(Config.fromKubeconfig(kubeconfig.toFile()))
        .withHttpClientBuilderConsumer(
            http ->
                http.addOrReplaceInterceptor(
                    "requests",
                    new Interceptor() {
                      @Override
                      public void before(
                          BasicBuilder builder, HttpRequest request, RequestTags tags) {
                        requests.add(request.method() + " " + request.uri().getPath());
                      }
                    }))
        .build();
  }

  /** A new one. */
  public static String namespace(KubernetesClient client) {
    var name = "ns-" + UUID.randomUUID();
    client
        .namespaces()
        .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
        .create();
    return name;
  }

  @Override
  public void close() {
    server.close();
    kubeconfig.toFile().delete();
  }
}
