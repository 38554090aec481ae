package dev.ccbridge.receptor.store.kubernetes;

import dev.ccbridge.receptor.store.RecordsException;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How requests that failed are tried again. Thread-safe. */
final class Pauses {
  private static final Logger LOG = LoggerFactory.getLogger(Pauses.class);
  private static final int MAX_DOUBLINGS = 20;

  private final KubernetesRecordsConfig config;
  private final CountDownLatch ended = new CountDownLatch(1);

  Pauses(KubernetesRecordsConfig config) {
    this.config = config;
  }

  /** From now on nothing is tried again. */
  void end() {
    ended.countDown();
  }

  boolean isEnded() {
    return ended.getCount() == 0;
  }

  /**
   * Waits before the next attempt.
   *
   * @return whether there is to be one
   */
  boolean pause(int failures) {
    var doubled = config.firstPause().multipliedBy(1L << Math.min(failures - 1, MAX_DOUBLINGS));
    var pause = doubled.compareTo(config.longestPause()) < 0 ? doubled : config.longestPause();
    try {
      return !ended.await(pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Tries until there is an answer; a conflict is one.
   *
   * @param limit to try for
   * @throws RecordsException when there was none within that time
   */
  <T> T persist(String what, Duration limit, Supplier<T> request) {
    var end = System.nanoTime() + limit.toNanos();
    for (var failures = 1; ; failures++) {
      try {
        return request.get();
      } catch (KubernetesClientException failure) {
        if (isConflict(failure)) {
          throw failure;
        }
        LOG.warn("{} failed, tried again failures={} {}", what, failures, words(failure));
        if (System.nanoTime() > end || !pause(failures)) {
          throw new RecordsException("cannot " + what + ": " + words(failure), failure);
        }
      }
    }
  }

  /** Somebody has changed, made or removed the object meanwhile. */
  static boolean isConflict(KubernetesClientException failure) {
    return failure.getCode() == 409;
  }

  /** Without the server's own message, which may quote a record. */
  static String words(RuntimeException failure) {
    return failure instanceof KubernetesClientException answer && answer.getCode() > 0
        ? "the Kubernetes API answered " + answer.getCode()
        : "the Kubernetes API gave no answer";
  }
}
