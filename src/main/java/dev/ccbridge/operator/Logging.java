package dev.ccbridge.operator;

import java.nio.file.Path;

/** Sets slf4j-simple up; works only before the first logger is made. */
final class Logging {
  private Logging() {}

  /** Lines with time and thread to standard error. */
  static void toStandardError(String level) {
    common(level);
  }

  /** The same to {@code file}, where the screen is needed for something else. */
  static void toFile(Path file, String level) {
    common(level);
    System.setProperty("org.slf4j.simpleLogger.logFile", file.toString());
  }

  private static void common(String level) {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", level);
    System.setProperty("org.slf4j.simpleLogger.showDateTime", "true");
    System.setProperty("org.slf4j.simpleLogger.dateTimeFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
    System.setProperty("org.slf4j.simpleLogger.showShortLogName", "true");
  }
}
