package dev.ccbridge.receptor.store.kubernetes;

import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.store.Change;
import dev.ccbridge.receptor.store.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Changes on their way to the place where records are kept, and who waits for them. Those of one
 * bucket that wait are stored as one. A change of an instance waits for the changes of its desired
 * LRP that came before it, or in the same call.
 *
 * <p>A place that refuses is told to those who wait; the change stays, and with it {@link
 * #requireWritable} fails until it is stored. Thread-safe; knows nothing of Kubernetes.
 */
final class WriteQueue {
  private final String place;
  private final Duration patience;
  private final BiConsumer<WriteQueue, Slot> writer;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition idle = lock.newCondition();
  private final Map<Bucket, Slot> busy = new LinkedHashMap<>();
  private int refusing;
  private String refusal = "";
  private boolean closing;
  private boolean lost;

  /**
   * @param place for people
   * @param patience how long an answer about all changes may take
   * @param writer takes a bucket's writes from {@link #next} until there is none, and says of each
   *     what became of it; runs on a thread of that bucket
   */
  WriteQueue(String place, Duration patience, BiConsumer<WriteQueue, Slot> writer) {
    this.place = place;
    this.patience = patience;
    this.writer = writer;
  }

  /**
   * @return as {@link dev.ccbridge.receptor.store.Records#write}
   */
  CompletableFuture<@Nullable Void> write(List<Change> changes) {
    lock.lock();
    try {
      if (closing || lost) {
        return CompletableFuture.failedFuture(unavailable(lost ? "lost" : "closed"));
      }
      return changes.isEmpty() ? allBefore() : allOrFirstFailure(add(changes));
    } finally {
      lock.unlock();
    }
  }

  private Collection<CompletableFuture<@Nullable Void>> add(List<Change> changes) {
    var told = new LinkedHashSet<CompletableFuture<@Nullable Void>>();
    for (var change : changes) {
      if (change.table() != Table.ACTUAL_LRPS) {
        told.add(slot(change).join(change, List.of()).told());
      }
    }
    for (var change : changes) {
      if (change.table() == Table.ACTUAL_LRPS) {
        var slot = slot(change);
        told.add(slot.join(change, onTheirWay(slot.bucket().desired())).told());
      }
    }
    return told;
  }

  private List<CompletableFuture<@Nullable Void>> onTheirWay(Bucket bucket) {
    var slot = busy.get(bucket);
    return slot == null ? List.of() : slot.writes().stream().map(Write::stored).toList();
  }

  private Slot slot(Change change) {
    var bucket = Bucket.of(RecordKey.of(change));
    var slot = busy.get(bucket);
    if (slot == null) {
      slot = new Slot(bucket);
      busy.put(bucket, slot);
      start(slot);
    }
    return slot;
  }

  private void start(Slot slot) {
    Thread.ofVirtual()
        .name("records-" + slot.bucket().table().mapName())
        .start(() -> writer.accept(this, slot));
  }

  /** Of a long refusal it tells not more often than {@code patience}. */
  private CompletableFuture<@Nullable Void> allBefore() {
    var all = new ArrayList<CompletableFuture<@Nullable Void>>();
    for (var slot : busy.values()) {
      slot.writes().forEach(write -> all.add(write.stored()));
    }
    if (all.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    return allOrFirstFailure(all)
        .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionallyCompose(
            failure ->
                CompletableFuture.failedFuture(
                    failure instanceof ReceptorException known
                        ? known
                        : unavailable("not within " + patience)));
  }

  /**
   * @return as {@link dev.ccbridge.receptor.store.Records#stored}
   */
  CompletableFuture<@Nullable Void> stored(RecordKey record) {
    lock.lock();
    try {
      var slot = busy.get(Bucket.of(record));
      var writes = slot == null ? List.<Write>of() : slot.writes(record::equals);
      return writes.isEmpty() ? CompletableFuture.completedFuture(null) : writes.getLast().told();
    } finally {
      lock.unlock();
    }
  }

  /** As {@link dev.ccbridge.receptor.store.Records#settle}. */
  void settle(Predicate<RecordKey> which) {
    var told = new ArrayList<CompletableFuture<@Nullable Void>>();
    lock.lock();
    try {
      for (var slot : busy.values()) {
        if (!slot.isRefused()) {
          slot.writes(which).forEach(write -> told.add(write.told()));
        }
      }
    } finally {
      lock.unlock();
    }
    told.forEach(one -> one.exceptionally(refused -> null).join());
  }

  /**
   * @throws ReceptorException while the place refuses what is not only one bucket's fault
   */
  void requireWritable() {
    lock.lock();
    try {
      if (refusing > 0) {
        throw unavailable(refusal);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Takes nothing more, and waits until all is stored or lost, or the patience is over. */
  void close() {
    lock.lock();
    try {
      closing = true;
      var left = patience.toNanos();
      while (!busy.isEmpty() && !lost && left > 0) {
        left = idle.awaitNanos(left);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /**
   * From now on nothing that is stored counts.
   *
   * @return whether that was not known
   */
  boolean lose() {
    lock.lock();
    try {
      var isNew = !lost;
      lost = true;
      idle.signalAll();
      return isNew;
    } finally {
      lock.unlock();
    }
  }

  boolean isLost() {
    lock.lock();
    try {
      return lost;
    } finally {
      lock.unlock();
    }
  }

  /** What is to be stored now; null when there is nothing more, and the thread is to end. */
  @Nullable Write next(Slot slot) {
    lock.lock();
    try {
      var write = slot.begin();
      if (write == null) {
        busy.remove(slot.bucket());
        idle.signalAll();
      }
      return write;
    } finally {
      lock.unlock();
    }
  }

  /** It is stored, and counts. */
  void stored(Slot slot, Write write) {
    leave(slot);
    write.stored().complete(null);
    write.told().complete(null);
  }

  /** It is not tried any more. */
  void givenUp(Slot slot, Write write, String why) {
    leave(slot);
    write.stored().completeExceptionally(unavailable(why));
    write.told().completeExceptionally(unavailable(why));
  }

  private void leave(Slot slot) {
    lock.lock();
    try {
      slot.end();
      if (slot.setRefused(false)) {
        refusing--;
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Tells those who wait for a bucket's records; the changes are kept, and tried again.
   *
   * @param all whether other buckets would be refused as well
   */
  void refuse(Slot slot, String why, boolean all) {
    var waiting = new ArrayList<CompletableFuture<@Nullable Void>>();
    lock.lock();
    try {
      if (all) {
        refusal = why;
        if (slot.setRefused(true)) {
          refusing++;
        }
      }
      slot.writes().forEach(write -> waiting.add(write.tellAnew()));
    } finally {
      lock.unlock();
    }
    waiting.forEach(told -> told.completeExceptionally(unavailable(why)));
  }

  private ReceptorException unavailable(String why) {
    return ReceptorException.unavailable("cannot store to " + place + ": " + why, null);
  }

  /** The library's own waits for all of them before it tells of a failure. */
  private static CompletableFuture<@Nullable Void> allOrFirstFailure(
      Collection<CompletableFuture<@Nullable Void>> all) {
    if (all.size() == 1) {
      return all.iterator().next();
    }
    var result = new CompletableFuture<@Nullable Void>();
    for (var one : all) {
      one.whenComplete(
          (ok, failure) -> {
            if (failure != null) {
              result.completeExceptionally(failure);
            }
          });
    }
    CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
        .thenRun(() -> result.complete(null));
    return result;
  }
}
