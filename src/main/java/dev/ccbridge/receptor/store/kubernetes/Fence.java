package dev.ccbridge.receptor.store.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells whether a write counts: only when the epoch is read after it and still is ours. Writes that
 * come while it is read share the next reading. Thread-safe.
 */
final class Fence {
  private static final Logger LOG = LoggerFactory.getLogger(Fence.class);

  /** Somebody else owns the records. */
  static final class LostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LostException() {
      super("somebody else owns the records");
    }
  }

  private final Epoch epoch;
  private final long ours;
  private final Pauses pauses;
  private final Runnable lost;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable CompletableFuture<@Nullable Void> waiting;
  private boolean reading;

  /**
   * @param lost called when somebody else owns them
   */
  Fence(Epoch epoch, long ours, Pauses pauses, Runnable lost) {
    this.epoch = epoch;
    this.ours = ours;
    this.pauses = pauses;
    this.lost = lost;
  }

  /**
   * @return completes when what was stored before this call counts; else with a LostException, or
   *     when nothing is tried any more
   */
  CompletableFuture<@Nullable Void> pass() {
    lock.lock();
    try {
      var round = waiting;
      if (round == null) {
        round = new CompletableFuture<>();
        waiting = round;
      }
      if (!reading) {
        reading = true;
        Thread.ofVirtual().name("receptor-epoch").start(this::readWhileWanted);
      }
      return round;
    } finally {
      lock.unlock();
    }
  }

  private void readWhileWanted() {
    for (var round = next(); round != null; round = next()) {
      try {
        if (isOurs()) {
          round.complete(null);
        } else {
          lost.run();
          round.completeExceptionally(new LostException());
        }
      } catch (RuntimeException failure) {
        round.completeExceptionally(failure);
      }
    }
  }

  private @Nullable CompletableFuture<@Nullable Void> next() {
    lock.lock();
    try {
      var round = waiting;
      waiting = null;
      reading = round != null;
      return round;
    } finally {
      lock.unlock();
    }
  }

  private boolean isOurs() {
    for (var failures = 1; ; failures++) {
      try {
        return epoch.read().filter(seen -> seen.number() == ours).isPresent();
      } catch (KubernetesClientException failure) {
        LOG.warn("the epoch cannot be read failures={} {}", failures, Pauses.words(failure));
        if (!pauses.pause(failures)) {
          throw failure;
        }
      }
    }
  }
}
