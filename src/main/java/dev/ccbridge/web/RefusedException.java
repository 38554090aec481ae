package dev.ccbridge.web;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;

/**
 * A request is refused for a reason that HTTP has a status of its own for, such as 403 or 411; an
 * error that says nothing about HTTP is told by its {@link ErrorKind} alone.
 */
public final class RefusedException extends CcBridgeException {
  private static final long serialVersionUID = 1L;
  private final int status;
  private final String name;

  /**
   * @param status 400 to 499
   * @param name of the error in the answer, such as {@code Forbidden}
   */
  public RefusedException(int status, String name, String message) {
    super(ErrorKind.INVALID_REQUEST, message);
    this.status = status;
    this.name = name;
  }

  public int status() {
    return status;
  }

  public String name() {
    return name;
  }
}
