package dev.ccbridge.tps;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** Reads a whole multipart body (RFC 2046) from memory. */
final class Multipart {
  private static final Pattern BOUNDARY =
      Pattern.compile("multipart/.*;\\s*boundary=(?:\"([^\"]{1,70})\"|([^\\s;\"]{1,70})).*");

  private static final byte[] END_OF_HEADERS = ascii("\r\n\r\n");
  private static final byte[] LAST = ascii("--");

  private Multipart() {}

  /**
   * The contents of the parts; they share the body's memory.
   *
   * @throws MetricsException when the type names no boundary or the body is cut off
   */
  static List<ByteBuffer> parts(String contentType, byte[] body) {
    var boundary = BOUNDARY.matcher(contentType);
    if (!boundary.matches()) {
      throw new MetricsException("the answer is not multipart but of type " + shown(contentType));
    }
    var name = boundary.group(1) == null ? boundary.group(2) : boundary.group(1);
    // The first delimiter stands at the very start, the others after a line break of their own.
    var text = concat(ascii("\r\n"), body);
    return split(text, ascii("\r\n--" + name));
  }

  private static List<ByteBuffer> split(byte[] text, byte[] delimiter) {
    var parts = new ArrayList<ByteBuffer>();
    var start = find(text, delimiter, 0) + delimiter.length;
    while (!startsWith(text, LAST, start)) {
      // A part without headers has the empty line right after the delimiter's.
      var content = find(text, END_OF_HEADERS, start) + END_OF_HEADERS.length;
      var end = find(text, delimiter, content - 2);
      parts.add(ByteBuffer.wrap(text, content, Math.max(0, end - content)).slice());
      start = end + delimiter.length;
    }
    return parts;
  }

  private static int find(byte[] text, byte[] wanted, int from) {
    for (var at = from; at <= text.length - wanted.length; at++) {
      if (startsWith(text, wanted, at)) {
        return at;
      }
    }
    throw new MetricsException("the answer is cut off");
  }

  private static boolean startsWith(byte[] text, byte[] wanted, int at) {
    return at + wanted.length <= text.length
        && Arrays.equals(text, at, at + wanted.length, wanted, 0, wanted.length);
  }

  private static byte[] concat(byte[] first, byte[] second) {
    var both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String shown(String contentType) {
    return '"' + contentType.substring(0, Math.min(100, contentType.length())) + '"';
  }
}
