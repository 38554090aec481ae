package dev.ccbridge.executor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Work that goes on at the same time, each piece on its own virtual thread. */
final class Siblings {
  private Siblings() {}

  /**
   * Performs all at once and waits for all.
   *
   * @param onEnd told of each that ends, before the others are waited for
   * @param onError told when one ends by an exception, so that the others may be stopped
   * @return the outcomes by the time they ended
   */
  static List<Outcome> perform(
      List<Supplier<Outcome>> work, Consumer<Outcome> onEnd, Runnable onError) {
    var outcomes = new ArrayList<Outcome>();
    var running = new ArrayList<CompletableFuture<Outcome>>();
    for (var piece : work) {
      running.add(fork(() -> tracked(piece, outcomes, onEnd, onError)));
    }
    RuntimeException error = null;
    for (var piece : running) {
      try {
        join(piece);
      } catch (RuntimeException e) {
        error = error == null ? e : error;
      }
    }
    if (error != null) {
      throw error;
    }
    // The order of arrival, also for those whose end is only read from the journal.
    outcomes.sort(Comparator.comparingLong(Outcome::endedAt));
    return outcomes;
  }

  private static Outcome tracked(
      Supplier<Outcome> piece, List<Outcome> outcomes, Consumer<Outcome> onEnd, Runnable onError) {
    try {
      var outcome = piece.get();
      synchronized (outcomes) {
        outcomes.add(outcome);
      }
      onEnd.accept(outcome);
      return outcome;
    } catch (RuntimeException e) {
      onError.run();
      throw e;
    }
  }

  static CompletableFuture<Outcome> fork(Supplier<Outcome> work) {
    return CompletableFuture.supplyAsync(work, Thread::startVirtualThread);
  }

  /** Waits for the end; what the work threw is thrown here. */
  static Outcome join(CompletableFuture<Outcome> work) {
    try {
      return work.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** Whether the work ends within the time. */
  static boolean await(CompletableFuture<Outcome> work, Duration time) {
    try {
      work.get(time.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AbandonedException();
    }
  }
}
