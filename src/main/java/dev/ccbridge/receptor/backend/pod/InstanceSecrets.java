package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.kube.Names;
import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.PlacementException;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * What the instances of an LRP have to do: one Secret for all of them, there before the first Pod
 * and removed soon after the last. An LRP's actions never change, but what is made of them can, by
 * another version of this program: other content is another Secret. Thread-safe.
 */
final class InstanceSecrets {
  /** For so long it is not asked again whether a Secret is there. */
  private static final Duration FRESH = Duration.ofSeconds(30);

  /** An LRP that restarts its only instance need not have a new one for it. */
  private static final Duration KEPT = Duration.ofMinutes(1);

  private static final int WHOLE_HASH = 64;

  private final KubernetesClient kubernetes;
  private final PodBackendConfig config;
  private final PodManifests manifests;
  private final Pods pods;
  private final Clock clock;
  private final ConcurrentMap<Content, Shared> shared = new ConcurrentHashMap<>();

  /**
   * @param hash of what is to be done; all of it for every LRP would be much to remember
   */
  private record Content(String processGuid, String hash) {
    static Content of(String processGuid, Map<String, String> specs) {
      var all = String.join("\n", new TreeMap<>(specs).values());
      return new Content(processGuid, Names.hash(all, WHOLE_HASH));
    }
  }

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
        .forEach(this::find);
  }

  private void find(Secret secret) {
    var name = secret.getMetadata().getName();
    if (shared.putIfAbsent(content(secret), new Shared(name)) != null) {
      // Two leaders at a time have made one each; this one is for no Pod that is still to come.
      shared.put(new Content(PodMarks.process(secret), name), new Shared(name));
    }
  }

  private static Content content(Secret secret) {
    var specs = new TreeMap<String, String>();
    // Of one that somebody has emptied there is none.
    Objects.requireNonNullElse(secret.getData(), Map.<String, String>of())
        .forEach((key, value) -> specs.put(key, decode(value)));
    return Content.of(PodMarks.process(secret), specs);
  }

  private static String decode(String value) {
    return new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8);
  }

  /**
   * Sees to it that the Secret is there, before a Pod that is to have it.
   *
   * @param user is given its name, and from then on is one of those who need it
   * @throws KubernetesClientException when it cannot be had
   * @throws PlacementException when the namespace may not have more
   */
  void ensure(Container container, Consumer<String> user) {
    var instance = Objects.requireNonNull(container.instance());
    var specs = manifests.specs(container);
    var content = Content.of(instance.processGuid(), specs);
    while (true) {
      var itself = shared.computeIfAbsent(content, key -> new Shared(newName(instance)));
      synchronized (itself) {
        if (!itself.isRemoved) {
          ensure(itself, instance, specs);
          user.accept(itself.name);
          return;
        }
      }
    }
  }

  private void ensure(Shared itself, Container.Instance instance, Map<String, String> specs) {
    var now = clock.instant();
    itself.used = now;
    itself.isForgotten = false;
    if (itself.asked.isBefore(now.minus(FRESH))) {
      pods.create(manifests.instancesSecret(instance, itself.name, specs));
      itself.asked = now;
    }
  }

  private static String newName(Container.Instance instance) {
    return PodMarks.podName(
        instance.processGuid() + "-" + Names.hash(UUID.randomUUID().toString()));
  }

  /**
   * Sees to it that the Secret of a Pod that has not begun is there, if somebody has deleted it.
   */
  void restore(Container container, String name) {
    var instance = Objects.requireNonNull(container.instance());
    var specs = manifests.specs(container);
    var itself = shared.get(Content.of(instance.processGuid(), specs));
    if (itself == null || !itself.name.equals(name)) {
      pods.create(manifests.instancesSecret(instance, name, specs));
      return;
    }
    synchronized (itself) {
      ensure(itself, instance, specs);
    }
  }

  /** No instance of the LRP will come any more, unless somebody desires it anew. */
  void forget(String processGuid) {
    shared.forEach(
        (content, itself) -> {
          if (content.processGuid().equals(processGuid)) {
            synchronized (itself) {
              itself.isForgotten = true;
            }
          }
        });
  }

  /**
   * Removes what nobody needs any more.
   *
   * @param isNeeded by its name: by a Pod that has not ended, or by a container that is to be one
   */
  void tidy(Predicate<String> isNeeded) {
    var now = clock.instant();
    shared.forEach(
        (content, itself) -> {
          synchronized (itself) {
            boolean isOld = itself.isForgotten || itself.used.isBefore(now.minus(KEPT));
            if (isOld && !isNeeded.test(itself.name)) {
              itself.isRemoved = true;
              shared.remove(content, itself);
              pods.deleteSecret(itself.name);
            }
          }
        });
  }
}
