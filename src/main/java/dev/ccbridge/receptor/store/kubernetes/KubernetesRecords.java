package dev.ccbridge.receptor.store.kubernetes;

import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.store.Change;
import dev.ccbridge.receptor.store.Records;
import dev.ccbridge.receptor.store.RecordsException;
import dev.ccbridge.receptor.store.Table;
import dev.ccbridge.receptor.store.kubernetes.RecordSecrets.Stored;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records as Secrets; see the package's own words for who owns them. Records are written at the
 * same time, the changes of one record in order, and those that wait as one. A change of an
 * instance waits for the changes of desired LRPs that came in the same call.
 *
 * <p>A request that fails is tried again without end. Who waits for it is told after a while, as of
 * a disk that is full. Thread-safe.
 */
public final class KubernetesRecords implements Records {
  private static final Logger LOG = LoggerFactory.getLogger(KubernetesRecords.class);
  private static final Set<Integer> OF_THE_RECORD = Set.of(400, 413, 422);
  private static final int GONE = 404;

  /** A record whose Secret others change again and again is taken for one that cannot be had. */
  private static final int MOVES = 5;

  private record Cell(Table table, String key) {}

  /** Changes of one record that are stored as one. Under the lock, but for the futures. */
  private static final class Write {
    private Change change;
    private final List<CompletableFuture<@Nullable Void>> after = new ArrayList<>();

    /** When it is stored; fails only when that is not tried any more. */
    private final CompletableFuture<@Nullable Void> stored = new CompletableFuture<>();

    /** For those who wait; fails too when the place refuses, and then another one takes over. */
    private CompletableFuture<@Nullable Void> told = new CompletableFuture<>();

    Write(Change change) {
      this.change = change;
    }
  }

  /** One record. Under the lock, but for the version, which its own thread alone knows. */
  private static final class Slot {
    private final Cell cell;
    private final String name;
    private @Nullable Write waiting;
    private @Nullable Write writing;
    private boolean refused;

    /** Of the Secret; empty: there is none. */
    private String version;

    Slot(Cell cell, String name, String version) {
      this.cell = cell;
      this.name = name;
      this.version = version;
    }
  }

  private final KubernetesClient kubernetes;
  private final KubernetesRecordsConfig config;
  private final RecordSecrets secrets;
  private final Pauses pauses;
  private final Runnable onLost;
  private final Semaphore permits;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition idle = lock.newCondition();
  private final Map<Table, Map<String, byte[]>> loaded = new EnumMap<>(Table.class);
  private final Map<Cell, Slot> slots = new HashMap<>();

  /** Those with something to write. */
  private final Map<Cell, Slot> busy = new LinkedHashMap<>();

  private final long epoch;
  private final Fence fence;
  private int refusing;
  private String refusal = "";
  private boolean closing;
  private boolean lost;

  private KubernetesRecords(
      KubernetesClient kubernetes, KubernetesRecordsConfig config, Runnable onLost) {
    this.kubernetes = kubernetes;
    this.config = config;
    this.onLost = onLost;
    this.secrets = new RecordSecrets(kubernetes, config);
    this.pauses = new Pauses(config);
    this.permits = new Semaphore(config.parallelWrites());
    var itsEpoch = new Epoch(kubernetes, config);
    var taken = new TakeOver(config, secrets, itsEpoch, pauses).run();
    this.epoch = taken.epoch();
    this.fence = new Fence(itsEpoch, epoch, pauses, this::lose);
    taken.records().forEach(this::take);
    LOG.info("records taken over epoch={} records={}", epoch, slots.size());
  }

  /**
   * Takes the records over from whoever had them.
   *
   * @param kubernetes is closed with this; it should not try again by itself for long
   * @param onLost called once when somebody else has taken them over: the process must end then, as
   *     nothing that it does counts any more
   * @throws RecordsException when somebody takes them over at the same time, one is damaged, or the
   *     Kubernetes API does not answer within minutes
   */
  public static KubernetesRecords open(
      KubernetesClient kubernetes, KubernetesRecordsConfig config, Runnable onLost) {
    return new KubernetesRecords(kubernetes, config, onLost);
  }

  private void take(Stored record) {
    for (var table : Table.values()) {
      if (table.mapName().equals(record.table())
          && secrets.name(table, record.key()).equals(record.name())) {
        var cell = new Cell(table, record.key());
        slots.put(cell, new Slot(cell, record.name(), record.version()));
        loaded.computeIfAbsent(table, any -> new HashMap<>()).put(record.key(), record.encoded());
        return;
      }
    }
    throw unreadable(record.name(), "its table or key is not what its name says");
  }

  @Override
  public <T> Map<String, T> load(Table table, Class<T> type) {
    var records = new HashMap<String, T>();
    var encoded = loaded.remove(table);
    if (encoded != null) {
      encoded.forEach(
          (key, bytes) -> {
            try {
              records.put(key, Change.decode(table, key, bytes, type));
            } catch (RecordsException broken) {
              throw unreadable(secrets.name(table, key), broken.message());
            }
          });
    }
    return records;
  }

