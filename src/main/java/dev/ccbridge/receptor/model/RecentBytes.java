package dev.ccbridge.receptor.model;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A stream that remembers the last 64 KiB that were read of it: enough for a parser, which reads
 * ahead by 8 kB, to quote a value of the Receptor's, which has 4 kB at most.
 */
public final class RecentBytes extends FilterInputStream {
  private static final int CAPACITY = 64 * 1024;

  private final byte[] ring = new byte[CAPACITY];
  private long total;

  public RecentBytes(InputStream in) {
    super(in);
  }

  @Override
  public int read() throws IOException {
    var read = in.read();
    if (read >= 0) {
      ring[(int) (total++ % CAPACITY)] = (byte) read;
    }
    return read;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    var read = in.read(buffer, offset, Math.min(length, CAPACITY));
    if (read > 0) {
      var at = (int) (total % CAPACITY);
      var untilEnd = Math.min(read, CAPACITY - at);
      System.arraycopy(buffer, offset, ring, at, untilEnd);
      System.arraycopy(buffer, offset + untilEnd, ring, 0, read - untilEnd);
      total += read;
    }
    return read;
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  /** What was read from and to these counts of bytes, as UTF-8; empty: it is forgotten. */
  Optional<String> text(long from, long to) {
    if (from < Math.max(0, total - CAPACITY) || to <= from || to > total) {
      return Optional.empty();
    }
    var text = new byte[(int) (to - from)];
    for (var i = 0; i < text.length; i++) {
      text[i] = ring[(int) ((from + i) % CAPACITY)];
    }
    return Optional.of(new String(text, StandardCharsets.UTF_8));
  }
}
