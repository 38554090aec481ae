package dev.ccbridge.operator;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;
import java.util.Set;
import java.util.zip.Deflater;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;

/** A directory with the source of an app, as what {@code cf push} would send. */
final class AppSource {
  /** What {@code cf push} leaves out by default. */
  private static final Set<String> IGNORED =
      Set.of(
          ".git", ".hg", ".svn", "_darcs", "CVS", ".gitignore", ".cfignore", ".DS_Store", ".bzr");

  private final Path directory;

  /**
   * @throws CcBridgeException INVALID_REQUEST when {@code directory} is no directory, or holds
   *     nothing
   */
  AppSource(Path directory) {
    this.directory = directory.toAbsolutePath().normalize();
    if (!Files.isDirectory(this.directory)) {
      throw new CcBridgeException(
          ErrorKind.INVALID_REQUEST,
          "DIR is " + directory + ", which is no directory; expected the source of an app");
    }
    try (var files = Files.list(this.directory)) {
      if (files.map(f -> f.getFileName().toString()).allMatch(IGNORED::contains)) {
        throw new CcBridgeException(
            ErrorKind.INVALID_REQUEST, "DIR is " + directory + ", which holds nothing to stage");
      }
    } catch (IOException failure) {
      throw new CcBridgeException(
          ErrorKind.INVALID_REQUEST,
          "DIR is " + directory + ", which cannot be read: " + failure.getMessage(),
          failure);
    }
  }

  @Override
  public String toString() {
    return directory.toString();
  }

  /** A legal resource name made of the directory's. */
  String name() {
    var name = directory.getFileName() == null ? "" : directory.getFileName().toString();
    var legal =
        name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-+|-+$", "");
    return legal.isEmpty()
        ? "app"
        : legal.substring(0, Math.min(legal.length(), 40)).replaceAll("-+$", "");
  }

  /** Writes the files as a gzip tar, one after the other, whatever their size. */
  void packTo(OutputStream out) throws IOException {
    var fast = new GzipParameters();
    fast.setCompressionLevel(Deflater.BEST_SPEED);
    try (var tar = new TarArchiveOutputStream(new GzipCompressorOutputStream(out, fast))) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
      Files.walkFileTree(directory, new Packer(tar));
    }
  }

  private final class Packer extends SimpleFileVisitor<Path> {
    private final TarArchiveOutputStream tar;

    Packer(TarArchiveOutputStream tar) {
      this.tar = tar;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes)
        throws IOException {
      if (dir.equals(directory)) {
        return FileVisitResult.CONTINUE;
      }
      if (IGNORED.contains(dir.getFileName().toString())) {
        return FileVisitResult.SKIP_SUBTREE;
      }
      tar.putArchiveEntry(new TarArchiveEntry(nameOf(dir) + "/"));
      tar.closeArchiveEntry();
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      if (IGNORED.contains(file.getFileName().toString())) {
        return FileVisitResult.CONTINUE;
      }
      if (attributes.isSymbolicLink()) {
        var link = new TarArchiveEntry(nameOf(file), TarConstants.LF_SYMLINK);
        link.setLinkName(Files.readSymbolicLink(file).toString());
        tar.putArchiveEntry(link);
        tar.closeArchiveEntry();
      } else if (attributes.isRegularFile()) {
        var entry = new TarArchiveEntry(file, nameOf(file), LinkOption.NOFOLLOW_LINKS);
        entry.setMode(Files.isExecutable(file) ? 0100755 : 0100644);
        tar.putArchiveEntry(entry);
        Files.copy(file, tar);
        tar.closeArchiveEntry();
      }
      return FileVisitResult.CONTINUE;
    }

    private String nameOf(Path file) {
      return directory.relativize(file).toString();
    }
  }
}
