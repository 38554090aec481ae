package dev.ccbridge.executor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Makes an archive's entries below an empty directory, and refuses what would lie or lead out of
 * it. For one archive and one thread.
 */
final class Unpacker {
  private final Path root;
  private final long packedBytes;
  private final ArchiveLimits limits;
  private final Cancellation cancellation;
  private final Set<Path> knownDirectories = new HashSet<>();
  private final byte[] buffer = new byte[64 * 1024];
  private long bytes;
  private int entries;

  /**
   * @param root an empty directory that nobody else writes to
   * @param packedBytes size of the archive
   */
  Unpacker(Path root, long packedBytes, ArchiveLimits limits, Cancellation cancellation) {
    this.root = root;
    this.packedBytes = packedBytes;
    this.limits = limits;
    this.cancellation = cancellation;
    knownDirectories.add(root);
  }

  ArchiveLimits limits() {
    return limits;
  }

  void directory(String name, int mode) throws TransferException, StoppedException, IOException {
    var path = place(name);
    makeDirectory(path, name);
    // Its owner must be able to write, else what is below could not be made, moved or removed.
    setMode(path, mode | 0700);
  }

  void file(String name, int mode, Instant modified, InputStream content)
      throws TransferException, StoppedException, IOException {
    var path = newPlace(name);
    try (var out = Files.newOutputStream(path, StandardOpenOption.CREATE_NEW)) {
      for (int n; (n = read(content)) >= 0; ) {
        count(n);
        out.write(buffer, 0, n);
      }
    }
    setMode(path, mode);
    Files.setLastModifiedTime(path, FileTime.from(modified));
  }

  /** What fails here is the archive's fault, not that of where it is written to. */
  private int read(InputStream content) throws TransferException {
    try {
      return content.read(buffer);
    } catch (IOException e) {
      throw Archives.broken(e);
    }
  }

  void symbolicLink(String name, String target)
      throws TransferException, StoppedException, IOException {
    var path = newPlace(name);
    if (leadsOut(path, target)) {
      throw new TransferException("a link leads out of the archive: " + shown(name), false);
    }
    Files.createSymbolicLink(path, Path.of(target));
  }

  /**
   * Relative links may go up only at their beginning: after a name that is itself a link, "up"
   * would mean something else than it says.
   */
  private boolean leadsOut(Path link, String target) {
    if (target.isEmpty() || target.startsWith("/") || target.indexOf('\0') >= 0) {
      return true;
    }
    int depth = root.relativize(link).getNameCount() - 1;
    boolean named = false;
    for (var part : target.split("/")) {
      if (part.equals("..")) {
        depth--;
        if (named || depth < 0) {
          return true;
        }
      } else if (!part.isEmpty() && !part.equals(".")) {
        named = true;
      }
    }
    return false;
  }

  void hardLink(String name, String target)
      throws TransferException, StoppedException, IOException {
    var existing = place(target);
    var path = newPlace(name);
    if (!Files.isRegularFile(existing, LinkOption.NOFOLLOW_LINKS)) {
      throw new TransferException(
          "a link leads to what is no file of the archive: " + shown(name), false);
    }
    Files.createLink(path, existing);
  }

  /** Where a file or link of this name goes; what an earlier entry of the same name made, goes. */
  private Path newPlace(String name) throws TransferException, StoppedException, IOException {
    var path = place(name);
    if (path.equals(root) || Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      throw new TransferException("a directory is also a file: " + shown(name), false);
    }
    var parent = path.getParent();
    if (parent != null) {
      makeDirectory(parent, name);
    }
    Files.deleteIfExists(path);
    return path;
  }

  private Path place(String name) throws TransferException, StoppedException {
    cancellation.throwIfAbandoned();
    if (cancellation.isCancelled()) {
      throw new StoppedException();
    }
    if (++entries > limits.maxEntries()) {
      throw tooManyEntries(limits);
    }
    if (name.startsWith("/") || name.indexOf('\0') >= 0) {
      throw new TransferException("an absolute name in the archive: " + shown(name), false);
    }
    var parts = parts(name);
    if (parts.contains("..")) {
      throw new TransferException("a name with \"..\" in the archive: " + shown(name), false);
    }
    var path = root;
    for (var part : parts) {
      path = path.resolve(part);
    }
    return path;
  }

  private static List<String> parts(String name) {
    var parts = new ArrayList<String>();
    for (var part : name.split("/")) {
      if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    return parts;
  }

  /** Makes a directory and those above it. A link on the way is refused, not followed. */
  private void makeDirectory(Path path, String name) throws TransferException, IOException {
    if (knownDirectories.contains(path)) {
      return;
    }
    var parent = path.getParent();
    if (parent != null) {
      makeDirectory(parent, name);
    }
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        throw new TransferException("a name goes through a link or file: " + shown(name), false);
      }
    } else {
      Files.createDirectory(path);
    }
    knownDirectories.add(path);
  }

  private void count(int n) throws TransferException, StoppedException {
    bytes += n;
    if (bytes > limits.maxBytes()) {
      throw new TransferException(
          "the archive unpacks to more than " + limits.maxBytes() + " bytes", false);
    }
    if (bytes > limits.ratioFromBytes() && bytes / limits.maxRatio() > packedBytes) {
      throw new TransferException(
          "the archive unpacks to more than " + limits.maxRatio() + " times its size", false);
    }
    if (cancellation.isCancelled()) {
      cancellation.throwIfAbandoned();
      throw new StoppedException();
    }
  }

  static TransferException tooManyEntries(ArchiveLimits limits) {
    return new TransferException(
        "the archive holds more than " + limits.maxEntries() + " entries", false);
  }

  /** A name of the archive, short and without what could upset a terminal. */
  static String shown(String name) {
    var printable = name.replaceAll("\\p{Cntrl}", "?");
    return printable.length() > 100 ? printable.substring(0, 100) + "…" : printable;
  }

  private static void setMode(Path path, int mode) throws IOException {
    var permissions = EnumSet.noneOf(PosixFilePermission.class);
    // In the order of the bits, highest first; set-user-id and its like are left out.
    var all =
        List.of(
            PosixFilePermission.OWNER_READ,
            PosixFilePermission.OWNER_WRITE,
            PosixFilePermission.OWNER_EXECUTE,
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);
    for (int i = 0; i < all.size(); i++) {
      if ((mode & (0400 >> i)) != 0) {
        permissions.add(all.get(i));
      }
    }
    Files.setPosixFilePermissions(path, permissions);
  }
}
