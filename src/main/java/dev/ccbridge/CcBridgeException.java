package dev.ccbridge;

import org.jspecify.annotations.Nullable;

/**
 * Any failure that cc-bridge reports. The message says the field, the value seen and the value
 * wanted, and never holds a credential.
 */
public class CcBridgeException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final ErrorKind kind;

  public CcBridgeException(ErrorKind kind, String message) {
    this(kind, message, null);
  }

  public CcBridgeException(ErrorKind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public ErrorKind kind() {
    return kind;
  }

  /** The message; unlike {@link #getMessage()} never null. */
  public String message() {
    return String.valueOf(getMessage());
  }
}
