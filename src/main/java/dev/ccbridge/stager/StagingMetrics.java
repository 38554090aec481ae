package dev.ccbridge.stager;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus;
import dev.ccbridge.api.StagingRequestStatus.Phase;
import dev.ccbridge.cloudcontroller.model.StagingErrorId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the original stager counted, under its names, and how all stagings fare. Labels are of few
 * values, never a guid. Thread-safe. Source: stager handlers, metric declarations @1847376.
 */
final class StagingMetrics {
  private static final String RESULT = "result";

  /** Of no id that CC knows. */
  private static final String OTHER = "other";

  private final MeterRegistry registry;
  private final Clock clock;
  private final Counter starts;
  private final Counter stops;
  private final Counter succeeded;
  private final Counter failed;
  private final Timer succeededDuration;
  private final Timer failedDuration;
  private final Timer callbackDelay;
  private final Counter accepted;
  private final Counter retried;
  private final Counter refused;

  StagingMetrics(MeterRegistry registry, Clock clock) {
    this.registry = registry;
    this.clock = clock;
    starts = counter("StagingStartRequestsReceived", "stagings that Cloud Controller asked for");
    stops = counter("StagingStopRequestsReceived", "stagings that Cloud Controller wanted ended");
    succeeded =
        counter("StagingRequestsSucceeded", "successes that Cloud Controller has acknowledged");
    failed = counter("StagingRequestsFailed", "failures that Cloud Controller has acknowledged");
    succeededDuration =
        timer(
            "StagingRequestSucceededDuration",
            "from a task's creation to the acknowledgement of its success");
    failedDuration =
        timer(
            "StagingRequestFailedDuration",
            "from a task's creation to the acknowledgement of its failure");
    callbackDelay =
        timer("ccbridge.callback.delay", "from a stored outcome to its acknowledgement");
    accepted = callbacks("accepted");
    retried = callbacks("retried");
    refused = callbacks("refused");
    for (var lifecycle : List.of("buildpack", "docker")) {
      for (var result : List.of(Phase.SUCCEEDED, Phase.FAILED, Phase.CANCELLED)) {
        stagings(lifecycle, result);
      }
    }
    for (var id : StagingErrorId.values()) {
      failures(id.name());
    }
    failures(OTHER);
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }

  private Timer timer(String name, String description) {
    return Timer.builder(name).description(description).register(registry);
  }

  private Counter callbacks(String result) {
    return Counter.builder("ccbridge.callbacks")
        .description("attempts to tell Cloud Controller of an outcome, by what came of them")
        .tag(RESULT, result)
        .register(registry);
  }

  private Timer stagings(String lifecycle, Phase result) {
    return Timer.builder("ccbridge.stagings")
        .description("stagings that ended, from the request to its stored outcome")
        .tag("lifecycle", lifecycle)
        .tag(RESULT, lowerCase(result))
        .serviceLevelObjectives(
            Duration.ofSeconds(10),
            Duration.ofMinutes(1),
            Duration.ofMinutes(5),
            Duration.ofMinutes(15))
        .register(registry);
  }

  private Counter failures(String id) {
    return Counter.builder("ccbridge.staging.failures")
        .description("stagings that failed, by Diego's error id")
        .tag("id", id)
        .register(registry);
  }

  /**
   * Shows at each scrape what there is.
   *
   * @param all requests, as the informer knows them; none while this process does not lead
   */
  void watch(Supplier<List<StagingRequest>> all) {
    for (var phase : Phase.values()) {
      Gauge.builder(
              "ccbridge.staging.requests",
              () -> all.get().stream().filter(r -> Staging.phase(r) == phase).count())
          .description("StagingRequests by phase, where this process leads")
          .tag("phase", lowerCase(phase))
          .register(registry);
    }
    Gauge.builder(
            "ccbridge.callback.waiting",
            () -> all.get().stream().filter(Staging::awaitsDelivery).count())
        .description("outcomes that Cloud Controller has not acknowledged yet")
        .register(registry);
    Gauge.builder("ccbridge.callback.age", () -> oldestCallback(all.get()))
        .description(
            "age of the oldest outcome that Cloud Controller has not acknowledged; 0: none")
        .baseUnit("seconds")
        .register(registry);
  }

  private double oldestCallback(List<StagingRequest> all) {
    return all.stream()
        .filter(Staging::awaitsDelivery)
        .map(request -> finishedAt(request.getStatus()))
        .filter(Objects::nonNull)
        .min(Comparator.naturalOrder())
        .map(oldest -> Math.max(0, Duration.between(oldest, clock.instant()).toSeconds()))
        .orElse(0L);
  }

  private static String lowerCase(Phase phase) {
    return phase.name().toLowerCase(Locale.ROOT);
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
   * An outcome is stored.
   *
   * @param request as stored
   */
  void ended(StagingRequest request) {
    var status = Objects.requireNonNull(request.getStatus());
    var lifecycle = Staging.isDocker(request) ? "docker" : "buildpack";
    var asked = instant(request.getMetadata().getCreationTimestamp());
    var took = asked == null ? Duration.ZERO : Duration.between(asked, clock.instant());
    stagings(lifecycle, Staging.phase(request)).record(took.isNegative() ? Duration.ZERO : took);
    var failure = status.failure();
    if (failure != null) {
      failures(isKnown(failure.id()) ? failure.id() : OTHER).increment();
    }
  }

  private static boolean isKnown(String id) {
    return Arrays.stream(StagingErrorId.values()).anyMatch(known -> known.name().equals(id));
  }

  /**
   * CC has acknowledged how a staging ended. Differs from Diego: without a time at which the task
   * was created there is no duration, where the original counted from 1970.
   */
  void delivered(StagingRequest request) {
    var now = clock.instant();
    accepted.increment();
    var success = Staging.phase(request) == Phase.SUCCEEDED;
    (success ? succeeded : failed).increment();
    var status = request.getStatus();
    var created = status == null ? null : instant(status.createdAt());
    if (created != null && created.isBefore(now)) {
      (success ? succeededDuration : failedDuration).record(Duration.between(created, now));
    }
    var finished = finishedAt(status);
    if (finished != null && finished.isBefore(now)) {
      callbackDelay.record(Duration.between(finished, now));
    }
  }

  /** CC has not. */
  void notDelivered(boolean isTriedAgain) {
    (isTriedAgain ? retried : refused).increment();
  }

  private static @Nullable Instant finishedAt(@Nullable StagingRequestStatus status) {
    return status == null ? null : instant(status.finishedAt());
  }

  private static @Nullable Instant instant(@Nullable String time) {
    try {
      return time == null ? null : Instant.parse(time);
    } catch (DateTimeParseException notOurs) {
      return null;
    }
  }
}
