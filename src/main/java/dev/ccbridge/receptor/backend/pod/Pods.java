package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.receptor.backend.PlacementException;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done to Pods and their Secrets, each so that a repetition changes nothing. */
final class Pods {
  private static final Logger LOG = LoggerFactory.getLogger(Pods.class);
  private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);
  private static final String STOP = "{\"spec\":{\"activeDeadlineSeconds\":1}}";
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final int ATTEMPTS = 30;

  private final KubernetesClient kubernetes;
  private final String namespace;

  Pods(KubernetesClient kubernetes, String namespace) {
    this.kubernetes = kubernetes;
    this.namespace = namespace;
  }

  /**
   * @return empty when one of that name is there already
   * @throws PlacementException when the namespace may not have more
   */
  Optional<Pod> create(Pod pod) {
    try {
      return Optional.of(kubernetes.pods().inNamespace(namespace).resource(pod).create());
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        return Optional.empty();
      }
      if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN
          && String.valueOf(e.getMessage()).contains("exceeded quota")) {
        throw new PlacementException(PlacementException.INSUFFICIENT_RESOURCES);
      }
      throw e;
    }
  }

  Optional<Pod> find(String name) {
    return Optional.ofNullable(kubernetes.pods().inNamespace(namespace).withName(name).get());
  }

  void create(Secret secret) {
    try {
      kubernetes.secrets().inNamespace(namespace).resource(secret).create();
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
    }
  }

  /** SIGTERM, the Pod's grace, SIGKILL; the Pod stays. Goes on trying. */
  void stop(String name) {
    persist(
        "stop",
        name,
        () -> kubernetes.pods().inNamespace(namespace).withName(name).patch(MERGE, STOP));
  }

  /** Goes on trying. */
  void delete(String name, long graceSeconds) {
    persist(
        "delete",
        name,
        () ->
            kubernetes
                .pods()
                .inNamespace(namespace)
                .withName(name)
                .withGracePeriod(graceSeconds)
                .delete());
  }

  /** Goes on trying. */
  void deleteSecret(String name) {
    persist(
        "forget", name, () -> kubernetes.secrets().inNamespace(namespace).withName(name).delete());
  }

  /** Until it is done, or there is nothing left to do it to. */
  private static void persist(String what, String name, Runnable call) {
    var pause = FIRST_PAUSE;
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        call.run();
        return;
      } catch (KubernetesClientException e) {
        if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
          return;
        }
        LOG.warn("{} of a pod failed pod={} code={} attempt={}", what, name, e.getCode(), attempt);
      }
      if (!sleep(pause)) {
        return;
      }
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
              ? pause.multipliedBy(2)
              : LONGEST_PAUSE;
    }
    LOG.error("{} of a pod was given up pod={}", what, name);
  }

  private static boolean sleep(Duration time) {
    try {
      TimeUnit.MILLISECONDS.sleep(time.toMillis());
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
