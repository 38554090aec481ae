package dev.ccbridge.nsync;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Texts that go into a status. */
final class Texts {
  /** Bytes of what a neighbour said, inside a message. */
  static final int MAX_QUOTE = 1024;

  private Texts() {}

  static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  /** The beginning of the text, at most so many bytes long, with a mark where it is cut. */
  static String atMost(String text, int bytes) {
    if (text.getBytes(StandardCharsets.UTF_8).length <= bytes) {
      return text;
    }
    var end = Math.min(text.length(), bytes);
    while (text.substring(0, end).getBytes(StandardCharsets.UTF_8).length > bytes - 3) {
      end = text.offsetByCodePoints(end, -1);
    }
    return text.substring(0, end) + "…";
  }

  /** The end of the text, at most so many bytes long. */
  static String lastOf(String text, int bytes) {
    var start = Math.max(0, text.length() - bytes);
    while (text.substring(start).getBytes(StandardCharsets.UTF_8).length > bytes) {
      start = text.offsetByCodePoints(start, 1);
    }
    return text.substring(start);
  }
}
