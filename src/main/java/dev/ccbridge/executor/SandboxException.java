package dev.ccbridge.executor;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import org.jspecify.annotations.Nullable;

/** The container could not do what an action asked of it. */
public final class SandboxException extends CcBridgeException {
  private static final long serialVersionUID = 1L;

  public SandboxException(String message, @Nullable Throwable cause) {
    super(ErrorKind.INVALID_REQUEST, message, cause);
  }
}
