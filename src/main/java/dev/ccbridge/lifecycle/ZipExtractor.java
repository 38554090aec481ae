package dev.ccbridge.lifecycle;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * Unpacks a zip file from somebody we do not know. Refused are names that lead out of the target,
 * links that point out of it, devices, and archives beyond the limits.
 *
 * <p>Files come first and links last, so nothing is ever written through a link.
 */
final class ZipExtractor {
  private static final long MAX_BYTES = 4L << 30;
  private static final int MAX_ENTRIES = 500_000;
  private static final int MAX_LINK_BYTES = 4096;
  private static final int TYPE_MASK = 0170000;
  private static final int TYPE_FILE = 0100000;
  private static final int TYPE_DIRECTORY = 0040000;
  private static final int TYPE_LINK = 0120000;
  private static final int DEFAULT_MODE = 0755;

  private final Path root;
  private final Map<Path, String> links = new LinkedHashMap<>();
  private long bytesLeft;
  private int entriesLeft;

  private ZipExtractor(Path root, long maxBytes, int maxEntries) {
    this.root = root;
    this.bytesLeft = maxBytes;
    this.entriesLeft = maxEntries;
  }

  /**
   * Unpacks {@code archive} into the existing directory {@code target}.
   *
   * @throws IOException if it is not a zip file or holds something refused; part of it may have
   *     been unpacked then
   */
  static void extract(Path archive, Path target) throws IOException {
    extract(archive, target, MAX_BYTES, MAX_ENTRIES);
  }

  /** The same with other limits: bytes after unpacking, and entries of any kind. */
  static void extract(Path archive, Path target, long maxBytes, int maxEntries) throws IOException {
    var extractor = new ZipExtractor(target.toAbsolutePath().normalize(), maxBytes, maxEntries);
    try (var zip = ZipFile.builder().setPath(archive).get()) {
      var entries = zip.getEntries();
      while (entries.hasMoreElements()) {
        extractor.unpack(zip, entries.nextElement());
      }
    }
    extractor.createLinks();
  }

  private void unpack(ZipFile zip, ZipArchiveEntry entry) throws IOException {
    if (--entriesLeft < 0) {
      throw new IOException("archive has too many entries");
    }
    var path = inside(entry.getName());
    switch (entry.getUnixMode() & TYPE_MASK) {
      case 0, TYPE_FILE, TYPE_DIRECTORY -> {
        if (entry.isDirectory()) {
          Files.createDirectories(path);
          return;
        }
        writeFile(zip, entry, path);
      }
      case TYPE_LINK -> links.put(path, linkTarget(zip, entry));
      default ->
          throw new IOException("archive entry is neither file, directory nor link: " + path);
    }
  }

  private Path inside(String name) throws IOException {
    if (name.startsWith("/") || name.indexOf('\0') >= 0) {
      throw new IOException("archive entry has an absolute or broken name: " + name);
    }
    for (var part : name.split("/")) {
      if (part.equals("..")) {
        throw new IOException("archive entry leads out of the archive: " + name);
      }
    }
    return root.resolve(name).normalize();
  }

  private void writeFile(ZipFile zip, ZipArchiveEntry entry, Path path) throws IOException {
    Files.createDirectories(path.getParent());
    try (var in = zip.getInputStream(entry);
        var out = Files.newOutputStream(path)) {
      var buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        bytesLeft -= n;
        if (bytesLeft < 0) {
          throw new IOException("archive unpacks to too many bytes");
        }
        out.write(buffer, 0, n);
      }
    }
    Files.setPosixFilePermissions(path, permissions(entry));
  }

  private static EnumSet<PosixFilePermission> permissions(ZipArchiveEntry entry) {
    // Archives made on Windows have no modes; their scripts must still be executable.
    var hasMode = entry.getPlatform() == ZipArchiveEntry.PLATFORM_UNIX && entry.getUnixMode() != 0;
    var mode = hasMode ? entry.getUnixMode() : DEFAULT_MODE;
    var permissions = EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    var all = PosixFilePermission.values(); // from owner-read down to others-execute, as in a mode
    for (int bit = 0; bit < all.length; bit++) {
      if ((mode & (0400 >> bit)) != 0) {
        permissions.add(all[bit]);
      }
    }
    return permissions;
  }

  private static String linkTarget(ZipFile zip, ZipArchiveEntry entry) throws IOException {
    try (InputStream in = zip.getInputStream(entry)) {
      return new String(in.readNBytes(MAX_LINK_BYTES), StandardCharsets.UTF_8);
    }
  }

  private void createLinks() throws IOException {
    for (var link : links.entrySet()) {
      var path = link.getKey();
      var target = path.resolveSibling(link.getValue()).normalize();
      if (!target.startsWith(root) || Path.of(link.getValue()).isAbsolute()) {
        throw new IOException("archive entry links out of the archive: " + root.relativize(path));
      }
      Files.createDirectories(path.getParent());
      Files.createSymbolicLink(path, Path.of(link.getValue()));
    }
  }
}
