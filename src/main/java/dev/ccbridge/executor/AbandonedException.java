package dev.ccbridge.executor;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;

/**
 * The operator goes away: the action is neither finished nor failed, and the next life goes on with
 * it.
 */
public final class AbandonedException extends CcBridgeException {
  private static final long serialVersionUID = 1L;

  public AbandonedException() {
    super(ErrorKind.UNAVAILABLE, "the operator stops watching; the action goes on without it");
  }
}
