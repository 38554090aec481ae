package dev.ccbridge.operator;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import java.io.IOException;
import java.nio.file.Path;

/** Where log lines go; works only before the first logger is made. */
final class Logging {
  private Logging() {}

  /** Lines with time and thread to standard error. */
  static void toStandardError(String level) {
    // Else SLF4J says on the screen that it does what it is told.
    System.setProperty("slf4j.internal.verbosity", "WARN");
    System.setProperty("slf4j.provider", LogProvider.class.getName());
    LogLines.INSTANCE.level(level);
  }

  /** The same to standard output, as the originals. */
  static void toStandardOutput(String level) {
    toStandardError(level);
    LogLines.INSTANCE.toStandardOutput();
  }

  /** The same to {@code file}, where the screen is needed for something else. */
  static void toFile(Path file, String level) {
    toStandardError(level);
    try {
      LogLines.INSTANCE.to(file);
    } catch (IOException failure) {
      throw new CcBridgeException(
          ErrorKind.UNAVAILABLE, "cannot write the log " + file + ": " + failure, failure);
    }
  }
}
