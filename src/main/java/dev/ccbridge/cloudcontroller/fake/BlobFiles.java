package dev.ccbridge.cloudcontroller.fake;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.web.BodyTooLargeException;
import dev.ccbridge.web.Download;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;

/** App bits, droplets and caches as files, written beside and moved into place. Thread-safe. */
final class BlobFiles {
  static final long MAX_BYTES = 4L << 30;
  private static final int BUFFER_BYTES = 64 * 1024;

  private final Path root;

  /**
   * @throws CcBridgeException UNAVAILABLE when the directory cannot be made
   */
  BlobFiles(Path root) {
    this.root = root;
    try {
      Files.createDirectories(root);
    } catch (IOException failure) {
      throw new CcBridgeException(
          ErrorKind.UNAVAILABLE, "cannot make the directory " + root, failure);
    }
  }

  /** Digests of what was written; {@code md5} in base64, {@code sha1} in hex. */
  record Written(Path file, long bytes, String md5, String sha1) {}

  /**
   * A file that is not in its place yet.
   *
   * @throws BodyTooLargeException over {@value #MAX_BYTES} bytes
   */
  Written write(InputStream in) throws IOException {
    var file = Files.createTempFile(root, "upload", ".tmp");
    try {
      var md5 = digest("MD5");
      var sha1 = digest("SHA-1");
      var total = 0L;
      try (var out = Files.newOutputStream(file)) {
        var buffer = new byte[BUFFER_BYTES];
        for (int n; (n = in.read(buffer)) >= 0; total += n) {
          if (total + n > MAX_BYTES) {
            throw new BodyTooLargeException(MAX_BYTES);
          }
          md5.update(buffer, 0, n);
          sha1.update(buffer, 0, n);
          out.write(buffer, 0, n);
        }
      }
      return new Written(
          file,
          total,
          Base64.getEncoder().encodeToString(md5.digest()),
          HexFormat.of().formatHex(sha1.digest()));
    } catch (IOException | RuntimeException failure) {
      Files.deleteIfExists(file);
      throw failure;
    }
  }

  void place(Written written, String name) throws IOException {
    Files.move(written.file(), file(name), StandardCopyOption.ATOMIC_MOVE);
  }

  void discard(Written written) throws IOException {
    Files.deleteIfExists(written.file());
  }

  boolean exists(String name) {
    return Files.exists(file(name));
  }

  void delete(String name) throws IOException {
    Files.deleteIfExists(file(name));
  }

  /** 404 when there is none. */
  Response download(Request request, String name) throws IOException {
    var file = file(name);
    try {
      var channel = FileChannel.open(file);
      return new Download(
              channel,
              channel.size(),
              "application/octet-stream",
              Files.getLastModifiedTime(file).toInstant(),
              null)
          .answer(request);
    } catch (NoSuchFileException absent) {
      throw CcError.notFound();
    }
  }

  /** One flat directory: a name is made of guids and a stack, which have no slash. */
  private Path file(String name) {
    if (name.contains("/") || name.contains("\0")) {
      throw CcError.notFound();
    }
    return root.resolve(name);
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    }
  }
}
