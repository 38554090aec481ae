package dev.ccbridge.secrets;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;

/** A Secret, or a key of one, is not there. The message names it and says what to do. */
public final class SecretMissingException extends CcBridgeException {
  private static final long serialVersionUID = 1L;

  SecretMissingException(String message) {
    super(ErrorKind.INVALID_REQUEST, message, null);
  }
}
