package dev.ccbridge.web;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;

/** A request's body is over the limit of its route; answered with 413. */
public final class BodyTooLargeException extends CcBridgeException {
  private static final long serialVersionUID = 1L;

  public BodyTooLargeException(long maxBytes) {
    super(ErrorKind.INVALID_REQUEST, "the body is larger than " + maxBytes + " bytes");
  }
}
