package dev.ccbridge.executor;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whole directories at once; links are never followed. */
public final class FileTrees {
  private FileTrees() {}

  /** Deletes a file, or a directory and all below it, if it is there. */
  public static void delete(Path root) throws IOException {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(root, new Deleter());
  }

  private static final class Deleter extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    /** A directory that a program closed to its owner is opened, and tried again. */
    @Override
    public FileVisitResult visitFileFailed(Path file, IOException error) throws IOException {
      if (error instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      if (!Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS) || Files.isReadable(file)) {
        throw error;
      }
      open(file);
      Files.walkFileTree(file, this);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
        throws IOException {
      if (!Files.isWritable(directory) || !Files.isExecutable(directory)) {
        open(directory);
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException error)
        throws IOException {
      if (error != null) {
        throw error;
      }
      Files.deleteIfExists(directory);
      return FileVisitResult.CONTINUE;
    }

    private static void open(Path directory) throws IOException {
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }
  }

  /**
   * Makes a directory and those above it that are missing.
   *
   * @return the highest that was made; empty: all were there
   */
  static Optional<Path> makeDirectories(Path directory) throws IOException {
    Optional<Path> highest = Optional.empty();
    for (var at = directory;
        at != null && !Files.exists(at, LinkOption.NOFOLLOW_LINKS);
        at = at.getParent()) {
      highest = Optional.of(at);
    }
    Files.createDirectories(directory);
    return highest;
  }

  /**
   * Moves all that is in {@code source} to {@code target}, which is made if it is not there.
   * Directories are merged; anything else gives way. Both must be on the same file system.
   */
  static void moveInto(Path source, Path target) throws IOException {
    if (!Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectories(target);
    }
    try (DirectoryStream<Path> children = Files.newDirectoryStream(source)) {
      for (var child : children) {
        moveOne(child, target.resolve(child.getFileName()));
      }
    } catch (NotDirectoryException e) {
      throw new IOException("not a directory: " + source.getFileName(), e);
    }
  }

  private static void moveOne(Path child, Path destination) throws IOException {
    if (Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS)
        && Files.isDirectory(destination, LinkOption.NOFOLLOW_LINKS)) {
      moveInto(child, destination);
      return;
    }
    delete(destination);
    Files.move(child, destination, StandardCopyOption.ATOMIC_MOVE);
  }
}
