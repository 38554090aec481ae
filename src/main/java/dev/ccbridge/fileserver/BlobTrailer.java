package dev.ccbridge.fileserver;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Instant;
import java.util.HexFormat;

/**
 * The last 72 bytes of a blob's file: size, time and digests of the content before them. Content
 * and trailer in one file appear, change and go away together, which a file beside it could not.
 *
 * @param lastModified kept in milliseconds
 * @param md5 16 bytes
 * @param sha256 32 bytes
 */
record BlobTrailer(long size, Instant lastModified, byte[] md5, byte[] sha256) {
  /** "ccblob" and the version of the form. */
  private static final long MAGIC = 0x6363626c6f620001L;

  private static final int LENGTH = 8 + 8 + 16 + 32 + 8;

  BlobInfo info(BlobKey key) {
    var hex = HexFormat.of();
    return new BlobInfo(key.text(), size, hex.formatHex(md5), hex.formatHex(sha256), lastModified);
  }

  ByteBuffer encode() {
    return ByteBuffer.allocate(LENGTH)
        .putLong(size)
        .putLong(lastModified.toEpochMilli())
        .put(md5)
        .put(sha256)
        .putLong(MAGIC)
        .flip();
  }

  /**
   * @throws IOException also when the file is not, or no longer, a whole blob
   */
  static BlobTrailer read(FileChannel file) throws IOException {
    var size = file.size() - LENGTH;
    var bytes = ByteBuffer.allocate(LENGTH);
    while (size >= 0 && bytes.hasRemaining()) {
      if (file.read(bytes, size + bytes.position()) < 0) {
        break;
      }
    }
    bytes.flip();
    if (bytes.remaining() < LENGTH
        || bytes.getLong(LENGTH - 8) != MAGIC
        || bytes.getLong() != size) {
      throw new IOException("the file is damaged: size and trailer do not fit");
    }
    var lastModified = Instant.ofEpochMilli(bytes.getLong());
    var md5 = new byte[16];
    var sha256 = new byte[32];
    bytes.get(md5).get(sha256);
    return new BlobTrailer(size, lastModified, md5, sha256);
  }
}
