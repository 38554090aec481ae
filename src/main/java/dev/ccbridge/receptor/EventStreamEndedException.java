package dev.ccbridge.receptor;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import org.jspecify.annotations.Nullable;

/**
 * The event stream is over: closed, cut, or dropped because its reader was too slow. Events may
 * have been missed.
 */
public final class EventStreamEndedException extends CcBridgeException {
  private static final long serialVersionUID = 1L;

  public EventStreamEndedException(String message, @Nullable Throwable cause) {
    super(ErrorKind.UNAVAILABLE, message, cause);
  }
}
