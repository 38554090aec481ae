package dev.ccbridge.receptor.store;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A file that takes its time when it is told to, and who waits for it meanwhile. */
final class SlowRecords implements Records {
  private record Held(List<Change> changes, CompletableFuture<@Nullable Void> stored) {}

  private final Records file;
  private final List<Held> held = new ArrayList<>();
  private boolean holding;
  private int waiting;

  SlowRecords(Path file) {
    this.file = Records.inFile(file);
  }

  /** From now on nothing reaches the file. */
  synchronized void hold() {
    holding = true;
  }

  synchronized boolean isHolding(Table table, String key) {
    return held.stream().anyMatch(write -> write.changes().stream().anyMatch(is(table, key)));
  }

  /** How many have begun to wait for what is held. */
  synchronized int waiting() {
    return waiting;
  }

  /** All that was held, and what comes later. */
  synchronized void release() {
    holding = false;
    for (var write : held) {
      Records.await(file.write(write.changes()));
      write.stored().complete(null);
    }
    held.clear();
  }

  @Override
  public <T> Map<String, T> load(Table table, Class<T> type) {
    return file.load(table, type);
  }

  @Override
  public synchronized CompletableFuture<@Nullable Void> write(List<Change> changes) {
    if (!holding) {
      return file.write(changes);
    }
    var write = new Held(changes, new CompletableFuture<>());
    held.add(write);
    return write.stored();
  }

  @Override
  public synchronized CompletableFuture<@Nullable Void> stored(Table table, String key) {
    return last(is(table, key));
  }

  private CompletableFuture<@Nullable Void> last(Predicate<Change> which) {
    return held.reversed().stream()
        .filter(write -> write.changes().stream().anyMatch(which))
        .findFirst()
        .map(
            write -> {
              waiting++;
              return write.stored();
            })
        .orElse(CompletableFuture.completedFuture(null));
  }

  private static Predicate<Change> is(Table table, String key) {
    return change -> change.table() == table && change.key().equals(key);
  }

  @Override
  public void settle(Table table, String key) {
    stored(table, key).join();
  }

  @Override
  public void settle(Table table) {
    CompletableFuture<@Nullable Void> stored;
    synchronized (this) {
      stored = last(change -> change.table() == table);
    }
    stored.join();
  }

  @Override
  public void requireWritable() {
    file.requireWritable();
  }

  @Override
  public String place() {
    return file.place();
  }

  @Override
  public void close() {
    release();
    file.close();
  }
}
