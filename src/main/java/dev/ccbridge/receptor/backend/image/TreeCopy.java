package dev.ccbridge.receptor.backend.image;

import dev.ccbridge.executor.FileTrees;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;

/** Copies a tree of files into another one; what is in the way of it there goes. */
public final class TreeCopy extends SimpleFileVisitor<Path> {
  private final Path source;
  private final Path target;

  private TreeCopy(Path source, Path target) {
    this.source = source;
    this.target = target;
  }

  /** Links are copied as they are and followed nowhere; {@code target} is made if need be. */
  public static void copy(Path source, Path target) throws IOException {
    Files.walkFileTree(source, new TreeCopy(source, target));
  }

  private Path place(Path original) {
    return target.resolve(source.relativize(original));
  }

  @Override
  public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
      throws IOException {
    var place = place(directory);
    if (!Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
      FileTrees.delete(place);
      Files.createDirectory(place);
    }
    Files.setPosixFilePermissions(place, Files.getPosixFilePermissions(directory));
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
    var place = place(file);
    FileTrees.delete(place);
    Files.copy(file, place, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
    return FileVisitResult.CONTINUE;
  }
}
