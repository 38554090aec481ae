package dev.ccbridge.stager.recipe;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import org.jspecify.annotations.Nullable;

/**
 * The request cannot become a task. The message is the original's text, which {@link StagingErrors}
 * makes fit for CC.
 */
public final class RecipeException extends CcBridgeException {
  private static final long serialVersionUID = 1L;

  public RecipeException(String message) {
    this(message, null);
  }

  public RecipeException(String message, @Nullable Throwable cause) {
    super(ErrorKind.INVALID_REQUEST, message, cause);
  }
}
