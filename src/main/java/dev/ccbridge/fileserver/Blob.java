package dev.ccbridge.fileserver;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Objects;

/**
 * A blob opened for reading. It keeps its content when the key is put again or deleted meanwhile.
 * Not thread-safe; close it.
 */
public final class Blob implements Closeable {
  private final BlobInfo info;
  private final FileChannel channel;

  Blob(BlobInfo info, FileChannel channel) {
    this.info = info;
    this.channel = channel;
  }

  public BlobInfo info() {
    return info;
  }

  /** The content from its beginning; closing it closes the blob. */
  public InputStream stream() {
    return new Content();
  }

  /** Begins with the content and goes on with the trailer. */
  FileChannel channel() {
    return channel;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** Ends before the trailer. */
  private final class Content extends InputStream {
    private long position;

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, buffer.length);
      if (length == 0) {
        return 0;
      }
      var wanted = (int) Math.min(length, info.size() - position);
      if (wanted == 0) {
        return -1;
      }
      var count = channel.read(ByteBuffer.wrap(buffer, offset, wanted), position);
      position += Math.max(count, 0);
      return count;
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
