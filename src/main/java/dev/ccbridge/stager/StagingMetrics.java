package dev.ccbridge.stager;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus.Phase;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/**
 * What the original stager counted, under its names. Source: stager handlers, metric
 * declarations @1847376. Thread-safe.
 */
final class StagingMetrics {
  private final Counter starts;
  private final Counter stops;
  private final Counter succeeded;
  private final Counter failed;
  private final Timer succeededDuration;
  private final Timer failedDuration;

  StagingMetrics(MeterRegistry registry) {
    starts = registry.counter("StagingStartRequestsReceived");
    stops = registry.counter("StagingStopRequestsReceived");
    succeeded = registry.counter("StagingRequestsSucceeded");
    failed = registry.counter("StagingRequestsFailed");
    succeededDuration = registry.timer("StagingRequestSucceededDuration");
    failedDuration = registry.timer("StagingRequestFailedDuration");
  }

  /** CC asks for a staging, in a form that is understood. */
  void startReceived() {
    starts.increment();
  }

  /** CC asks for the end of a staging that there is. */
  void stopReceived() {
    stops.increment();
  }

  /**
   * CC has acknowledged how a staging ended. Differs from Diego: without a time at which the task
   * was created there is no duration, where the original counted from 1970.
   */
  void delivered(StagingRequest request, Instant now) {
    var success = Staging.phase(request) == Phase.SUCCEEDED;
    (success ? succeeded : failed).increment();
    var created = createdAt(request);
    if (created != null && created.isBefore(now)) {
      (success ? succeededDuration : failedDuration).record(Duration.between(created, now));
    }
  }

  private static @Nullable Instant createdAt(StagingRequest request) {
    var status = request.getStatus();
    try {
      return status == null || status.createdAt() == null
          ? null
          : Instant.parse(status.createdAt());
    } catch (DateTimeParseException notOurs) {
      return null;
    }
  }
}
