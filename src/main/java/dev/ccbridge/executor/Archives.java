package dev.ccbridge.executor;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads archives; what they are is seen from their content: gzip'd tar, zip, or tar. Entries go to
 * an {@link Unpacker}, which decides what may be made of them.
 */
final class Archives {
  private Archives() {}

  private static final int TAR_MAGIC_AT = 257;
  private static final int END_OF_CENTRAL_DIRECTORY = 0x06054b50;
  private static final int END_LENGTH = 22;
  private static final int MAX_COMMENT = 0xffff;
  private static final long BYTES_PER_ENTRY = 256;

  /**
   * @throws TransferException when it is no archive, or holds what must not be unpacked
   * @throws StoppedException when cancelled meanwhile
   * @throws IOException when writing fails
   */
  static void unpack(Path archive, Unpacker unpacker)
      throws TransferException, StoppedException, IOException {
    var head = new byte[512];
    int length;
    try (var in = Files.newInputStream(archive)) {
      length = in.readNBytes(head, 0, head.length);
    }
    if (length >= 2 && head[0] == 0x1f && head[1] == (byte) 0x8b) {
      unpackGzip(archive, unpacker);
    } else if (length >= 4 && head[0] == 'P' && head[1] == 'K' && (head[2] == 3 || head[2] == 5)) {
      unpackZip(archive, unpacker);
    } else if (isTar(head, length)) {
      try (var in = new BufferedInputStream(Files.newInputStream(archive))) {
        unpackTar(in, unpacker);
      }
    } else {
      throw new TransferException("neither a gzip'd tar, nor a zip, nor a tar", false);
    }
  }

  private static boolean isTar(byte[] head, int length) {
    if (length < head.length) {
      return false;
    }
    var magic = new String(head, TAR_MAGIC_AT, 5, StandardCharsets.US_ASCII);
    return magic.equals("ustar") || TarArchiveInputStream.matches(head, length);
  }

  private static void unpackGzip(Path archive, Unpacker unpacker)
      throws TransferException, StoppedException, IOException {
    try (var in = new BufferedInputStream(Files.newInputStream(archive));
        var gzip = gunzip(in)) {
      unpackTar(gzip, unpacker);
    }
  }

  private static InputStream gunzip(InputStream in) throws TransferException {
    try {
      return GzipCompressorInputStream.builder()
          .setInputStream(in)
          .setDecompressConcatenated(true)
          .get();
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private static void unpackTar(InputStream in, Unpacker unpacker)
      throws TransferException, StoppedException, IOException {
    try (var tar = new TarArchiveInputStream(in)) {
      while (true) {
        var entry = next(tar);
        if (entry == null) {
          return;
        }
        unpackTarEntry(tar, entry, unpacker);
      }
    }
  }

  private static @Nullable TarArchiveEntry next(TarArchiveInputStream tar)
      throws TransferException {
    try {
      return tar.getNextEntry();
    } catch (IOException | IllegalArgumentException e) {
      throw broken(e);
    }
  }

  private static void unpackTarEntry(
      TarArchiveInputStream tar, TarArchiveEntry entry, Unpacker unpacker)
      throws TransferException, StoppedException, IOException {
    if (entry.isGlobalPaxHeader() || entry.isPaxHeader()) {
      return;
    }
    if (entry.isDirectory()) {
      unpacker.directory(entry.getName(), entry.getMode());
    } else if (entry.isSymbolicLink()) {
      unpacker.symbolicLink(entry.getName(), entry.getLinkName());
    } else if (entry.isLink()) {
      unpacker.hardLink(entry.getName(), entry.getLinkName());
    } else if (entry.isFile() && !isDevice(entry)) {
      unpacker.file(entry.getName(), entry.getMode(), entry.getLastModifiedTime().toInstant(), tar);
    } else {
      throw new TransferException(
          "the archive holds a device, or something else that is no file: "
              + Unpacker.shown(entry.getName()),
          false);
    }
  }

  private static boolean isDevice(TarArchiveEntry entry) {
    return entry.isBlockDevice() || entry.isCharacterDevice() || entry.isFIFO();
  }

  private static void unpackZip(Path archive, Unpacker unpacker)
      throws TransferException, StoppedException, IOException {
    checkDirectorySize(archive, unpacker.limits());
    try (var zip = open(archive)) {
      for (var entry : Collections.list(zip.getEntriesInPhysicalOrder())) {
        unpackZipEntry(zip, entry, unpacker);
      }
    }
  }

  private static ZipFile open(Path archive) throws TransferException {
    try {
      return ZipFile.builder().setPath(archive).get();
    } catch (IOException | IllegalArgumentException e) {
      throw broken(e);
    }
  }

  private static void unpackZipEntry(ZipFile zip, ZipArchiveEntry entry, Unpacker unpacker)
      throws TransferException, StoppedException, IOException {
    int mode = entry.getUnixMode();
    if (entry.isDirectory()) {
      unpacker.directory(entry.getName(), mode == 0 ? 0755 : mode);
      return;
    }
    if (entry.isUnixSymlink()) {
      unpacker.symbolicLink(entry.getName(), symbolicLink(zip, entry));
      return;
    }
    var time = entry.getLastModifiedTime();
    try (var in = content(zip, entry)) {
      unpacker.file(
          entry.getName(),
          mode == 0 ? 0644 : mode,
          time == null ? Instant.EPOCH : time.toInstant(),
          in);
    }
  }

  private static String symbolicLink(ZipFile zip, ZipArchiveEntry entry) throws TransferException {
    try {
      return zip.getUnixSymlink(entry);
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private static InputStream content(ZipFile zip, ZipArchiveEntry entry) throws TransferException {
    try {
      return zip.getInputStream(entry);
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /**
   * The directory of a zip is read into memory as a whole, whatever it says of its length; so its
   * real length is looked at first.
   */
  private static void checkDirectorySize(Path archive, ArchiveLimits limits)
      throws TransferException, IOException {
    try (var file = new RandomAccessFile(archive.toFile(), "r")) {
      int length = (int) Math.min(file.length(), END_LENGTH + MAX_COMMENT);
      var tail = new byte[length];
      file.seek(file.length() - length);
      file.readFully(tail);
      var buffer = ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = length - END_LENGTH; i >= 0; i--) {
        if (buffer.getInt(i) == END_OF_CENTRAL_DIRECTORY) {
          long start = Integer.toUnsignedLong(buffer.getInt(i + 16));
          long size = file.length() - length + i - start;
          // An archive above 4 GB says where its directory starts elsewhere; its size says enough.
          long stated = Integer.toUnsignedLong(buffer.getInt(i + 12));
          if (Math.max(size, stated == 0xffffffffL ? 0 : stated)
              > BYTES_PER_ENTRY * limits.maxEntries()) {
            throw Unpacker.tooManyEntries(limits);
          }
          return;
        }
      }
    }
    throw new TransferException("the archive is broken", false);
  }

  static TransferException broken(Exception cause) {
    return new TransferException("the archive is broken", false, cause);
  }
}
