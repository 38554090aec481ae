package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.kube.EventRecorder;
import dev.ccbridge.kube.MergePatch;
import dev.ccbridge.receptor.backend.PlacementException;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done to Pods and their Secrets, each so that a repetition changes nothing. What ends
 * something is done in the background, and tried again until it is done. Thread-safe.
 */
final class Pods implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Pods.class);
  private static final String STOP = "{\"spec\":{\"activeDeadlineSeconds\":1}}";
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final int ATTEMPTS = 30;
  private static final int CREATE_ATTEMPTS = 4;

  /** Not valid, not who may, not allowed, no namespace, not as the schema has it. */
  private static final Set<Integer> NO = Set.of(400, 401, 403, 404, 422);

  /** An LRP of a thousand instances ends at once; more than this would starve all other calls. */
  private static final int IN_BACKGROUND_AT_A_TIME = 16;

  private static final Duration CLOSING_PATIENCE = Duration.ofSeconds(5);

  private final KubernetesClient kubernetes;
  private final String namespace;
  private final ExecutorService background = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore permits = new Semaphore(IN_BACKGROUND_AT_A_TIME);
  private final CountDownLatch closing = new CountDownLatch(1);
  private final EventRecorder events;

  Pods(KubernetesClient kubernetes, String namespace, Clock clock) {
    this.kubernetes = kubernetes;
    this.namespace = namespace;
    this.events = new EventRecorder(kubernetes, "cc-bridge", clock);
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
      throw refusal(e);
    }
  }

  private static RuntimeException refusal(KubernetesClientException e) {
    return e.getCode() == HttpURLConnection.HTTP_FORBIDDEN
            && String.valueOf(e.getMessage()).contains("exceeded quota")
        ? new PlacementException(PlacementException.INSUFFICIENT_RESOURCES)
        : e;
  }

  Optional<Pod> find(String name) {
    return Optional.ofNullable(kubernetes.pods().inNamespace(namespace).withName(name).get());
  }

  /**
   * One of that name that is there already is this one, so an answer that says neither yes nor no
   * is asked for again: a task whose Secret is not known to be there has failed for good.
   *
   * @throws PlacementException when the namespace may not have more
   * @throws KubernetesClientException when it cannot be had
   */
  void create(Secret secret) {
    var pause = FIRST_PAUSE;
    for (int attempt = 1; ; attempt++) {
      try {
        kubernetes.secrets().inNamespace(namespace).resource(secret).create();
        return;
      } catch (KubernetesClientException e) {
        if (isThere(e)) {
          return;
        }
        if (attempt == CREATE_ATTEMPTS || isNo(e) || isClosing(pause)) {
          throw refusal(e);
        }
        var name = secret.getMetadata().getName();
        LOG.info("a secret is asked for again secret={} code={}", name, e.getCode());
        pause = pause.multipliedBy(2);
      }
    }
  }

  /** Not any conflict: another one is of the count of a quota, and nothing has been created. */
  private static boolean isThere(KubernetesClientException answer) {
    return answer.getStatus() != null && "AlreadyExists".equals(answer.getStatus().getReason());
  }

  /** Whether asking again would be answered the same. */
  private static boolean isNo(KubernetesClientException answer) {
    return NO.contains(answer.getCode());
  }

  static Instant creation(Pod pod) {
    var at = pod.getMetadata().getCreationTimestamp();
    return at == null ? Instant.EPOCH : Instant.parse(at);
  }

  /** Whether {@link #stop} has been asked of it, by whomever. */
  static boolean isStopped(Pod pod) {
    return pod.getSpec().getActiveDeadlineSeconds() != null;
  }

  /** SIGTERM, the Pod's grace, SIGKILL; the Pod stays. In the background. */
  void stop(String name) {
    later(
        "stop",
        name,
        () -> MergePatch.apply(kubernetes.pods().inNamespace(namespace), new Pod(), name, STOP));
  }

  /** In the background. */
  void delete(String name, long graceSeconds) {
    later(
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

  /** In the background. */
  void deleteSecret(String name) {
    later(
        "forget", name, () -> kubernetes.secrets().inNamespace(namespace).withName(name).delete());
  }

  /** Tells people of something about a Pod, in its Events. In the background. */
  void warn(Pod pod, String reason, String message) {
    events.warning(pod, reason, message);
  }

  private void later(String what, String name, Runnable call) {
    try {
      background.execute(() -> persist(what, name, call));
    } catch (RejectedExecutionException e) {
      // The next life finds what is left.
      LOG.info("closed before the {} of a pod pod={}", what, name);
    }
  }

  /** Until it is done, or there is nothing left to do it to. */
  private void persist(String what, String name, Runnable call) {
    var pause = FIRST_PAUSE;
    for (int attempt = 1; attempt <= ATTEMPTS && !isClosing(Duration.ZERO); attempt++) {
      permits.acquireUninterruptibly();
      try {
        call.run();
        return;
      } catch (KubernetesClientException e) {
        if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
          return;
        }
        LOG.warn("{} of a pod failed pod={} code={} attempt={}", what, name, e.getCode(), attempt);
      } finally {
        permits.release();
      }
      if (isClosing(pause)) {
        return;
      }
      pause = pause.multipliedBy(2);
      pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    }
    LOG.error("{} of a pod was given up pod={}", what, name);
  }

  /** Waits for it, so long. */
  private boolean isClosing(Duration time) {
    try {
      return closing.await(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** What is under way is finished, but not tried again. */
  @Override
  public void close() {
    events.close();
    background.shutdown();
    try {
      background.awaitTermination(CLOSING_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      closing.countDown();
      background.awaitTermination(CLOSING_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
