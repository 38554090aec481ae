package dev.ccbridge.receptor.store.kubernetes;

import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.store.Change;
import dev.ccbridge.receptor.store.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
 * record that wait are stored as one. A change of an instance waits for the changes of its desired
 * LRP that came before it, or in the same call.
 *
 * <p>A place that refuses is told to those who wait; the change stays, and with it {@link
 * #requireWritable} fails until it is stored. Thread-safe; knows nothing of Kubernetes.
 */
final class WriteQueue {
  /** Which record. */
  record RecordKey(Table table, String key) {}

  /** Changes of one record that are stored as one. Under the lock, but for the futures. */
  static final class Write {
    private Change change;
    private final List<CompletableFuture<@Nullable Void>> after = new ArrayList<>();

    /** When it is stored; fails only when that is not tried any more. */
    private final CompletableFuture<@Nullable Void> stored = new CompletableFuture<>();

    /** For those who wait; fails too when the place refuses, and then another one takes over. */
    private CompletableFuture<@Nullable Void> told = new CompletableFuture<>();

    private Write(Change change) {
      this.change = change;
    }

    /** The last one. Of a write that {@link WriteQueue#next} gave, as nothing joins it any more. */
    Change change() {
      return change;
    }

    /** What is to be stored before, as {@link #change}. */
    List<CompletableFuture<@Nullable Void>> after() {
      return List.copyOf(after);
    }
  }

  /** One record with something to write. Under the lock. */
  static final class Slot {
    private final RecordKey record;
    private @Nullable Write waiting;
    private @Nullable Write writing;
    private boolean refused;

    private Slot(RecordKey record) {
      this.record = record;
    }

    RecordKey record() {
      return record;
    }

    private List<Write> writes() {
      var both = new ArrayList<Write>();
      if (writing != null) {
        both.add(writing);
      }
      if (waiting != null) {
        both.add(waiting);
      }
      return both;
    }
  }

  private final String place;
  private final Duration patience;
  private final BiConsumer<WriteQueue, Slot> writer;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition idle = lock.newCondition();
  private final Map<RecordKey, Slot> busy = new LinkedHashMap<>();
  private int refusing;
  private String refusal = "";
  private boolean closing;
  private boolean lost;

  /**
   * @param place for people
   * @param patience how long an answer about all changes may take
   * @param writer takes a record's writes from {@link #next} until there is none, and says of each
   *     what became of it; runs on a thread of that record
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

  private List<CompletableFuture<@Nullable Void>> add(List<Change> changes) {
    var told = new ArrayList<CompletableFuture<@Nullable Void>>();
    for (var change : changes) {
      if (change.table() != Table.ACTUAL_LRPS) {
        told.add(add(change, List.of()).told);
      }
    }
    for (var change : changes) {
      if (change.table() == Table.ACTUAL_LRPS) {
        told.add(add(change, desiredBefore(change.key())).told);
      }
    }
    return told;
  }

  /**
   * What is on its way of an instance's desired LRP.
   *
   * @param instance its key, {@code guid/index}; a guid has no slash
   */
  private List<CompletableFuture<@Nullable Void>> desiredBefore(String instance) {
    var guid = instance.substring(0, instance.indexOf('/'));
    var slot = busy.get(new RecordKey(Table.DESIRED_LRPS, guid));
    return slot == null ? List.of() : slot.writes().stream().map(write -> write.stored).toList();
  }

  private Write add(Change change, List<CompletableFuture<@Nullable Void>> after) {
    var record = new RecordKey(change.table(), change.key());
    var slot = busy.get(record);
    if (slot == null) {
      slot = new Slot(record);
      busy.put(record, slot);
      start(slot);
    }
    var write = slot.waiting;
    if (write == null) {
      write = new Write(change);
      slot.waiting = write;
    } else {
      write.change = change;
    }
    write.after.addAll(after);
    return write;
  }

  private void start(Slot slot) {
    Thread.ofVirtual()
        .name("record-" + slot.record.table().mapName())
        .start(() -> writer.accept(this, slot));
  }

  /** Of a long refusal it tells not more often than {@code patience}. */
  private CompletableFuture<@Nullable Void> allBefore() {
    var all = new ArrayList<CompletableFuture<@Nullable Void>>();
    for (var slot : busy.values()) {
      slot.writes().forEach(write -> all.add(write.stored));
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
      var slot = busy.get(record);
      return slot == null || slot.writes().isEmpty()
          ? CompletableFuture.completedFuture(null)
          : slot.writes().getLast().told;
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
        if (which.test(slot.record) && !slot.refused) {
          slot.writes().forEach(write -> told.add(write.told));
        }
      }
    } finally {
      lock.unlock();
    }
    told.forEach(one -> one.exceptionally(refused -> null).join());
  }

  /**
   * @throws ReceptorException while the place refuses what is not only one record's fault
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
      slot.writing = slot.waiting;
      slot.waiting = null;
      if (slot.writing == null) {
        busy.remove(slot.record);
        idle.signalAll();
      }
      return slot.writing;
    } finally {
      lock.unlock();
    }
  }

  /** It is stored, and counts. */
  void stored(Slot slot, Write write) {
    leave(slot);
    write.stored.complete(null);
    write.told.complete(null);
  }

  /** It is not tried any more. */
  void givenUp(Slot slot, Write write, String why) {
    leave(slot);
    write.stored.completeExceptionally(unavailable(why));
    write.told.completeExceptionally(unavailable(why));
  }

  private void leave(Slot slot) {
    lock.lock();
    try {
      slot.writing = null;
      if (slot.refused) {
        slot.refused = false;
        refusing--;
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Tells those who wait for a record; the change is kept, and tried again.
   *
   * @param all whether other records would be refused as well
   */
  void refuse(Slot slot, String why, boolean all) {
    var waiting = new ArrayList<CompletableFuture<@Nullable Void>>();
    lock.lock();
    try {
      if (all) {
        refusal = why;
        if (!slot.refused) {
          slot.refused = true;
          refusing++;
        }
      }
      for (var write : slot.writes()) {
        waiting.add(write.told);
        write.told = new CompletableFuture<>();
      }
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
      List<CompletableFuture<@Nullable Void>> all) {
    if (all.size() == 1) {
      return all.getFirst();
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
