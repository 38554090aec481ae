package dev.ccbridge.executor;

import org.jspecify.annotations.Nullable;

/** Nobody answered, or somebody in front of who should have: that may be being started again. */
final class ServerAwayException extends TransferException {
  private static final long serialVersionUID = 1L;

  ServerAwayException(String message, @Nullable Throwable cause) {
    super(message, true, cause);
  }

  /** Whether a proxy says by this status that it has nobody to ask. */
  static boolean isSaidBy(int status) {
    return status >= 502 && status <= 504;
  }
}
