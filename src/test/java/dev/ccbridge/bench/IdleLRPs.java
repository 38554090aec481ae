package dev.ccbridge.bench;

import dev.ccbridge.api.DesiredLRP;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** DesiredLRPs that want no instance, so that once they are ready there is nothing to do. */
final class IdleLRPs {
  private static final int AT_A_TIME = 16;

  private final KubernetesClient client;
  private int made;

  IdleLRPs(KubernetesClient client) {
    this.client = client;
  }

  /**
   * Makes more until there are so many; gives the seconds until all are ready.
   *
   * @param operator which makes them ready
   */
  double grow(int count, Child operator) throws Exception {
    var begin = System.nanoTime();
    try (var pool = Executors.newFixedThreadPool(AT_A_TIME);
        var all = client.resources(DesiredLRP.class).inNamespace("default").inform()) {
      while (made < count) {
        var name = "idle-" + made++;
        pool.submit(() -> client.resource(lrp(name)).create());
      }
      while (ready(all) < count) {
        operator.requireRunning();
        TimeUnit.MILLISECONDS.sleep(500);
      }
    }
    return (System.nanoTime() - begin) / 1e9;
  }

  private static long ready(SharedIndexInformer<DesiredLRP> all) {
    return all.getStore().list().stream().filter(IdleLRPs::isReady).count();
  }

  private static boolean isReady(DesiredLRP lrp) {
    return lrp.getStatus() != null
        && lrp.getStatus().conditions() != null
        && lrp.getStatus().conditions().stream()
            .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
  }

  void delete() throws Exception {
    client.resources(DesiredLRP.class).inNamespace("default").delete();
    client
        .resources(DesiredLRP.class)
        .inNamespace("default")
        .informOnCondition(List::isEmpty)
        .get(600, TimeUnit.SECONDS);
  }

  private static DesiredLRP lrp(String name) {
    return Serialization.unmarshal(
        """
        apiVersion: ccbridge.dev/v1alpha1
        kind: DesiredLRP
        metadata:
          name: %s
          namespace: default
        spec:
          instances: 0
          startCommand: ./app
          source:
            droplet:
              uri: http://127.0.0.1:1/droplet.tgz
        """
            .formatted(name),
        DesiredLRP.class);
  }
}
