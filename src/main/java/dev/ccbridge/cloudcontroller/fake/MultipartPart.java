package dev.ccbridge.cloudcontroller.fake;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** The content of the first part of a multipart/form-data body, as it arrives. */
final class MultipartPart extends InputStream {
  private static final Pattern BOUNDARY =
      Pattern.compile("multipart/form-data;.*boundary=\"?([^\";,\\s]{1,70})\"?.*");
  private static final int MAX_LINE = 8 * 1024;
  private static final int MAX_HEADERS = 100;

  private final InputStream in;

  /** Begins with CR, which occurs nowhere else in it: a failed match begins anew at most once. */
  private final byte[] delimiter;

  private int matched;
  private int replay;
  private int pending = -1;
  private boolean ended;

  private MultipartPart(InputStream in, String boundary) {
    this.in = in;
    this.delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
  }

  /**
   * @throws CcError 400 when {@code body} is not such a body with a part named {@code file}
   */
  static MultipartPart open(String contentType, InputStream body) throws IOException {
    var type = BOUNDARY.matcher(contentType);
    if (!type.matches()) {
      throw CcError.invalidRequest("Content-Type: wanted multipart/form-data with a boundary");
    }
    var in = new BufferedInputStream(body);
    if (!line(in).equals("--" + type.group(1))) {
      throw CcError.invalidRequest("the body does not begin with its boundary");
    }
    var named = false;
    for (int i = 0; i < MAX_HEADERS; i++) {
      var header = line(in);
      if (header.isEmpty()) {
        if (!named) {
          throw CcError.invalidRequest("the first part is not named file");
        }
        return new MultipartPart(in, type.group(1));
      }
      named |= header.matches("(?i)content-disposition:.*[; ]name=\"?file\"?(;.*)?");
    }
    throw CcError.invalidRequest("a part has more than " + MAX_HEADERS + " headers");
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int next; (next = in.read()) >= 0; ) {
      if (next == '\n') {
        return line.toString().stripTrailing();
      }
      if (line.length() == MAX_LINE) {
        break;
      }
      line.append((char) next);
    }
    throw CcError.invalidRequest("the body is no multipart/form-data");
  }

  /** A delimiter that did not come to its end is content, and is handed out first. */
  @Override
  public int read() throws IOException {
    while (!ended) {
      if (replay < matched) {
        return delimiter[replay++] & 0xff;
      }
      matched = 0;
      replay = 0;
      var next = pending >= 0 ? pending : next();
      pending = -1;
      if (next != delimiter[0]) {
        return next;
      }
      match(next);
    }
    return -1;
  }

  private void match(int first) throws IOException {
    var next = first;
    while (next == (delimiter[matched] & 0xff)) {
      if (++matched == delimiter.length) {
        ended = true;
        // So that the sender is not cut off in the middle of its last line.
        in.transferTo(OutputStream.nullOutputStream());
        return;
      }
      next = next();
    }
    pending = next;
  }

  private int next() throws IOException {
    var next = in.read();
    if (next < 0) {
      throw new EOFException("the body ends before its boundary");
    }
    return next;
  }
}
