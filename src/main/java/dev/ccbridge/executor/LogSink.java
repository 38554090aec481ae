package dev.ccbridge.executor;

/** Where the lines go that are printed about a container's actions. Thread-safe. */
public interface LogSink {

  /**
   * Appends one line.
   *
   * @param key names the line within its container; when the container is gone on with after a
   *     crash, a line whose key was appended before is dropped
   */
  void append(String key, String source, boolean stderr, String text);
}
