package dev.ccbridge.lifecycle;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import org.jspecify.annotations.Nullable;

/**
 * Ends a lifecycle program: the message goes to stderr, the code to whoever started it.
 *
 * <p>Source: buildpackapplifecycle models.go, DetectFailCode and its siblings; the stager tells
 * staging errors apart by these codes alone.
 */
final class LifecycleException extends CcBridgeException {
  /** Anything without a code of its own. */
  static final int FAILED = 1;

  /** A flag that Go's flag package would refuse. */
  static final int BAD_FLAG = 2;

  /** A Docker staging that failed, as Diego's builder ends. */
  static final int STAGING_FAILED = 2;

  static final int DETECT_FAILED = 222;
  static final int COMPILE_FAILED = 223;
  static final int RELEASE_FAILED = 224;
  static final int SUPPLY_FAILED = 225;
  static final int FINALIZE_FAILED = 226;

  private static final long serialVersionUID = 1L;
  private final int exitCode;

  LifecycleException(int exitCode, String message) {
    this(exitCode, message, null);
  }

  LifecycleException(int exitCode, String message, @Nullable Throwable cause) {
    super(ErrorKind.INVALID_REQUEST, message, cause);
    this.exitCode = exitCode;
  }

  /** {@code message}, a colon and what {@code cause} says. */
  static LifecycleException because(int exitCode, String message, Throwable cause) {
    var detail = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    return new LifecycleException(exitCode, message + ": " + detail, cause);
  }

  int exitCode() {
    return exitCode;
  }
}
