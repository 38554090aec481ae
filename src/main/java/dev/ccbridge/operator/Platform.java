package dev.ccbridge.operator;

import dev.ccbridge.web.HttpService;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the quickstart stands on: a Kubernetes API, the operator, and a router in front of the apps.
 */
final class Platform implements AutoCloseable {
  private final @Nullable SharedKubernetes embedded;
  private final Optional<Path> kubeconfig;
  private final KubernetesClient kubernetes;
  private final CcBridge bridge;
  private final PageDoor page;
  private final InetSocketAddress routerAddress;
  private @Nullable HttpService router;

  private Platform(
      @Nullable SharedKubernetes embedded,
      Optional<Path> kubeconfig,
      KubernetesClient kubernetes,
      CcBridge bridge,
      PageDoor page,
      InetSocketAddress routerAddress) {
    this.embedded = embedded;
    this.kubeconfig = kubeconfig;
    this.kubernetes = kubernetes;
    this.bridge = bridge;
    this.page = page;
    this.routerAddress = routerAddress;
  }

  /**
   * @param home where this program is installed, with {@code crds/}
   */
  static Platform start(
      OperatorConfig config, DataDirectory data, Path home, MeterRegistry metrics) {
    var definitions = Crds.read(home);
    var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    @Nullable SharedKubernetes embedded = null;
    @Nullable KubernetesClient kubernetes = null;
    @Nullable CcBridge bridge = null;
    try {
      var kubeconfig = config.cluster().kubeconfig();
      if (kubeconfig.isEmpty()) {
        embedded = SharedKubernetes.join(data, definitions);
        kubeconfig = Optional.of(embedded.kubeconfig());
      }
      kubernetes = Kubernetes.client(kubeconfig);
      if (embedded == null) {
        Crds.apply(kubernetes, definitions);
      }
      var leases =
          new Leadership.Leases(
              kubernetes,
              Kubernetes.leaseNamespace(config.cluster(), kubernetes),
              data,
              embedded != null);
      bridge = CcBridge.start(config, data, leases, metrics);
      bridge.awaitDuties();
      var pageAddress = data.address("page", config.pageAddress().orElse(loopback));
      return new Platform(
          embedded,
          kubeconfig,
          kubernetes,
          bridge,
          PageDoor.open(pageAddress, config, kubeconfig, metrics),
          data.address("router", loopback));
    } catch (RuntimeException failure) {
      if (bridge != null) {
        bridge.close();
      }
      if (kubernetes != null) {
        kubernetes.close();
      }
      if (embedded != null) {
        embedded.close();
      }
      throw failure;
    }
  }

  KubernetesClient kubernetes() {
    return kubernetes;
  }

  /** For kubectl; empty when its own default is the right one. */
  Optional<Path> kubeconfig() {
    return kubeconfig;
  }

  /** One line of what runs where. */
  String describe() {
    return (embedded == null
        ? "operator on " + kubernetes.getMasterUrl()
        : "Kubernetes API (for trying, not for production), operator");
  }

  /** Where the Receptor is published, if it is. */
  Optional<URI> receptorApi() {
    return bridge.receptorApi();
  }

  /** Where the page for people is. */
  URI page() {
    return page.uri();
  }

  /** Puts a source into the blob store and gives the path at which it is found. */
  String store(AppSource source) throws IOException {
    var key = "sources/" + source.name();
    var packed = Files.createTempFile("cc-bridge-source-", ".tgz");
    try {
      try (var out = Files.newOutputStream(packed)) {
        source.packTo(out);
      }
      try (InputStream in = Files.newInputStream(packed)) {
        bridge.blobs().put(key, in);
      }
    } finally {
      Files.deleteIfExists(packed);
    }
    return "/v1/blobs/" + key;
  }

  /** One address in front of the instances of apps, by host name. */
  URI route(Supplier<Map<String, List<String>>> addressesByHost) {
    var started = HttpService.start(routerAddress, new AppRouter(addressesByHost));
    router = started;
    return started.uri();
  }

  @Override
  public void close() {
    if (router != null) {
      router.close();
    }
    page.close();
    bridge.close();
    kubernetes.close();
    if (embedded != null) {
      embedded.close();
    }
  }
}
