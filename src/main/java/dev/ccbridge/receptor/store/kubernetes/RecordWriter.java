package dev.ccbridge.receptor.store.kubernetes;

import dev.ccbridge.receptor.store.Change;
import dev.ccbridge.receptor.store.kubernetes.RecordSecrets.Stored;
import dev.ccbridge.receptor.store.kubernetes.WriteQueue.RecordKey;
import dev.ccbridge.receptor.store.kubernetes.WriteQueue.Slot;
import dev.ccbridge.receptor.store.kubernetes.WriteQueue.Write;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets what waits in the queue into the records' Secrets, each by the version that is known of it,
 * and past the fence. A request that fails is tried again without end; the queue is told when it
 * takes long. Thread-safe, with one thread for each record.
 */
final class RecordWriter {
  private static final Logger LOG = LoggerFactory.getLogger(RecordWriter.class);
  private static final Set<Integer> OF_THE_RECORD = Set.of(400, 413, 422);
  private static final int GONE = 404;

  /** A record whose Secret others change again and again is taken for one that cannot be had. */
  private static final int MOVES = 5;

  private final KubernetesRecordsConfig config;
  private final RecordSecrets secrets;
  private final Fence fence;
  private final Pauses pauses;
  private final long epoch;
  private final Runnable lose;
  private final Semaphore permits;

  /** Of the Secrets that there are, as we have left them. A record's own thread has its entry. */
  private final Map<RecordKey, String> versions = new ConcurrentHashMap<>();

  /**
   * @param epoch ours
   * @param lose called when a record shows that somebody else owns them
   */
  RecordWriter(
      KubernetesRecordsConfig config,
      RecordSecrets secrets,
      Fence fence,
      Pauses pauses,
      long epoch,
      Runnable lose) {
    this.config = config;
    this.secrets = secrets;
    this.fence = fence;
    this.pauses = pauses;
    this.epoch = epoch;
    this.lose = lose;
    this.permits = new Semaphore(config.parallelWrites());
  }

  /**
   * How a record's Secret was left: by whoever had it before us, or by ourselves.
   *
   * @param version empty: there is none
   */
  void know(RecordKey record, String version) {
    if (version.isEmpty()) {
      versions.remove(record);
    } else {
      versions.put(record, version);
    }
  }

  /** The life of one record's thread: until the queue has nothing more for it. */
  void write(WriteQueue queue, Slot slot) {
    for (var write = queue.next(slot); write != null; write = queue.next(slot)) {
      try {
        for (var before : write.after()) {
          await(queue, slot, before);
        }
        store(queue, slot, write.change());
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
        refuse(queue, slot, "the Kubernetes API gave no answer", true);
      } catch (ExecutionException failed) {
        throw new CompletionException(failed.getCause());
      } catch (InterruptedException interrupted) {
        throw interrupted(interrupted);
      }
    }
  }

  private void store(WriteQueue queue, Slot slot, Change change) {
    var since = System.nanoTime();
    var moves = 0;
    for (var failures = 1; ; failures++) {
      acquire(queue, slot);
      try {
        attempt(slot.record(), change);
        return;
      } catch (KubernetesClientException failure) {
        if (isMoved(failure) && moves++ < MOVES) {
          continue;
        }
        var ofTheRecord = OF_THE_RECORD.contains(failure.getCode());
        LOG.warn(
            "a record cannot be stored, tried again secret={} failures={} {}",
            name(slot.record()),
            failures,
            Pauses.words(failure));
        if (ofTheRecord || System.nanoTime() - since >= config.patience().toNanos()) {
          refuse(queue, slot, Pauses.words(failure), !ofTheRecord);
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
        refuse(queue, slot, "the Kubernetes API gave no answer", true);
      }
    } catch (InterruptedException interrupted) {
      throw interrupted(interrupted);
    }
  }

  private void attempt(RecordKey record, Change change) {
    try {
      know(record, request(record, change, versions.getOrDefault(record, "")));
    } catch (KubernetesClientException failure) {
      if (isMoved(failure)) {
        know(record, versionNow(record, failure));
      }
      throw failure;
    }
  }

  /**
   * @return the version; empty when there is no Secret any more
   */
  private String request(RecordKey record, Change change, String version) {
    var encoded = change.encoded();
    if (encoded != null) {
      return version.isEmpty()
          ? secrets.create(record.table(), record.key(), encoded, epoch)
          : secrets.update(record.table(), record.key(), encoded, epoch, version);
    }
    if (!version.isEmpty()) {
      secrets.delete(name(record), version);
    }
    return "";
  }

  private static boolean isMoved(KubernetesClientException failure) {
    return Pauses.isConflict(failure) || failure.getCode() == GONE;
  }

  /** Of an object that we have made ourselves without being told, or that is no owner's. */
  private String versionNow(RecordKey record, KubernetesClientException conflict) {
    var now = secrets.find(name(record));
    if (now.isPresent() && now.get().epoch() > epoch) {
      lose.run();
      throw new Fence.LostException();
    }
    LOG.info(
        "a record is not as it was left secret={} code={} epoch={}",
        name(record),
        conflict.getCode(),
        now.map(Stored::epoch).orElse(0L));
    return now.map(Stored::version).orElse("");
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
      LOG.error("a record is given up secret={}", name(slot.record()), given);
      why = "given up";
    }
    queue.givenUp(slot, write, why);
  }

  private String name(RecordKey record) {
    return secrets.name(record.table(), record.key());
  }

  private static IllegalStateException closed() {
    return new IllegalStateException("closed");
  }

  private static IllegalStateException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new IllegalStateException(cause);
  }
}
