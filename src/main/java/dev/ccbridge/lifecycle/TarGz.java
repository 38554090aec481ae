package dev.ccbridge.lifecycle;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;

/**
 * Writes a gzipped tar file as a stream: its memory does not grow with what goes in. Modes, times
 * and symbolic links are kept; owners are not, whoever unpacks decides them. Entries come in the
 * order of their names.
 *
 * <p>Used by one thread.
 */
final class TarGz implements Closeable {
  /** The strongest of zlib's fast levels: a third of the time of the default for a few percent. */
  private static final int LEVEL = 3;

  private static final int BUFFER_BYTES = 1 << 16;
  private static final int MODE_MASK = 07777;
  private static final int DIRECTORY_MODE = 0755;
  private static final int FILE_MODE = 0644;
  private static final int LINK_MODE = 0777;

  private final TarArchiveOutputStream tar;

  private TarGz(OutputStream out) throws IOException {
    var parameters = new GzipParameters();
    parameters.setCompressionLevel(LEVEL);
    parameters.setBufferSize(BUFFER_BYTES);
    var gzip =
        new BufferedOutputStream(new GzipCompressorOutputStream(out, parameters), BUFFER_BYTES);
    tar = new TarArchiveOutputStream(gzip, StandardCharsets.UTF_8.name());
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    tar.setAddPaxHeadersForNonAsciiNames(true);
  }

  /** Creates the file, or replaces it. */
  static TarGz create(Path file) throws IOException {
    return new TarGz(new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES));
  }

  /** Adds a file that is not on disk. */
  void addFile(String name, byte[] content) throws IOException {
    var entry = entry(name, FILE_MODE, Instant.now());
    entry.setSize(content.length);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }

  /** Adds an empty directory; {@code name} ends with a slash. */
  void addDirectory(String name) throws IOException {
    put(entry(name, DIRECTORY_MODE, Instant.now()));
  }

  /** Adds {@code directory} and all below it; {@code name} ends with a slash. */
  void addTree(String name, Path directory) throws IOException {
    put(entry(name, directory));
    addChildren(name, directory);
  }

  /** Adds all below {@code directory}, but not itself; {@code name} ends with a slash. */
  void addChildren(String name, Path directory) throws IOException {
    for (var child : children(directory)) {
      var childName = name + child.getFileName();
      if (Files.isSymbolicLink(child)) {
        addLink(childName, child);
      } else if (Files.isDirectory(child)) {
        addTree(childName + "/", child);
      } else if (Files.isRegularFile(child)) {
        addFile(childName, child);
      } else {
        System.err.println("not in the archive, because neither file nor directory: " + childName);
      }
    }
  }

  private static List<Path> children(Path directory) throws IOException {
    try (var listing = Files.list(directory)) {
      return listing.sorted().toList();
    }
  }

  private void addFile(String name, Path file) throws IOException {
    var entry = entry(name, file);
    entry.setSize(Files.size(file));
    tar.putArchiveEntry(entry);
    Files.copy(file, tar);
    tar.closeArchiveEntry();
  }

  private void addLink(String name, Path link) throws IOException {
    var entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
    entry.setMode(LINK_MODE);
    entry.setLinkName(Files.readSymbolicLink(link).toString());
    entry.setModTime(Files.getLastModifiedTime(link, LinkOption.NOFOLLOW_LINKS).toMillis());
    put(entry);
  }

  private void put(TarArchiveEntry entry) throws IOException {
    tar.putArchiveEntry(entry);
    tar.closeArchiveEntry();
  }

  private static TarArchiveEntry entry(String name, Path path) throws IOException {
    return entry(name, mode(path), Files.getLastModifiedTime(path).toInstant());
  }

  private static int mode(Path path) throws IOException {
    try {
      Map<String, Object> attributes = Files.readAttributes(path, "unix:mode");
      return attributes.get("mode") instanceof Integer bits ? bits & MODE_MASK : FILE_MODE;
    } catch (UnsupportedOperationException e) { // Windows has no such thing
      return Files.isDirectory(path) ? DIRECTORY_MODE : FILE_MODE;
    }
  }

  private static TarArchiveEntry entry(String name, int mode, Instant modified) {
    var entry = new TarArchiveEntry(name, true);
    entry.setMode(mode);
    entry.setModTime(modified.getEpochSecond() * 1000);
    return entry;
  }

  @Override
  public void close() throws IOException {
    tar.close();
  }
}