  private RecordsException unreadable(String secret, String why) {
    return new RecordsException(
        "Secret "
            + config.namespace()
            + "/"
            + secret
            + " is no record of the Receptor ("
            + why
            + "); restore it, or delete it to go on without it",
        null);
  }

  @Override
  public CompletableFuture<@Nullable Void> write(List<Change> changes) {
    lock.lock();
    try {
      if (closing || lost) {
        return CompletableFuture.failedFuture(unavailable(lost ? "lost" : "closed"));
      }
      if (changes.isEmpty()) {
        return allBefore();
      }
      var desired = new ArrayList<CompletableFuture<@Nullable Void>>();
      var told = new ArrayList<CompletableFuture<@Nullable Void>>();
      for (var change : changes) {
        if (change.table() != Table.ACTUAL_LRPS) {
          var write = enqueue(change, List.of());
          told.add(write.told);
          if (change.table() == Table.DESIRED_LRPS) {
            desired.add(write.stored);
          }
        }
      }
      for (var change : changes) {
        if (change.table() == Table.ACTUAL_LRPS) {
          told.add(enqueue(change, desired).told);
        }
      }
      return allOrFirstFailure(told);
    } finally {
      lock.unlock();
    }
  }

  private Write enqueue(Change change, List<CompletableFuture<@Nullable Void>> after) {
    var slot =
        slots.computeIfAbsent(
            new Cell(change.table(), change.key()),
            cell -> new Slot(cell, secrets.name(cell.table, cell.key), ""));
    var write = slot.waiting;
    if (write == null) {
      write = new Write(change);
      slot.waiting = write;
    } else {
      write.change = change;
    }
    write.after.addAll(after);
    if (busy.putIfAbsent(slot.cell, slot) == null) {
      Thread.ofVirtual().name("record-" + slot.name).start(() -> work(slot));
    }
    return write;
  }

