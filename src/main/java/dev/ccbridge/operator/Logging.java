package dev.ccbridge.operator;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import java.io.IOException;
import java.nio.file.Path;

/** Where log lines go; works only before the first logger is made. */
final class Logging {
  private Logging() {}

  /**
   * To standard error.
   *
   * @param component what lager's lines are of, where the settings want such
   */
  static void toStandardError(OperatorConfig config, String component) {
    // Else SLF4J says on the screen that it does what it is told.
    System.setProperty("slf4j.internal.verbosity", "WARN");
    System.setProperty("slf4j.provider", LogProvider.class.getName());
    LogLines.INSTANCE.level(config.logLevel());
    if (config.logsAsJson()) {
      LogLines.INSTANCE.asLager(component);
    }
  }

  /** The same to standard output, as the originals. */
  static void toStandardOutput(OperatorConfig config, String component) {
    toStandardError(config, component);
    LogLines.INSTANCE.toStandardOutput();
  }

  /** The same to {@code file}, where the screen is needed for something else. */
  static void toFile(Path file, OperatorConfig config, String component) {
    toStandardError(config, component);
    try {
      LogLines.INSTANCE.to(file);
    } catch (IOException failure) {
      throw new CcBridgeException(
          ErrorKind.UNAVAILABLE, "cannot write the log " + file + ": " + failure, failure);
    }
  }
}
