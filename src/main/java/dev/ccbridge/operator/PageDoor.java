package dev.ccbridge.operator;

import dev.ccbridge.kube.WatchedNamespaces;
import dev.ccbridge.page.PageRoutes;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Router;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The page for people, of a process that serves it. */
final class PageDoor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PageDoor.class);

  /** Who looks sees at once that the Kubernetes API does not answer, and not after many tries. */
  private final KubernetesClient kubernetes;

  private final HttpService http;

  private PageDoor(KubernetesClient kubernetes, HttpService http) {
    this.kubernetes = kubernetes;
    this.http = http;
  }

  /**
   * @param kubeconfig empty: the usual places
   */
  static PageDoor open(
      InetSocketAddress at,
      OperatorConfig config,
      Optional<Path> kubeconfig,
      MeterRegistry metrics) {
    var kubernetes = Kubernetes.impatientClient(kubeconfig);
    try {
      var router = new Router();
      var namespaces = WatchedNamespaces.of(config.cluster().namespaces());
      new PageRoutes(kubernetes, namespaces, isLoopback(at)).addTo(router);
      var http = HttpService.start(at, new MeteredDoor("page", router, metrics));
      LOG.info("page.started url={}", http.uri());
      return new PageDoor(kubernetes, http);
    } catch (RuntimeException failure) {
      kubernetes.close();
      throw failure;
    }
  }

  private static boolean isLoopback(InetSocketAddress at) {
    return !at.isUnresolved() && at.getAddress().isLoopbackAddress();
  }

  URI uri() {
    return http.uri();
  }

  @Override
  public void close() {
    http.close();
    kubernetes.close();
  }
}
