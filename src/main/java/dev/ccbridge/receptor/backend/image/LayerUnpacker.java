package dev.ccbridge.receptor.backend.image;

import dev.ccbridge.executor.ArchiveLimits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Puts the layers of one image over each other, the lowest first. Later entries replace earlier
 * ones; whiteouts remove what lower layers made. For one thread.
 *
 * <p>Source: docker/docker pkg/archive/diff.go. Differs from it: devices are left out, owners and
 * set-user-id bits are not kept, and the owner can always read and write.
 */
final class LayerUnpacker {
  private static final String WHITEOUT = ".wh.";
  private static final String WHITEOUT_META = ".wh..wh.";
  private static final String OPAQUE = ".wh..wh..opq";
  private static final int MAX_TARGET = 4096;

  private final ImageTree tree;
  private final ArchiveLimits limits;
  private final byte[] buffer = new byte[64 * 1024];
  private final Set<Path> made = new HashSet<>();
  private long packedBytes;
  private long bytes;
  private int entries;

  /**
   * @param root an empty directory that nobody else writes to
   * @param limits for all layers together
   */
  LayerUnpacker(Path root, ArchiveLimits limits) {
    this.tree = new ImageTree(root);
    this.limits = limits;
  }

  /** Size of what was unpacked so far. */
  long bytes() {
    return bytes;
  }

  /**
   * Adds one layer.
   *
   * @throws ImageException when it is broken, or holds what must not be unpacked
   * @throws IOException when writing fails
   */
  void add(Path layer) throws IOException {
    made.clear();
    packedBytes += Files.size(layer);
    try (var in = LayerFormat.open(layer);
        var tar = new TarArchiveInputStream(in)) {
      for (var entry = next(tar); entry != null; entry = next(tar)) {
        add(entry, tar);
      }
    }
  }

  private static @Nullable TarArchiveEntry next(TarArchiveInputStream tar) {
    try {
      return tar.getNextEntry();
    } catch (IOException | IllegalArgumentException e) {
      throw LayerFormat.broken(e);
    }
  }

  private void add(TarArchiveEntry entry, InputStream content) throws IOException {
    if (entry.isGlobalPaxHeader() || entry.isPaxHeader()) {
      return;
    }
    if (++entries > limits.maxEntries()) {
      throw ImageException.broken("it holds more than " + limits.maxEntries() + " entries");
    }
    var name = checked(entry.getName());
    if (name.isEmpty()) {
      setMode(tree.root(), entry.getMode() | 0700);
      return;
    }
    try {
      place(entry, name, content);
    } catch (InvalidPathException e) {
      throw ImageException.broken("a name that cannot be used here: " + ImageTree.shown(name));
    }
  }

  private void place(TarArchiveEntry entry, String name, InputStream content) throws IOException {
    int slash = name.lastIndexOf('/');
    var parent = tree.directory(slash < 0 ? "" : name.substring(0, slash));
    var last = name.substring(slash + 1);
    if (last.startsWith(WHITEOUT)) {
      whiteOut(parent, last);
      return;
    }
    var path = parent.resolve(last);
    if (entry.isDirectory()) {
      directory(path, entry.getMode());
    } else if (entry.isSymbolicLink()) {
      replace(path);
      Files.createSymbolicLink(path, Path.of(target(entry)));
    } else if (entry.isLink()) {
      hardLink(path, entry);
    } else if (entry.isFile() && !isDevice(entry)) {
      file(path, entry, content);
    } else {
      return;
    }
    made.add(path);
  }

  /** Devices are the cell's to give, and a pipe nobody reads is of no use. */
  private static boolean isDevice(TarArchiveEntry entry) {
    return entry.isBlockDevice() || entry.isCharacterDevice() || entry.isFIFO();
  }

  /** The name without a slash at either end; layers are written with and without these. */
  private static String checked(String name) {
    var parts = List.of(name.split("/"));
    if (parts.contains("..") || name.indexOf('\0') >= 0) {
      throw ImageException.broken("a name that leads out of it: " + ImageTree.shown(name));
    }
    return String.join(
        "/", parts.stream().filter(part -> !part.isEmpty() && !part.equals(".")).toList());
  }

  private static String target(TarArchiveEntry entry) {
    var target = entry.getLinkName();
    if (target.isEmpty() || target.length() > MAX_TARGET || target.indexOf('\0') >= 0) {
      throw ImageException.broken("a link that leads nowhere: " + ImageTree.shown(entry.getName()));
    }
    return target;
  }