  /** Of a long refusal it tells not more often than {@code patience}. */
  private CompletableFuture<@Nullable Void> allBefore() {
    var all = new ArrayList<CompletableFuture<@Nullable Void>>();
    for (var slot : busy.values()) {
      for (var write : writes(slot)) {
        all.add(write.stored);
      }
    }
    if (all.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    return allOrFirstFailure(all)
        .orTimeout(config.patience().toMillis(), TimeUnit.MILLISECONDS)
        .exceptionallyCompose(
            failure ->
                CompletableFuture.failedFuture(
                    failure instanceof ReceptorException known
                        ? known
                        : unavailable("not within " + config.patience())));
  }

  private static List<Write> writes(Slot slot) {
    var both = new ArrayList<Write>();
    if (slot.writing != null) {
      both.add(slot.writing);
    }
    if (slot.waiting != null) {
      both.add(slot.waiting);
    }
    return both;
  }

  @Override
  public void settle(Table table, String key) {
    settle(slot -> slot.cell.equals(new Cell(table, key)));
  }

  @Override
  public void settle(Table table) {
    settle(slot -> slot.cell.table == table);
  }

  private void settle(Predicate<Slot> which) {
    var told = new ArrayList<CompletableFuture<@Nullable Void>>();
    lock.lock();
    try {
      for (var slot : busy.values()) {
        if (which.test(slot) && !slot.refused) {
          writes(slot).forEach(write -> told.add(write.told));
        }
      }
    } finally {
      lock.unlock();
    }
    told.forEach(one -> one.exceptionally(refused -> null).join());
  }

  @Override
  public void requireWritable() {
    lock.lock();
    try {
      if (refusing > 0) {
        throw unavailable(refusal);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String place() {
    return "Secrets of namespace " + config.namespace();
  }

  /** What the Kubernetes API does not take within {@code patience} is given up. */
  @Override
  public void close() {
    lock.lock();
    try {
      closing = true;
      var left = config.patience().toNanos();
      while (!busy.isEmpty() && !lost && left > 0) {
        left = idle.awaitNanos(left);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    pauses.end();
    kubernetes.close();
  }

  /** The thread of one record, while it has something to write. */
  private void work(Slot slot) {
    for (var write = next(slot); write != null; write = next(slot)) {
      try {
        awaitThoseBefore(slot, write);
        store(slot, write.change);
        awaitFence(slot);
        finish(slot);
        write.stored.complete(null);
        write.told.complete(null);
      } catch (RuntimeException given) {
        giveUp(slot, write, given);
      }
    }
  }

  private @Nullable Write next(Slot slot) {
    lock.lock();
    try {
      var write = slot.waiting;
      slot.waiting = null;
      slot.writing = write;
      if (write == null) {
        busy.remove(slot.cell);
        if (slot.version.isEmpty()) {
          slots.remove(slot.cell);
        }
        idle.signalAll();
      }
      return write;
    } finally {
      lock.unlock();
    }
  }

  private void awaitThoseBefore(Slot slot, Write write) {
    for (var before : List.copyOf(write.after)) {
      awaitOrRefuse(slot, before);
    }
  }

  private void awaitFence(Slot slot) {
    awaitOrRefuse(slot, fence.pass());
  }

  private void awaitOrRefuse(Slot slot, CompletableFuture<@Nullable Void> future) {
    while (true) {
      try {
        future.get(config.patience().toMillis(), TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException late) {
        refuse(slot, "the Kubernetes API gave no answer", true);
      } catch (ExecutionException failed) {
        throw new CompletionException(failed.getCause());
      } catch (InterruptedException interrupted) {
        throw interrupted(interrupted);
      }
    }
  }

  private void store(Slot slot, Change change) {
    var since = System.nanoTime();
    var moves = 0;
    for (var failures = 1; ; failures++) {
      acquire(slot);
      try {
        attempt(slot, change);
        return;
      } catch (KubernetesClientException failure) {
        if (isMoved(failure) && moves++ < MOVES) {
          continue;
        }
        var ofTheRecord = OF_THE_RECORD.contains(failure.getCode());
        LOG.warn(
            "a record cannot be stored, tried again secret={} failures={} {}",
            slot.name,
            failures,
            Pauses.words(failure));
        if (ofTheRecord || System.nanoTime() - since >= config.patience().toNanos()) {
          refuse(slot, Pauses.words(failure), !ofTheRecord);
        }
      } finally {
        permits.release();
      }
      if (!pauses.pause(failures)) {
        throw new IllegalStateException("closed");
      }
    }
  }

  private void acquire(Slot slot) {
    try {
      while (!permits.tryAcquire(config.patience().toMillis(), TimeUnit.MILLISECONDS)) {
        refuse(slot, "the Kubernetes API gave no answer", true);
      }
    } catch (InterruptedException interrupted) {
      throw interrupted(interrupted);
    }
  }

  private void attempt(Slot slot, Change change) {
    var encoded = change.encoded();
    try {
      if (encoded == null) {
        if (!slot.version.isEmpty()) {
          secrets.delete(slot.name, slot.version);
        }
        slot.version = "";
      } else if (slot.version.isEmpty()) {
        slot.version = secrets.create(change.table(), change.key(), encoded, epoch);
      } else {
        slot.version = secrets.update(change.table(), change.key(), encoded, epoch, slot.version);
      }
    } catch (KubernetesClientException failure) {
      if (isMoved(failure)) {
        slot.version = versionNow(slot, failure);
      }
      throw failure;
    }
  }

  private static boolean isMoved(KubernetesClientException failure) {
    return Pauses.isConflict(failure) || failure.getCode() == GONE;
  }

  /** Of an object that we have made ourselves without being told, or that is no owner's. */
  private String versionNow(Slot slot, KubernetesClientException conflict) {
    var now = secrets.find(slot.name);
    if (now.isPresent() && now.get().epoch() > epoch) {
      lose();
      throw new Fence.LostException();
    }
    LOG.info(
        "a record is not as it was left secret={} code={} epoch={}",
        slot.name,
        conflict.getCode(),
        now.map(Stored::epoch).orElse(0L));
    return now.map(Stored::version).orElse("");
  }

  private void finish(Slot slot) {
    lock.lock();
    try {
      slot.writing = null;
      accept(slot);
    } finally {
      lock.unlock();
    }
  }

  /** Under the lock. */
  private void accept(Slot slot) {
    if (slot.refused) {
      slot.refused = false;
      refusing--;
    }
  }

  /**
   * Tells those who wait; the change is kept, and tried again.
   *
   * @param all whether others would be refused as well
   */
  private void refuse(Slot slot, String why, boolean all) {
    if (pauses.isEnded()) {
      throw new IllegalStateException("closed");
    }
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
      for (var write : writes(slot)) {
        waiting.add(write.told);
        write.told = new CompletableFuture<>();
      }
    } finally {
      lock.unlock();
    }
    waiting.forEach(told -> told.completeExceptionally(unavailable(why)));
  }

  private void giveUp(Slot slot, Write write, RuntimeException given) {
    var why = lost ? "somebody else owns the records" : "closed";
    if (!lost && !pauses.isEnded()) {
      LOG.error("a record is given up secret={}", slot.name, given);
      why = "given up";
    }
    finish(slot);
    write.stored.completeExceptionally(unavailable(why));
    write.told.completeExceptionally(unavailable(why));
  }

  private void lose() {
    lock.lock();
    try {
      if (lost) {
        return;
      }
      lost = true;
      idle.signalAll();
    } finally {
      lock.unlock();
    }
    LOG.error("somebody else owns the records, nothing counts any more epoch={}", epoch);
    pauses.end();
    onLost.run();
  }

  private ReceptorException unavailable(String why) {
    return ReceptorException.unavailable("cannot store to " + place() + ": " + why, null);
  }

  private static IllegalStateException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new IllegalStateException(cause);
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
