package dev.ccbridge.uploader;

import org.jspecify.annotations.Nullable;

/**
 * An upload cannot be done. The message is the body of the answer; of a URL it names no more than
 * host and port, because the rest may hold credentials.
 */
final class UploadFailedException extends Exception {
  private static final long serialVersionUID = 1L;
  private final int status;

  UploadFailedException(int status, String body, @Nullable Throwable cause) {
    super(body, cause);
    this.status = status;
  }

  UploadFailedException(int status, String body) {
    this(status, body, null);
  }

  /** HTTP status of the answer. */
  int status() {
    return status;
  }

  String body() {
    return String.valueOf(getMessage());
  }
}
