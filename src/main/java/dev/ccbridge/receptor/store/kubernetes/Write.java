package dev.ccbridge.receptor.store.kubernetes;

import dev.ccbridge.receptor.store.Change;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Changes of a bucket's records that are stored as one. Under the queue's lock, but for the
 * futures, and for the changes once {@link WriteQueue#next} has given it, as nothing joins it then.
 */
final class Write {
  private final Map<RecordKey, Change> changes = new LinkedHashMap<>();
  private final Set<CompletableFuture<@Nullable Void>> after = new LinkedHashSet<>();
  private final CompletableFuture<@Nullable Void> stored = new CompletableFuture<>();
  private CompletableFuture<@Nullable Void> told = new CompletableFuture<>();

  /**
   * @param first what is to be stored before
   */
  void join(Change change, Collection<CompletableFuture<@Nullable Void>> first) {
    changes.put(RecordKey.of(change), change);
    after.addAll(first);
  }

  /** The last one of each record. */
  List<Change> changes() {
    return List.copyOf(changes.values());
  }

  boolean changes(Predicate<RecordKey> which) {
    return changes.keySet().stream().anyMatch(which);
  }

  List<CompletableFuture<@Nullable Void>> after() {
    return List.copyOf(after);
  }

  /** When it is stored; fails only when that is not tried any more. */
  CompletableFuture<@Nullable Void> stored() {
    return stored;
  }

  /** For those who wait; fails too when the place refuses, and then another one takes over. */
  CompletableFuture<@Nullable Void> told() {
    return told;
  }

  /**
   * From now on others wait.
   *
   * @return for those who have waited so far
   */
  CompletableFuture<@Nullable Void> tellAnew() {
    var before = told;
    told = new CompletableFuture<>();
    return before;
  }
}
