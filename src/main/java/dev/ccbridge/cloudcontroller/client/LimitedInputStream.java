package dev.ccbridge.cloudcontroller.client;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A body of at most so many bytes: what is longer ends in an error instead of in memory. */
final class LimitedInputStream extends FilterInputStream {
  private final long limit;
  private long read;

  LimitedInputStream(InputStream in, long limit) {
    super(in);
    this.limit = limit;
  }

  @Override
  public int read() throws IOException {
    var next = super.read();
    count(next < 0 ? 0 : 1);
    return next;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    var got = super.read(buffer, offset, length);
    count(Math.max(got, 0));
    return got;
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  private void count(int more) throws TooLongException {
    read += more;
    if (read > limit) {
      throw new TooLongException(limit);
    }
  }

  /** The body is longer than it may be. */
  static final class TooLongException extends IOException {
    private static final long serialVersionUID = 1L;

    private TooLongException(long limit) {
      super("the answer is longer than " + (limit >> 20) + " MiB");
    }
  }
}
