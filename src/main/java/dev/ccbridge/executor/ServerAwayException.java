package dev.ccbridge.executor;

/** There was no server to talk to: it may be being started again. */
final class ServerAwayException extends TransferException {
  private static final long serialVersionUID = 1L;

  ServerAwayException(String message, Throwable cause) {
    super(message, true, cause);
  }
}
