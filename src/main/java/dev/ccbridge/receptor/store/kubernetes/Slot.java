package dev.ccbridge.receptor.store.kubernetes;

import dev.ccbridge.receptor.store.Change;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A bucket with something to write: what is written, and what waits. Under the queue's lock. */
final class Slot {
  private final Bucket bucket;
  private @Nullable Write waiting;
  private @Nullable Write writing;
  private boolean refused;

  Slot(Bucket bucket) {
    this.bucket = bucket;
  }

  Bucket bucket() {
    return bucket;
  }

  /**
   * @return the write that the change has joined
   */
  Write join(Change change, Collection<CompletableFuture<@Nullable Void>> first) {
    var write = waiting == null ? new Write() : waiting;
    write.join(change, first);
    waiting = write;
    return write;
  }

  /** What has waited is written now; null: nothing has. */
  @Nullable Write begin() {
    writing = waiting;
    waiting = null;
    return writing;
  }

  void end() {
    writing = null;
  }

  /** In their order. */
  List<Write> writes() {
    return Stream.of(writing, waiting).filter(Objects::nonNull).toList();
  }

  /** Those with a change of such a record, in their order. */
  List<Write> writes(Predicate<RecordKey> which) {
    return writes().stream().filter(write -> write.changes(which)).toList();
  }

  /** Whether the place has refused it, as it would all others, and has not stored it since. */
  boolean isRefused() {
    return refused;
  }

  /**
   * @return whether that is new
   */
  boolean setRefused(boolean now) {
    var isNew = refused != now;
    refused = now;
    return isNew;
  }
}
