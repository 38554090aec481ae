package dev.ccbridge.receptor.store;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import org.jspecify.annotations.Nullable;

/** The Receptor's records cannot be used; the message names the place and says what to do. */
public final class RecordsException extends CcBridgeException {
  private static final long serialVersionUID = 1L;

  public RecordsException(String message, @Nullable Throwable cause) {
    super(ErrorKind.UNAVAILABLE, message, cause);
  }
}
