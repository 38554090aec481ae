package dev.ccbridge.receptor.backend.pod.cell;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * Copies the runtime that it runs on to the directory it is told, for clusters without image
 * volumes.
 */
public final class RuntimeCopy {
  private static final List<String> PARTS =
      List.of("bin", "lib", "conf", "libc", "app", "lifecycle", "release", "java.options");

  private RuntimeCopy() {}

  public static void main(String[] arguments) throws IOException {
    var target = Path.of(arguments[0]);
    for (var part : PARTS) {
      copy(Path.of("/"), target, part);
    }
  }

  private static void copy(Path source, Path target, String part) throws IOException {
    try (var files = Files.walk(source.resolve(part))) {
      for (var file : (Iterable<Path>) files::iterator) {
        Files.copy(
            file,
            target.resolve(source.relativize(file).toString()),
            LinkOption.NOFOLLOW_LINKS,
            StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }
}
