package dev.ccbridge.cloudcontroller.client;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** CC refused, or could not be reached. */
public final class CloudControllerException extends CcBridgeException {
  private static final long serialVersionUID = 1L;

  /** Statuses of the 400s that say something about us or the moment, not about the request. */
  private static final Set<Integer> WORTH_ANOTHER_TRY = Set.of(401, 407, 408, 425, 429);

  private final int status;

  private CloudControllerException(
      ErrorKind kind, int status, String message, @Nullable Throwable cause) {
    super(kind, message, cause);
    this.status = status;
  }

  static CloudControllerException answered(int status) {
    var refused = status >= 400 && status < 500 && !WORTH_ANOTHER_TRY.contains(status);
    return new CloudControllerException(
        refused ? ErrorKind.INVALID_REQUEST : ErrorKind.UNAVAILABLE,
        status,
        "Cloud Controller answered with status " + status,
        null);
  }

  /** The callback cannot even be called; {@code why} must not hold its URL. */
  public static CloudControllerException unusable(String why) {
    return new CloudControllerException(ErrorKind.INVALID_REQUEST, 0, why, null);
  }

  /** {@code why} must not hold the URL, which may hold credentials. */
  static CloudControllerException unreachable(String why, @Nullable Throwable cause) {
    return new CloudControllerException(
        ErrorKind.UNAVAILABLE, 0, "Cloud Controller could not be reached: " + why, cause);
  }

  /** The answer cannot be understood; {@code why} must not quote it, it may hold credentials. */
  static CloudControllerException unreadable(String why) {
    return new CloudControllerException(
        ErrorKind.UNAVAILABLE, 200, "Cloud Controller's answer cannot be used: " + why, null);
  }

  /** HTTP status of the answer; 0: there was none. */
  public int status() {
    return status;
  }
}
