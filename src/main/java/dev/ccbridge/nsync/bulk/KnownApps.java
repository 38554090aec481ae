package dev.ccbridge.nsync.bulk;

import dev.ccbridge.api.DesiredLRP;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The resources of Cloud Controller's apps, followed by a watch of our own. Thread-safe. */
final class KnownApps implements AutoCloseable {
  /** So many whole resources are in memory at a time while all are listed. */
  private static final long PAGE = 500;

  private static final Duration LOOK = Duration.ofMillis(50);

  private final AppStore store;
  private final SharedIndexInformer<DesiredLRP> informer;

  KnownApps(KubernetesClient client, String namespace) {
    store = new AppStore(namespace);
    informer =
        client
            .resources(DesiredLRP.class)
            .inNamespace(namespace)
            .withLimit(PAGE)
            .runnableInformer(0)
            .itemStore(store)
            .removeNamespaceIndex()
            // Whatever happens, it goes on trying, with growing pauses.
            .exceptionHandler((started, failure) -> true);
  }

  void start() {
    informer.start();
  }

  /** Whether all resources have been listed. */
  boolean isSynced() {
    return informer.hasSynced();
  }

  /** Whether all resources have been listed; waits for it so long. */
  boolean awaitSynced(Duration patience) throws InterruptedException {
    var end = System.nanoTime() + patience.toNanos();
    while (!isSynced() && System.nanoTime() < end) {
      Thread.sleep(LOOK);
    }
    return isSynced();
  }

  Optional<App> find(String processGuid) {
    return store.find(processGuid);
  }

  int size() {
    return store.size();
  }

  Map<String, App> snapshot() {
    return store.snapshot();
  }

  @Override
  public void close() {
    informer.close();
  }
}
