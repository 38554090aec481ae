package dev.ccbridge.tps;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import org.jspecify.annotations.Nullable;

/** Container metrics cannot be had. */
public final class MetricsException extends CcBridgeException {
  private static final long serialVersionUID = 1L;

  public MetricsException(String message) {
    this(message, null);
  }

  public MetricsException(String message, @Nullable Throwable cause) {
    super(ErrorKind.UNAVAILABLE, message, cause);
  }
}
