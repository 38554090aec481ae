package dev.ccbridge.fileserver;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/** Directories that only we may read and that survive a loss of power once made. */
final class Directories {
  private Directories() {}

  /** The directory of an absolute path that is not the root. */
  static Path of(Path file) {
    return Objects.requireNonNull(file.getParent());
  }

  /** Makes {@code directory} and what is missing above it. */
  static void create(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    var parent = directory.getParent();
    if (parent != null) {
      create(parent);
    }
    Files.createDirectory(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    if (parent != null) {
      sync(parent);
    }
  }

  /** Brings the names in {@code directory} to disk. */
  static void sync(Path directory) throws IOException {
    try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Deletes {@code directory} and those above it, up to {@code root}, as far as they are empty. */
  static void prune(Path directory, Path root) throws IOException {
    for (var empty = directory; !empty.equals(root); empty = of(empty)) {
      try {
        Files.delete(empty);
      } catch (DirectoryNotEmptyException inUse) {
        return;
      } catch (NoSuchFileException pruned) {
        // By another process.
        continue;
      }
    }
  }
}
