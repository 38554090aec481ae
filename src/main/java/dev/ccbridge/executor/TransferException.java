package dev.ccbridge.executor;

import org.jspecify.annotations.Nullable;

/**
 * A transfer, or the unpacking of what it brought, failed. The message is fit for users: it names
 * no more of a URL than its host.
 */
sealed class TransferException extends Exception permits ServerAwayException {
  private static final long serialVersionUID = 1L;
  private final boolean worthRetrying;

  TransferException(String message, boolean worthRetrying, @Nullable Throwable cause) {
    super(message, cause);
    this.worthRetrying = worthRetrying;
  }

  TransferException(String message, boolean worthRetrying) {
    this(message, worthRetrying, null);
  }

  boolean isWorthRetrying() {
    return worthRetrying;
  }

  String message() {
    return String.valueOf(getMessage());
  }
}
