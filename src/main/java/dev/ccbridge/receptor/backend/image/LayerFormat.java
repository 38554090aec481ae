package dev.ccbridge.receptor.backend.image;

import dev.ccbridge.ErrorKind;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** How a layer's tar is packed; seen from its content, as media types are not always right. */
final class LayerFormat {
  private static final int ZSTD_MAGIC = 0xfd2fb528;

  private LayerFormat() {}

  /**
   * The tar of a layer.
   *
   * @throws ImageException when it is packed in a way that is not known here
   */
  static InputStream open(Path layer) throws IOException {
    var in = new BufferedInputStream(Files.newInputStream(layer), 64 * 1024);
    try {
      in.mark(4);
      var head = in.readNBytes(4);
      in.reset();
      if (head.length >= 2 && head[0] == 0x1f && head[1] == (byte) 0x8b) {
        return gunzip(in);
      }
      if (isZstd(head)) {
        throw ImageException.broken("a layer is packed with zstd; want gzip, or not packed");
      }
      return in;
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  private static boolean isZstd(byte[] head) {
    return head.length == 4
        && ((head[0] & 0xff)
                | (head[1] & 0xff) << 8
                | (head[2] & 0xff) << 16
                | (head[3] & 0xff) << 24)
            == ZSTD_MAGIC;
  }

  private static InputStream gunzip(InputStream in) {
    try {
      return GzipCompressorInputStream.builder()
          .setInputStream(in)
          .setDecompressConcatenated(true)
          .get();
    } catch (IOException e) {
      throw broken(e);
    }
  }

  static ImageException broken(Exception cause) {
    return new ImageException(ErrorKind.INVALID_REQUEST, "a layer is broken", cause);
  }
}
