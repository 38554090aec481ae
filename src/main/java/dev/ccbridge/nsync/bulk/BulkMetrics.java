package dev.ccbridge.nsync.bulk;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** How the rounds go; their duration under the original's name. Thread-safe. */
final class BulkMetrics {
  private static final String RESULT = "result";

  private final Timer rounds;
  private final Counter complete;
  private final Counter unfinished;
  private final Counter partial;
  private final Counter givenUp;
  private final Counter created;
  private final Counter updated;
  private final Counter deleted;
  private final Counter failed;
  private volatile long lastComplete = System.nanoTime();
  private volatile long lastFresh = System.nanoTime();

  BulkMetrics(MeterRegistry registry) {
    rounds =
        Timer.builder("DesiredLRPSyncDuration")
            .description("rounds that compare apps with Cloud Controller's, failed ones too")
            .register(registry);
    complete = rounds(registry, "complete");
    // It saw all, and an app failed or still waits.
    unfinished = rounds(registry, "unfinished");
    partial = rounds(registry, "partial");
    givenUp = rounds(registry, "given_up");
    created = apps(registry, "created");
    updated = apps(registry, "updated");
    deleted = apps(registry, "deleted");
    failed = apps(registry, "failed");
    age(
        registry,
        "ccbridge.bulk.sync.lag",
        "since a round found or left every app as Cloud Controller wants it, or since the start",
        () -> lastComplete);
    age(
        registry,
        "ccbridge.bulk.domain.age",
        "since the Receptor was told that all apps are known, or since the start",
        () -> lastFresh);
  }

  private interface Moment {
    long nanos();
  }

  private static void age(MeterRegistry registry, String name, String meaning, Moment since) {
    Gauge.builder(
            name, () -> Duration.ofNanos(System.nanoTime() - since.nanos()).toMillis() / 1000.0)
        .description(meaning)
        .baseUnit("seconds")
        .register(registry);
  }

  private static Counter rounds(MeterRegistry registry, String result) {
    return Counter.builder("ccbridge.bulk.rounds")
        .description("rounds by how far they came; only a complete one left nothing to do")
        .tag(RESULT, result)
        .register(registry);
  }

  private static Counter apps(MeterRegistry registry, String result) {
    return Counter.builder("DesiredLRPSyncApps")
        .description("apps that differed, by what was done")
        .tag(RESULT, result)
        .register(registry);
  }

  /** What a round did to apps. */
  void made(Outcome outcome) {
    created.increment(outcome.created());
    updated.increment(outcome.updated());
    deleted.increment(outcome.deleted());
    failed.increment(outcome.failed());
  }

  /** A round is over; of failed ones the original sends the duration, too. */
  void ended(Outcome outcome, Duration took) {
    rounds.record(took);
    if (outcome.isComplete()) {
      lastComplete = System.nanoTime();
    }
    counter(outcome).increment();
  }

  private Counter counter(Outcome outcome) {
    return switch (outcome.extent()) {
      case WHOLE -> outcome.isComplete() ? complete : unfinished;
      case PARTIAL -> partial;
      case GIVEN_UP -> givenUp;
    };
  }

  /** The domain is fresh. */
  void declaredFresh() {
    lastFresh = System.nanoTime();
  }
}
