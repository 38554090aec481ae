package dev.ccbridge.stager;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;

/**
 * A Secret, or a key of one, that a request refers to is not there. The message says what to do.
 */
final class SecretMissingException extends CcBridgeException {
  private static final long serialVersionUID = 1L;

  SecretMissingException(String message) {
    super(ErrorKind.NOT_FOUND, message);
  }
}
