package dev.ccbridge.nsync.bulk;

import dev.ccbridge.CcBridgeException;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one round did, and what it could not do. Thread-safe. */
final class Tally {
  private static final Logger LOG = LoggerFactory.getLogger(Tally.class);

  /** One cause can fail every app there is. */
  private static final int LOGGED_FAILURES = 20;

  final AtomicInteger created = new AtomicInteger();
  final AtomicInteger updated = new AtomicInteger();
  final AtomicInteger deleted = new AtomicInteger();

  /** Of everything but deletes, which stand in no domain's way. */
  final AtomicInteger failed = new AtomicInteger();

  final AtomicInteger failedDeletes = new AtomicInteger();

  /** A batch of apps could not be had. */
  void batchFailed(int apps, String why) {
    failed.addAndGet(apps);
    LOG.warn("apps not fetched, trying again next round apps={} cause={}", apps, why);
  }

  void appFailed(String processGuid, RuntimeException failure) {
    if (failed.incrementAndGet() <= LOGGED_FAILURES) {
      LOG.warn(
          "app not written, trying again next round processGuid={} cause={}",
          processGuid,
          reason(failure));
    }
  }

  void deleteFailed(String processGuid, RuntimeException failure) {
    if (failedDeletes.incrementAndGet() <= LOGGED_FAILURES) {
      LOG.warn(
          "excess LRP not deleted, trying again next round processGuid={} cause={}",
          processGuid,
          reason(failure));
    }
  }

  /** Without what the API server quotes: of a field the name, not the value. */
  private static String reason(RuntimeException failure) {
    if (failure instanceof CcBridgeException ours) {
      return ours.message();
    }
    if (failure instanceof KubernetesClientException api) {
      var fields =
          Optional.ofNullable(api.getStatus())
              .map(status -> status.getDetails())
              .map(details -> details.getCauses())
              .map(
                  causes ->
                      causes.stream().map(StatusCause::getField).collect(Collectors.joining(", ")))
              .filter(names -> !names.isEmpty())
              .map(names -> " for " + names);
      return "the Kubernetes API answered " + api.getCode() + fields.orElse("");
    }
    return failure.getClass().getSimpleName();
  }
}
