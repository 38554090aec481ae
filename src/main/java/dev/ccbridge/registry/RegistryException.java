package dev.ccbridge.registry;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import org.jspecify.annotations.Nullable;

/**
 * A reference that names no image, or a registry that did not give or take what it was asked for.
 * The message names registry and repository, never a credential or a token.
 */
public final class RegistryException extends CcBridgeException {
  private static final long serialVersionUID = 1L;

  RegistryException(ErrorKind kind, String message) {
    this(kind, message, null);
  }

  RegistryException(ErrorKind kind, String message, @Nullable Throwable cause) {
    super(kind, message, cause);
  }

  static RegistryException invalid(String message) {
    return new RegistryException(ErrorKind.INVALID_REQUEST, message);
  }

  static RegistryException unreachable(String what, Throwable cause) {
    var detail = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    return new RegistryException(ErrorKind.UNAVAILABLE, what + ": " + detail, cause);
  }
}
