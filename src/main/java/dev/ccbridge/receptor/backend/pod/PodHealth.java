package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.kube.MergePatch;
import dev.ccbridge.receptor.backend.pod.SingleProgram.Unhealthy;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a kubelet has killed a program because its probe failed. A Pod's status does not say so,
 * only an Event does, which the API server forgets after an hour: so it is written down in the Pod.
 */
final class PodHealth {
  private static final Logger LOG = LoggerFactory.getLogger(PodHealth.class);
  private static final String KILLING = "Killing";
  private static final String UNHEALTHY = "Unhealthy";
  private static final String LIVENESS = "Liveness probe failed";

  /** The kubelet tells the Event first, but on another way than the status. */
  private static final int ATTEMPTS = 4;

  private static final Duration PAUSE = Duration.ofMillis(250);

  private final KubernetesClient kubernetes;
  private final String namespace;

  PodHealth(KubernetesClient kubernetes, String namespace) {
    this.kubernetes = kubernetes;
    this.namespace = namespace;
  }

  /**
   * Asks for a Pod whose program has ended, and writes the answer down.
   *
   * @return empty: it was not killed for that, or nobody tells
   */
  Optional<Unhealthy> whyKilled(String pod, String uid) throws InterruptedException {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        var why = read(pod, uid);
        if (why.isPresent()) {
          write(pod, why.get());
          return why;
        }
      } catch (KubernetesClientException e) {
        LOG.warn("events of a pod cannot be read pod={} code={}", pod, e.getCode());
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
    }
    return Optional.empty();
  }

  private Optional<Unhealthy> read(String pod, String uid) {
    var itself = kubernetes.pods().inNamespace(namespace).withName(pod).get();
    var known = itself == null ? Optional.<Unhealthy>empty() : PodMarks.unhealthy(itself);
    return known.isPresent()
        ? known
        : in(
            kubernetes
                .v1()
                .events()
                .inNamespace(namespace)
                .withField("involvedObject.uid", uid)
                .list()
                .getItems());
  }

  /**
   * What the Events of a Pod say whose program has ended though nobody had stopped it. A kubelet
   * tells of killing in the same words whatever for, but not of a program that ends by itself; and
   * it has killed one whose liveness probe has failed, as that may fail but once. Pure.
   */
  static Optional<Unhealthy> in(List<Event> events) {
    if (events.stream().noneMatch(event -> KILLING.equals(event.getReason()))) {
      return Optional.empty();
    }
    boolean hasBeenHealthy =
        events.stream()
            .filter(event -> UNHEALTHY.equals(event.getReason()))
            .anyMatch(event -> String.valueOf(event.getMessage()).startsWith(LIVENESS));
    return Optional.of(hasBeenHealthy ? Unhealthy.NO_LONGER_HEALTHY : Unhealthy.NEVER_HEALTHY);
  }

  private void write(String pod, Unhealthy why) {
    var patch =
        "{\"metadata\":{\"annotations\":{\"%s\":\"%s\"}}}"
            .formatted(PodMarks.UNHEALTHY_ANNOTATION, why);
    MergePatch.apply(kubernetes.pods().inNamespace(namespace), new Pod(), pod, patch);
  }
}
