package dev.ccbridge.fileserver;

import java.io.InputStream;
import java.util.Arrays;

/** That many zero bytes, never held in memory. */
final class Zeros extends InputStream {
  private long left;

  Zeros(long size) {
    this.left = size;
  }

  @Override
  public int read() {
    return left-- > 0 ? 0 : -1;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) {
    if (left <= 0) {
      return -1;
    }
    var count = (int) Math.min(length, left);
    Arrays.fill(buffer, offset, offset + count, (byte) 0);
    left -= count;
    return count;
  }
}
