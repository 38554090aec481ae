package dev.ccbridge.web;

import java.util.regex.Pattern;

/**
 * What a {@code Range} header asks of a body of a known size. Source: net/http fs.go, parseRange():
 * a malformed range is as unsatisfiable as one beyond the end.
 */
sealed interface ByteRange {
  /** No range, one in another unit than bytes, or several at once: the whole body answers them. */
  record Whole() implements ByteRange {}

  /** {@code length} bytes from {@code start} on, both within the body; {@code length} &gt; 0. */
  record Part(long start, long length) implements ByteRange {}

  /** Answered with 416. */
  record Unsatisfiable() implements ByteRange {}

  /** 18 digits fit into a long; no file has more bytes. */
  Pattern BYTES = Pattern.compile("\\s*(\\d{0,18})\\s*-\\s*(\\d{0,18})\\s*");

  static ByteRange parse(String header, long size) {
    var unit = "bytes=";
    if (!header.startsWith(unit) || header.indexOf(',') >= 0) {
      return new Whole();
    }
    var range = BYTES.matcher(header.substring(unit.length()));
    if (!range.matches()) {
      return new Unsatisfiable();
    }
    var first = range.group(1);
    var last = range.group(2);
    if (first.isEmpty()) {
      return last.isEmpty() ? new Unsatisfiable() : lastBytes(Long.parseLong(last), size);
    }
    var start = Long.parseLong(first);
    var end = last.isEmpty() ? size - 1 : Math.min(Long.parseLong(last), size - 1);
    return start > end ? new Unsatisfiable() : new Part(start, end - start + 1);
  }

  private static ByteRange lastBytes(long count, long size) {
    var length = Math.min(count, size);
    return length == 0 ? new Unsatisfiable() : new Part(size - length, length);
  }
}
