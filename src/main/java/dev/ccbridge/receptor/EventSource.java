package dev.ccbridge.receptor;

import dev.ccbridge.receptor.model.ReceptorEvent;

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

  /** Ends the stream, also for a {@link #next()} that waits. */
  @Override
  void close();
}
