package dev.ccbridge.executor;

/** Nobody answered: the server may be being started again. */
final class ServerAwayException extends TransferException {
  private static final long serialVersionUID = 1L;

  ServerAwayException(String message, Throwable cause) {
    super(message, true, cause);
  }
}
