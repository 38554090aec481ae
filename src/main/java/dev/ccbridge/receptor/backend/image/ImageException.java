package dev.ccbridge.receptor.backend.image;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import org.jspecify.annotations.Nullable;

/**
 * There is no root file system of an image. The message is fit for users: it names no credentials
 * and no places on the machine.
 */
public final class ImageException extends CcBridgeException {
  private static final long serialVersionUID = 1L;

  public ImageException(ErrorKind kind, String message, @Nullable Throwable cause) {
    super(kind, message, cause);
  }

  static ImageException broken(String message) {
    return new ImageException(ErrorKind.INVALID_REQUEST, message, null);
  }
}
