package dev.ccbridge.uploader;

import java.io.IOException;
import java.io.InputStream;

/**
 * The body of an incoming request, of known length. Knows whether anybody has begun to read it, for
 * it can be read only once. Read by one thread; {@link #stop} may be called by another.
 */
final class CallerBody extends InputStream {
  private final InputStream in;
  private final long length;
  private long read;
  private volatile boolean touched;
  private volatile boolean stopped;

  CallerBody(InputStream in, long length) {
    this.in = in;
    this.length = length;
  }

  /** The caller went away, or sent less than it announced. */
  static final class CallerGoneException extends IOException {
    private static final long serialVersionUID = 1L;

    CallerGoneException(String message) {
      super(message);
    }
  }

  long length() {
    return length;
  }

  boolean isTouched() {
    return touched;
  }

  /** From now on nothing more is taken from the caller; a read under way ends when it ends. */
  void stop() {
    stopped = true;
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int wanted) throws IOException {
    touched = true;
    if (stopped) {
      throw new IOException("the upload is over");
    }
    if (read == length) {
      return -1;
    }
    var got = fromCaller(buffer, offset, (int) Math.min(wanted, length - read));
    read += got;
    return got;
  }

  private int fromCaller(byte[] buffer, int offset, int wanted) throws IOException {
    try {
      var got = in.read(buffer, offset, wanted);
      if (got >= 0) {
        return got;
      }
    } catch (IOException broken) {
      throw gone();
    }
    throw gone();
  }

  private CallerGoneException gone() {
    return new CallerGoneException("the caller sent " + read + " of " + length + " bytes");
  }
}
