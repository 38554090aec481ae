package dev.ccbridge;

/**
 * What sort of failure an error is. The kind alone decides the HTTP status, whether trying again
 * can help, and the label of the error in metrics.
 */
public enum ErrorKind {
  /** The request can never succeed as it stands. */
  INVALID_REQUEST(400, false),
  /** The thing that the request names does not exist. */
  NOT_FOUND(404, false),
  /** The request contradicts what is stored. */
  CONFLICT(409, false),
  /** A neighbour, or a resource such as disk space, is missing for the moment. */
  UNAVAILABLE(503, true),
  /** Our own fault. */
  INTERNAL(500, true);

  private final int httpStatus;
  private final boolean retryable;

  ErrorKind(int httpStatus, boolean retryable) {
    this.httpStatus = httpStatus;
    this.retryable = retryable;
  }

  public int httpStatus() {
    return httpStatus;
  }

  public boolean retryable() {
    return retryable;
  }

  /** The kind of {@code error}: its own if it is one of ours, otherwise {@link #INTERNAL}. */
  public static ErrorKind of(Throwable error) {
    return error instanceof CcBridgeException ours ? ours.kind() : INTERNAL;
  }
}
