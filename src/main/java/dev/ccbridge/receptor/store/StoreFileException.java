package dev.ccbridge.receptor.store;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import org.jspecify.annotations.Nullable;

/** The store's file cannot be used; the message names it and says what to do. */
public final class StoreFileException extends CcBridgeException {
  private static final long serialVersionUID = 1L;

  StoreFileException(String message, @Nullable Throwable cause) {
    super(ErrorKind.UNAVAILABLE, message, cause);
  }
}
