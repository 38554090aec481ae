package dev.ccbridge.fileserver;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Streams content into a blob's file: digests on the way, limits, and everything on disk before it
 * returns. Thread-safe.
 */
final class BlobWriter {
  private static final Logger LOG = LoggerFactory.getLogger(BlobWriter.class);
  private static final int BUFFER_BYTES = 64 * 1024;

  /** How often free space is looked up; blobs written at the same time may overshoot by this. */
  private static final long SPACE_CHECK_BYTES = 16L << 20;

  private final long maxBlobBytes;
  private final long minFreeBytes;
  private final LongSupplier usableBytes;
  private final Clock clock;

  BlobWriter(FileServerConfig config, LongSupplier usableBytes, Clock clock) {
    this.maxBlobBytes = config.maxBlobBytes();
    this.minFreeBytes = config.minFreeBytes();
    this.usableBytes = usableBytes;
    this.clock = clock;
  }

  /**
   * Makes {@code file}, which must not exist. After an error it may be there in part; the caller
   * deletes it.
   *
   * @throws CcBridgeException INVALID_REQUEST when the content is too large or not what was
   *     expected; UNAVAILABLE when it breaks off or the disk is full
   * @throws IOException when the file cannot be made
   */
  BlobTrailer write(Path file, BlobKey key, InputStream content, Expected expected)
      throws IOException {
    expected.size().ifPresent(size -> requireAllowed(key, size));
    requireSpace(key, expected.size().orElse(0));
    var ownerOnly = PosixFilePermissions.fromString("rw-------");
    try (var channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(ownerOnly))) {
      var trailer = copy(key, content, expected.size().orElse(-1), channel);
      requireExpected(key, trailer.info(key), expected);
      append(key, channel, trailer.encode());
      channel.force(true);
      return trailer;
    }
  }

  private BlobTrailer copy(BlobKey key, InputStream content, long wanted, FileChannel channel) {
    var md5 = digest("MD5");
    var sha256 = digest("SHA-256");
    var buffer = new byte[BUFFER_BYTES];
    var size = 0L;
    var nextCheck = SPACE_CHECK_BYTES;
    for (int count; (count = read(key, content, buffer, size)) >= 0; ) {
      size += count;
      requireAllowed(key, size);
      if (size >= nextCheck) {
        requireSpace(key, Math.max(wanted - size, 0));
        nextCheck = size + SPACE_CHECK_BYTES;
      }
      md5.update(buffer, 0, count);
      sha256.update(buffer, 0, count);
      append(key, channel, ByteBuffer.wrap(buffer, 0, count));
    }
    return new BlobTrailer(size, clock.instant(), md5.digest(), sha256.digest());
  }

  private static int read(BlobKey key, InputStream content, byte[] buffer, long sofar) {
    try {
      return content.read(buffer);
    } catch (IOException brokenOff) {
      throw unavailable(key, "the content broke off after " + sofar + " bytes", brokenOff);
    }
  }

  private static void append(BlobKey key, FileChannel channel, ByteBuffer bytes) {
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException failure) {
      throw unavailable(key, "cannot be written: " + failure.getMessage(), failure);
    }
  }

  private void requireAllowed(BlobKey key, long size) {
    if (size > maxBlobBytes) {
      throw invalid(key, "is larger than maxBlobBytes=" + maxBlobBytes);
    }
  }

  private void requireSpace(BlobKey key, long moreBytes) {
    if (usableBytes.getAsLong() - moreBytes < minFreeBytes) {
      throw unavailable(
          key,
          "not enough disk space, "
              + moreBytes
              + " bytes more would leave less than minFreeBytes="
              + minFreeBytes,
          null);
    }
  }

  private static void requireExpected(BlobKey key, BlobInfo seen, Expected expected) {
    if (expected.size().isPresent() && expected.size().getAsLong() != seen.size()) {
      throw invalid(
          key,
          "the content ended after "
              + seen.size()
              + " bytes, Content-Length said "
              + expected.size().getAsLong());
    }
    if (expected.md5().isPresent() && !expected.md5().get().equals(seen.md5())) {
      throw invalid(
          key,
          "the content has the MD5 " + seen.md5() + ", Content-MD5 said " + expected.md5().get());
    }
  }

  /** Logged here, as whoever runs us must know of a full disk, and the answer goes to a client. */
  private static CcBridgeException unavailable(
      BlobKey key, String why, @Nullable IOException cause) {
    LOG.warn("blob not stored key={} reason={}", key.text(), why);
    return new CcBridgeException(ErrorKind.UNAVAILABLE, "blob " + key.text() + ": " + why, cause);
  }

  private static CcBridgeException invalid(BlobKey key, String what) {
    return new CcBridgeException(ErrorKind.INVALID_REQUEST, "blob " + key.text() + ": " + what);
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException everyJavaHasIt) {
      throw new IllegalStateException(everyJavaHasIt);
    }
  }
}
