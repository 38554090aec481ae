package dev.ccbridge.lifecycle;

import org.jspecify.annotations.Nullable;

/**
 * A buildpack's script could not be run, or ended with another status than 0. Which exit code of
 * the builder that means depends on the script, so the caller has to decide.
 */
final class ScriptFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  ScriptFailedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