  private void directory(Path path, int mode) throws IOException {
    if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      replace(path);
      Files.createDirectory(path);
    }
    setMode(path, mode | 0700);
  }

  private void file(Path path, TarArchiveEntry entry, InputStream content) throws IOException {
    replace(path);
    try (var out =
        Files.newOutputStream(
            path,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS)) {
      for (int n; (n = read(content)) >= 0; ) {
        count(n);
        out.write(buffer, 0, n);
      }
    }
    setMode(path, entry.getMode() | 0600);
    Files.setLastModifiedTime(path, FileTime.from(modified(entry)));
  }

  private static Instant modified(TarArchiveEntry entry) {
    return entry.getLastModifiedTime().toInstant();
  }

  /** What fails here is the layer's fault, not that of where it is written to. */
  private int read(InputStream content) {
    try {
      return content.read(buffer);
    } catch (IOException e) {
      throw LayerFormat.broken(e);
    }
  }

  private void hardLink(Path path, TarArchiveEntry entry) throws IOException {
    var target = checked(target(entry));
    int slash = target.lastIndexOf('/');
    var existing =
        tree.directory(slash < 0 ? "" : target.substring(0, slash))
            .resolve(target.substring(slash + 1));
    if (existing.equals(path)) {
      return;
    }
    if (Files.isSymbolicLink(existing)) {
      replace(path);
      Files.createSymbolicLink(path, Files.readSymbolicLink(existing));
      return;
    }
    if (!Files.isRegularFile(existing, LinkOption.NOFOLLOW_LINKS)) {
      throw ImageException.broken(
          "a link to what is no file of it: " + ImageTree.shown(entry.getName()));
    }
    replace(path);
    Files.createLink(path, existing);
  }

  /** Makes room: what was there goes, with all below it. */
  private void replace(Path path) throws IOException {
    remove(path, Set.of());
  }

  /** Layers may not say anything about themselves by whiteouts, so what they made stays. */
  private void whiteOut(Path parent, String name) throws IOException {
    if (name.equals(OPAQUE)) {
      removeBelow(parent, made);
      return;
    }
    if (name.startsWith(WHITEOUT_META)) {
      return;
    }
    var hidden = name.substring(WHITEOUT.length());
    if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
      throw ImageException.broken("a whiteout of nothing: " + ImageTree.shown(name));
    }
    remove(parent.resolve(hidden), made);
  }

  private static void removeBelow(Path directory, Set<Path> kept) throws IOException {
    try (var children = Files.newDirectoryStream(directory)) {
      for (var child : children) {
        remove(child, kept);
      }
    }
  }

  private static void remove(Path path, Set<Path> kept) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(path, new Remover(kept));
  }

  /** Links are not followed; directories with something in them that is kept stay. */
  private static final class Remover extends SimpleFileVisitor<Path> {
    private final Set<Path> kept;

    Remover(Set<Path> kept) {
      this.kept = kept;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      if (!kept.contains(file)) {
        Files.delete(file);
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException error)
        throws IOException {
      if (error != null) {
        throw error;
      }
      if (!kept.contains(directory) && isEmpty(directory)) {
        Files.delete(directory);
      }
      return FileVisitResult.CONTINUE;
    }

    private static boolean isEmpty(Path directory) throws IOException {
      try (var children = Files.newDirectoryStream(directory)) {
        return !children.iterator().hasNext();
      }
    }
  }

  private void count(int n) {
    bytes += n;
    if (bytes > limits.maxBytes()) {
      throw ImageException.broken("it unpacks to more than " + limits.maxBytes() + " bytes");
    }
    if (bytes > limits.ratioFromBytes() && bytes / limits.maxRatio() > packedBytes) {
      throw ImageException.broken(
          "it unpacks to more than " + limits.maxRatio() + " times its size");
    }
  }

  private static void setMode(Path path, int mode) throws IOException {
    var permissions = EnumSet.noneOf(PosixFilePermission.class);
    // The constants are in the order of the bits, highest first; set-user-id is not among them.
    for (var permission : PosixFilePermission.values()) {
      if ((mode & (0400 >> permission.ordinal())) != 0) {
        permissions.add(permission);
      }
    }
    Files.setPosixFilePermissions(path, permissions);
  }
}
