package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.model.ReceptorException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Where the Receptor's records outlive the process: a file, or objects of a cluster. One owner at a
 * time has them; a second one is refused, or ends the first.
 *
 * <p>Changes of one record are stored in the order of the calls, and later ones may take the place
 * of earlier ones that still wait. Whether a call with several changes is stored as a whole depends
 * on the place. Where it is not, what is desired comes before the instances of it: whoever dies in
 * between leaves what convergence repairs, since it creates instances that are missing and removes
 * those that nobody desires.
 *
 * <p>Thread-safe.
 */
public interface Records extends AutoCloseable {

  /**
   * In a file that no other process may have open, made when it is missing. A call's changes are
   * stored as a whole, and after those of all calls before it.
   *
   * @throws RecordsException when another process has it open, or it is unreadable
   */
  static Records inFile(Path path) {
    return StoreFile.open(path);
  }

  /**
   * All records of a table, by their keys. Once per table, and before the first {@link #write}.
   *
   * @throws RecordsException when one is damaged or missing; nothing is dropped in silence, since a
   *     task that is forgotten could be run twice
   */
  <T> Map<String, T> load(Table table, Class<T> type);

  /**
   * Stores the changes; does not wait for that.
   *
   * @return completes when they are stored, or, of a call without changes, when all are that came
   *     before. Completes with a ReceptorException when that failed; they are kept, tried again,
   *     and covered by the next call's future, also that of a call without changes
   */
  CompletableFuture<@Nullable Void> write(List<Change> changes);

  /**
   * When a record is stored as it was last written.
   *
   * @return completes then, or with a ReceptorException when the place refuses it meanwhile
   */
  CompletableFuture<@Nullable Void> stored(Table table, String key);

  /**
   * Waits until a record is stored as it was last written, so that who is told of it is not told of
   * what a sudden death would undo. Does not wait for a place that refuses: the write is kept and
   * tried again, and until then the record is told as it is.
   */
  void settle(Table table, String key);

  /** The same for all records of a table. */
  void settle(Table table);

  /**
   * Refuses while the place does, so that nothing piles up in memory that may never be stored.
   *
   * @throws ReceptorException UnknownError, with the place's words
   */
  void requireWritable();

  /** Where they are, for people. */
  String place();

  /** Stores what is pending, as far as the place takes it, and lets go of it. */
  @Override
  void close();

  /** Waits for what {@link #write} returned, and throws as the future did. */
  static void await(CompletableFuture<@Nullable Void> stored) {
    try {
      stored.join();
    } catch (CompletionException failure) {
      if (failure.getCause() instanceof ReceptorException refused) {
        throw refused;
      }
      throw failure;
    }
  }
}
