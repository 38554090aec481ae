package dev.ccbridge.receptor.backend.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * A directory that is the root of its own file system: links in it lead where they would lead if it
 * were {@code /}, so nothing leads out. Nobody may change it meanwhile.
 */
record ImageTree(Path root) {
  private static final int MAX_LINKS = 40;
  private static final int MAX_NAMES = 1000;

  /**
   * The real directory of {@code path}, links followed; what is missing is made.
   *
   * @param path with or without a leading slash; {@code ..} goes up, at the root nowhere
   * @throws ImageException when something on the way is neither a directory nor a link to one
   */
  Path directory(String path) throws IOException {
    return walk(path, true);
  }

  /** The regular file that {@code path} names, links followed. */
  Optional<Path> file(String path) throws IOException {
    var found = walk(path, false);
    return Files.isRegularFile(found, LinkOption.NOFOLLOW_LINKS)
        ? Optional.of(found)
        : Optional.empty();
  }

  private Path walk(String path, boolean make) throws IOException {
    var at = root;
    var pending = new ArrayDeque<String>();
    push(pending, path);
    for (int links = 0; !pending.isEmpty(); ) {
      var name = pending.pop();
      if (name.equals("..")) {
        at = above(at);
        continue;
      }
      var next = at.resolve(name);
      if (Files.isSymbolicLink(next)) {
        if (++links > MAX_LINKS) {
          throw ImageException.broken("a name goes through too many links: " + shown(path));
        }
        var target = Files.readSymbolicLink(next).toString();
        at = target.startsWith("/") ? root : at;
        push(pending, target);
        continue;
      }
      if (make) {
        make(next, path);
      }
      at = next;
    }
    return at;
  }

  private static void make(Path directory, String path) throws IOException {
    if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      throw ImageException.broken("a name goes through a file: " + shown(path));
    }
    Files.createDirectory(directory);
  }

  private Path above(Path directory) {
    var parent = directory.getParent();
    return directory.equals(root) || parent == null ? root : parent;
  }

  private static void push(Deque<String> pending, String path) {
    var names = path.split("/");
    for (int i = names.length - 1; i >= 0; i--) {
      if (!names[i].isEmpty() && !names[i].equals(".")) {
        pending.push(names[i]);
      }
    }
    if (pending.size() > MAX_NAMES) {
      throw ImageException.broken("a name goes through too many directories: " + shown(path));
    }
  }

  /** A name from an image, short and without what could upset a terminal. */
  static String shown(String name) {
    var printable = name.replaceAll("\\p{Cntrl}", "?");
    return printable.length() > 100 ? printable.substring(0, 100) + "…" : printable;
  }
}
