package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.kube.Names;
import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.PlacementException;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Predicate;

/**
 * What the instances of an LRP have to do: one Secret for all of them, there before the first Pod
 * and removed soon after the last. An LRP's actions never change, but what is made of them can, by
 * another version of this program, so each process has Secrets of its own, and with each new
 * content a new one. Thread-safe.
 */
final class InstanceSecrets {
  /** For so long it is not asked again whether a Secret is there. */
  private static final Duration FRESH = Duration.ofSeconds(30);

  /** An LRP that restarts its only instance need not have a new one for it. */
  private static final Duration KEPT = Duration.ofMinutes(1);

  private final KubernetesClient kubernetes;
  private final PodBackendConfig config;
  private final PodManifests manifests;
  private final Pods pods;
  private final Clock clock;
  private final ConcurrentMap<Content, Shared> shared = new ConcurrentHashMap<>();

  /** Names of those that an earlier process has made. */
  private final Set<String> former = ConcurrentHashMap.newKeySet();

  /**
   * @param hash of what is to be done; all of it for every LRP would be much to remember
   */
  private record Content(String processGuid, String hash) {}

  /** Guarded by itself. */
  private static final class Shared {
    private final String name;
    private Instant asked = Instant.MIN;
    private Instant used = Instant.MIN;
    private boolean isForgotten;
    private boolean isRemoved;

    Shared(String name) {
      this.name = name;
    }
  }

  InstanceSecrets(
      KubernetesClient kubernetes,
      PodBackendConfig config,
      PodManifests manifests,
      Pods pods,
      Clock clock) {
    this.kubernetes = kubernetes;
    this.config = config;
    this.manifests = manifests;
    this.pods = pods;
    this.clock = clock;
  }

  /** Finds those of earlier processes. Once, before any other call. */
  void start() {
    kubernetes
        .secrets()
        .inNamespace(config.namespace())
        .withLabels(PodMarks.ofInstances(config.name()))
        .list()
        .getItems()
        .forEach(secret -> former.add(secret.getMetadata().getName()));
  }

  /**
   * Sees to it that the Secret is there, before a Pod that is to have it.
   *
   * @return its name
   * @throws KubernetesClientException when it cannot be had
   * @throws PlacementException when the namespace may not have more
   */
  String ensure(Container container) {
    var instance = Objects.requireNonNull(container.instance());
    var specs = manifests.specs(container);
    var content =
        new Content(instance.processGuid(), Names.hash(String.join("\n", specs.values())));
    while (true) {
      var itself = shared.computeIfAbsent(content, key -> new Shared(name(instance)));
      synchronized (itself) {
        if (!itself.isRemoved) {
          ensure(itself, instance, specs);
          return itself.name;
        }
      }
    }
  }

  private void ensure(Shared itself, Container.Instance instance, Map<String, String> specs) {
    var now = clock.instant();
    itself.used = now;
    itself.isForgotten = false;
    // Somebody may have deleted it.
    if (itself.asked.isBefore(now.minus(FRESH))) {
      pods.create(manifests.instancesSecret(instance, itself.name, specs));
      itself.asked = now;
    }
  }

  private static String name(Container.Instance instance) {
    return PodMarks.podName(instance.processGuid() + "-" + UUID.randomUUID());
  }

  /** Sees to it that the Secret of a Pod of an earlier process is there. */
  void restore(Container container, String name) {
    var instance = Objects.requireNonNull(container.instance());
    if (former.add(name)) {
      pods.create(manifests.instancesSecret(instance, name, manifests.specs(container)));
    }
  }

  /**
   * No instance of the LRP will come any more, unless somebody desires it anew.
   *
   * @param isWanted whether somebody has
   */
  void forget(String processGuid, Predicate<String> isWanted) {
    shared.forEach(
        (content, itself) -> {
          if (content.processGuid().equals(processGuid)) {
            synchronized (itself) {
              // Here, as who desires it anew is known to be wanted before it asks for the Secret.
              itself.isForgotten = !isWanted.test(processGuid);
            }
          }
        });
  }

  /**
   * Removes what nobody needs any more.
   *
   * @param inUse by Pods that have not ended, and by containers that are to be Pods
   */
  void tidy(Set<String> inUse) {
    var gone = new HashSet<>(former);
    gone.removeAll(inUse);
    former.removeAll(gone);
    var now = clock.instant();
    shared.forEach(
        (content, itself) -> {
          synchronized (itself) {
            boolean isOld = itself.isForgotten || itself.used.isBefore(now.minus(KEPT));
            if (isOld && !inUse.contains(itself.name)) {
              itself.isRemoved = true;
              shared.remove(content, itself);
              gone.add(itself.name);
            }
          }
        });
    gone.forEach(pods::deleteSecret);
  }
}
