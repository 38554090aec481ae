package dev.ccbridge.tps;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.cloudcontroller.client.CloudControllerClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells CC of crashes until it knows: many instances side by side, those of one instance in order.
 * First CC is told, then the ledger; dying in between makes a repeat, never a loss. Thread-safe.
 */
final class CrashTeller implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CrashTeller.class);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

  /** Of one instance; of more, the last one tells for those that were between. */
  private static final int MAX_WAITING = 16;

  private final CrashWatcherConfig config;
  private final CloudControllerClient cloudController;
  private final CrashLedger ledger;
  private final CrashMetrics metrics;
  private final Semaphore room;
  private final ExecutorService threads;

  /** By instance, the first of each is being told. Under the lock of this object. */
  private final Map<CrashKey, Deque<Waiting>> waiting = new HashMap<>();

  /** Told, and the ledger does not know it yet. */
  private final Map<CrashKey, CrashTold> unrecorded = new ConcurrentHashMap<>();

  private boolean closed;

  /** A crash, and when it was seen, by {@link System#nanoTime}. */
  private record Waiting(Crash crash, long since) {
    static Waiting of(Crash crash) {
      return new Waiting(crash, System.nanoTime());
    }

    Duration age() {
      return Duration.ofNanos(System.nanoTime() - since);
    }
  }

  CrashTeller(
      CrashWatcherConfig config,
      CloudControllerClient cloudController,
      CrashLedger ledger,
      MeterRegistry meters) {
    this.config = config;
    this.cloudController = cloudController;
    this.ledger = ledger;
    this.room = new Semaphore(config.postsAtATime());
    this.threads = Executors.newVirtualThreadPerTaskExecutor();
    this.metrics = new CrashMetrics(meters, this::untold, this::oldestUntold);
  }

  /** Takes it over; does not block. */
  synchronized void tell(Crash crash) {
    if (closed) {
      return;
    }
    var ofInstance = waiting.get(crash.key());
    if (ofInstance == null) {
      waiting.put(crash.key(), new ArrayDeque<>(List.of(Waiting.of(crash))));
      threads.execute(() -> tellAll(crash.key()));
      return;
    }
    if (ofInstance.size() >= MAX_WAITING) {
      ofInstance.removeLast();
    }
    ofInstance.addLast(Waiting.of(crash));
  }

  /** Crashes that CC has not acknowledged yet. */
  synchronized int untold() {
    return waiting.values().stream().mapToInt(Deque::size).sum();
  }

  /** How long the crash waits that waits longest; zero: none does. */
  private synchronized Duration oldestUntold() {
    return waiting.values().stream()
        .map(ofInstance -> ofInstance.getFirst().age())
        .max(Comparator.naturalOrder())
        .orElse(Duration.ZERO);
  }

  /** Tries again what the ledger did not take. */
  void recordAgain() {
    unrecorded.forEach(this::record);
  }

  /** Ends all that is under way; what was not acknowledged is told by whoever watches next. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    threads.shutdownNow();
    try {
      if (!threads.awaitTermination(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("requests to CC did not end within patience={}", STOP_PATIENCE);
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  private void tellAll(CrashKey key) {
    try {
      for (var next = first(key); next != null; next = next(key)) {
        tellUntilKnown(next);
        unrecorded.put(key, next.crash().told());
        record(key, next.crash().told());
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized @Nullable Waiting first(CrashKey key) {
    var ofInstance = waiting.get(key);
    return ofInstance == null ? null : ofInstance.peekFirst();
  }

  /** The first one is done; null: it was the last one, too. */
  private synchronized @Nullable Waiting next(CrashKey key) {
    var ofInstance = waiting.get(key);
    if (ofInstance == null) {
      return null;
    }
    ofInstance.removeFirst();
    if (ofInstance.isEmpty()) {
      waiting.remove(key);
    }
    return ofInstance.peekFirst();
  }

  private void tellUntilKnown(Waiting crash) throws InterruptedException {
    var pause = config.firstRetry();
    while (!told(crash, pause.equals(config.firstRetry()))) {
      TimeUnit.MILLISECONDS.sleep(pause.toMillis());
      var longer = pause.multipliedBy(2);
      pause = longer.compareTo(config.maxRetry()) > 0 ? config.maxRetry() : longer;
    }
  }

  /** Whether that is the end of it: CC has taken it, or refuses it for good. */
  private boolean told(Waiting waited, boolean isFirstTry) throws InterruptedException {
    var crash = waited.crash();
    room.acquire();
    try {
      cloudController.appCrashed(crash.key().processGuid(), crash.report());
      LOG.info(
          "crash told processGuid={} index={} crashCount={}",
          crash.key().processGuid(),
          crash.key().index(),
          crash.report().crashCount());
      metrics.told(waited.age());
      return true;
    } catch (CcBridgeException failure) {
      if (failure.kind() == ErrorKind.INVALID_REQUEST) {
        notTold("crash refused by CC, not told again", crash, failure);
        metrics.refused();
        return true;
      }
      if (isFirstTry) {
        notTold("crash not told, trying again until it is", crash, failure);
      }
      metrics.triedInVain();
      return false;
    } finally {
      room.release();
    }
  }

  private static void notTold(String what, Crash crash, CcBridgeException cause) {
    LOG.warn(
        "{} processGuid={} index={} crashCount={} cause={}",
        what,
        crash.key().processGuid(),
        crash.key().index(),
        crash.report().crashCount(),
        cause.message());
  }

  private void record(CrashKey key, CrashTold told) {
    try {
      ledger.record(key, told);
      // A later one may have come in between; that one stays.
      unrecorded.remove(key, told);
    } catch (RuntimeException failure) {
      LOG.warn(
          "told crash not recorded, trying again with the next list processGuid={} index={}"
              + " cause={}",
          key.processGuid(),
          key.index(),
          failure.toString());
    }
  }
}
