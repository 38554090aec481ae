package dev.ccbridge.fileserver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Several directories laid over each other, the first on top. */
final class StaticTree {
  private final List<Path> roots;

  StaticTree(List<Path> roots) {
    this.roots = List.copyOf(roots);
  }

  /**
   * The names in a decoded URL path; empty when it has one that could leave a directory or that no
   * file can have.
   */
  static Optional<List<String>> names(String path) {
    if (path.indexOf('\0') >= 0 || path.indexOf('\\') >= 0) {
      return Optional.empty();
    }
    var names = new ArrayList<String>();
    for (var name : path.split("/")) {
      if (name.equals("..")) {
        return Optional.empty();
      }
      if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
    }
    return Optional.of(List.copyOf(names));
  }

  static List<String> below(List<String> names, String child) {
    var more = new ArrayList<>(names);
    more.add(child);
    return more;
  }

  /** The topmost file or directory of this name, with all symbolic links followed. */
  Optional<Path> find(List<String> names) {
    return roots.stream().flatMap(root -> resolve(root, names).stream()).findFirst();
  }

  /** The names in a directory, in order; true for those that are directories. */
  TreeMap<String, Boolean> list(List<String> names) throws IOException {
    var children = new TreeMap<String, Boolean>();
    for (var root : roots) {
      var directory = resolve(root, names).filter(Files::isDirectory);
      if (directory.isEmpty()) {
        continue;
      }
      try (var entries = Files.newDirectoryStream(directory.get())) {
        for (var entry : entries) {
          var name = entry.getFileName().toString();
          find(below(names, name)).ifPresent(f -> children.put(name, Files.isDirectory(f)));
        }
      }
    }
    return children;
  }

  /**
   * Roots are resolved each time: a mounted directory may be a link that changes with its content.
   */
  private static Optional<Path> resolve(Path root, List<String> names) {
    try {
      var realRoot = root.toRealPath();
      var file = realRoot;
      for (var name : names) {
        file = file.resolve(name);
      }
      var realFile = file.toRealPath();
      var isServed = Files.isRegularFile(realFile) || Files.isDirectory(realFile);
      return realFile.startsWith(realRoot) && isServed ? Optional.of(realFile) : Optional.empty();
    } catch (FileSystemException | InvalidPathException noSuchFile) {
      return Optional.empty();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
