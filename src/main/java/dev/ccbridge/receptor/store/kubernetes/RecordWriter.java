package dev.ccbridge.receptor.store.kubernetes;

import dev.ccbridge.receptor.store.Change;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets what waits in the queue into the buckets' Secrets, and past the fence. A request that fails
 * is tried again without end; the queue is told when it takes long. Thread-safe, with one thread
 * for each bucket.
 */
final class RecordWriter {
  private static final Logger LOG = LoggerFactory.getLogger(RecordWriter.class);
  private static final Set<Integer> OF_THE_BUCKET = Set.of(400, 413, 422);

  /** A bucket whose Secret others change again and again is taken for one that cannot be had. */
  private static final int MOVES = 5;

  private final KubernetesRecordsConfig config;
  private final OwnSecrets secrets;
  private final Fence fence;
  private final Pauses pauses;
  private final Semaphore permits;

  /** When any bucket was stored last, in nanoseconds of the JVM. */
  private volatile long stored = System.nanoTime();

  RecordWriter(KubernetesRecordsConfig config, OwnSecrets secrets, Fence fence, Pauses pauses) {
    this.config = config;
    this.secrets = secrets;
    this.fence = fence;
    this.pauses = pauses;
    this.permits = new Semaphore(config.parallelWrites());
  }

  /** The life of one bucket's thread: until the queue has nothing more for it. */
  void write(WriteQueue queue, Slot slot) {
    for (var write = queue.next(slot); write != null; write = queue.next(slot)) {
      try {
        for (var before : write.after()) {
          await(queue, slot, before);
        }
        store(queue, slot, write.changes());
        await(queue, slot, fence.pass());
        queue.stored(slot, write);
      } catch (RuntimeException given) {
        giveUp(queue, slot, write, given);
      }
    }
  }

  private void await(WriteQueue queue, Slot slot, CompletableFuture<@Nullable Void> future) {
    while (true) {
      try {
        future.get(config.patience().toMillis(), TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException late) {
        refuseIfStuck(queue, slot);
      } catch (ExecutionException failed) {
        throw new CompletionException(failed.getCause());
      } catch (InterruptedException interrupted) {
        throw interrupted(interrupted);
      }
    }
  }

  private void store(WriteQueue queue, Slot slot, List<Change> changes) {
    var since = System.nanoTime();
    var moves = 0;
    for (var failures = 1; ; failures++) {
      acquire(queue, slot);
      try {
        secrets.store(slot.bucket(), changes);
        stored = System.nanoTime();
        return;
      } catch (KubernetesClientException failure) {
        if (OwnSecrets.isMoved(failure) && moves++ < MOVES) {
          continue;
        }
        var ofTheBucket = OF_THE_BUCKET.contains(failure.getCode());
        LOG.warn(
            "records cannot be stored, tried again secret={} failures={} {}",
            secrets.name(slot.bucket()),
            failures,
            Pauses.words(failure));
        if (ofTheBucket || System.nanoTime() - since >= config.patience().toNanos()) {
          refuse(queue, slot, Pauses.words(failure), !ofTheBucket);
        }
      } finally {
        permits.release();
      }
      if (!pauses.pause(failures)) {
        throw closed();
      }
    }
  }

  private void acquire(WriteQueue queue, Slot slot) {
    try {
      while (!permits.tryAcquire(config.patience().toMillis(), TimeUnit.MILLISECONDS)) {
        refuseIfStuck(queue, slot);
      }
    } catch (InterruptedException interrupted) {
      throw interrupted(interrupted);
    }
  }

  /** A bucket whose turn comes late, as others are stored meanwhile, is not refused. */
  private void refuseIfStuck(WriteQueue queue, Slot slot) {
    if (System.nanoTime() - stored >= config.patience().toNanos()) {
      refuse(queue, slot, "the Kubernetes API gave no answer", true);
    }
  }

  private void refuse(WriteQueue queue, Slot slot, String why, boolean all) {
    if (pauses.isEnded()) {
      throw closed();
    }
    queue.refuse(slot, why, all);
  }

  private void giveUp(WriteQueue queue, Slot slot, Write write, RuntimeException given) {
    var lost = queue.isLost();
    var why = lost ? "somebody else owns the records" : "closed";
    if (!lost && !pauses.isEnded()) {
      LOG.error("records are given up secret={}", secrets.name(slot.bucket()), given);
      why = "given up";
    }
    queue.givenUp(slot, write, why);
  }

  private static IllegalStateException closed() {
    return new IllegalStateException("closed");
  }

  private static IllegalStateException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new IllegalStateException(cause);
  }
}
