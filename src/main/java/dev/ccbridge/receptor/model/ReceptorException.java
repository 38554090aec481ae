package dev.ccbridge.receptor.model;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import org.jspecify.annotations.Nullable;

/** A Receptor's refusal, or the failure to reach one. */
public final class ReceptorException extends CcBridgeException {
  private static final long serialVersionUID = 1L;
  private final ReceptorErrorName name;

  public ReceptorException(ReceptorErrorName name, String message) {
    this(name, message, null);
  }

  public ReceptorException(ReceptorErrorName name, String message, @Nullable Throwable cause) {
    this(name, name.kind(), message, cause);
  }

  private ReceptorException(
      ReceptorErrorName name, ErrorKind kind, String message, @Nullable Throwable cause) {
    super(kind, message, cause);
    this.name = name;
  }

  /** Nobody answered, or not in time: whether the request was carried out is unknown. */
  public static ReceptorException unreachable(String message, Throwable cause) {
    return new ReceptorException(
        ReceptorErrorName.UnknownError, ErrorKind.UNAVAILABLE, message, cause);
  }

  /** The Receptor itself lacks something for the moment, such as disk space: try again later. */
  public static ReceptorException unavailable(String message, @Nullable Throwable cause) {
    return new ReceptorException(
        ReceptorErrorName.UnknownError, ErrorKind.UNAVAILABLE, message, cause);
  }

  public ReceptorErrorName name() {
    return name;
  }
}
