package dev.ccbridge.nsync.recipe;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;

/** The app as it is described cannot become a desired LRP; trying again does not help. */
public final class RecipeException extends CcBridgeException {
  private static final long serialVersionUID = 1L;
  private final RecipeError error;

  RecipeException(RecipeError error) {
    this(error, "");
  }

  RecipeException(RecipeError error, String detail) {
    super(
        ErrorKind.INVALID_REQUEST, detail.isEmpty() ? error.text() : error.text() + ": " + detail);
    this.error = error;
  }

  public RecipeError error() {
    return error;
  }
}
