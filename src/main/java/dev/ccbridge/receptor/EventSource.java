package dev.ccbridge.receptor;

import dev.ccbridge.receptor.model.ReceptorEvent;
import java.util.Optional;

/**
 * One subscription to the event stream. Used by one thread; {@link #close()} may come from any
 * other.
 */
public interface EventSource extends AutoCloseable {

  /**
   * Waits for the next event.
   *
   * @throws EventStreamEndedException when the stream has ended, at this and every further call:
   *     subscribe and list anew
   * @throws InterruptedException when the waiting thread is interrupted
   */
  ReceptorEvent next() throws InterruptedException;

  /** The next event if it is there already; empty also at the end. */
  default Optional<ReceptorEvent> poll() {
    return Optional.empty();
  }

  /**
   * By which {@link Receptor#subscribeToEvents(String)} goes on after the event that was taken
   * last; {@code ""} where that cannot be done.
   */
  default String lastEventId() {
    return "";
  }

  /** Whether it goes on where another stream ended, and no event between them is missing. */
  default boolean isResumed() {
    return false;
  }

  /** Ends the stream, also for a {@link #next()} that waits. */
  @Override
  void close();
}
