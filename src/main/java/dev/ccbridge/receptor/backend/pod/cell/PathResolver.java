package dev.ccbridge.receptor.backend.pod.cell;

import dev.ccbridge.executor.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Where a path of an action lies on the container's own disk. */
final class PathResolver {
  private static final int MAX_LINKS = 40;

  private final Path home;
  private final Path tmp;
  private final Path work;

  /**
   * @param work the disk as one tree, of which {@code home} and {@code tmp} are parts
   */
  PathResolver(Path home, Path tmp, Path work) {
    this.home = home;
    this.tmp = tmp;
    this.work = work;
  }

  /**
   * With links followed, also those that lead nowhere yet.
   *
   * @param path absolute, or relative to the home directory
   * @throws SandboxException when it is not below {@code /tmp} or {@code /home/vcap}
   */
  Path resolve(String path) {
    var pending = new ArrayDeque<Path>();
    push(pending, home.resolve(path));
    var done = home.getRoot();
    for (int links = 0; !pending.isEmpty(); ) {
      var next = done.resolve(pending.pop());
      var target = linkTarget(next);
      if (target == null) {
        done = next.normalize();
      } else {
        if (++links > MAX_LINKS) {
          throw new SandboxException("too many links in a path of the container", null);
        }
        push(pending, target);
        done = target.isAbsolute() ? home.getRoot() : done;
      }
    }
    return onDisk(done);
  }

  private static void push(Deque<Path> pending, Path path) {
    for (int i = path.getNameCount() - 1; i >= 0; i--) {
      pending.push(path.getName(i));
    }
  }

  private static @Nullable Path linkTarget(Path path) {
    try {
      return Files.isSymbolicLink(path) ? Files.readSymbolicLink(path) : null;
    } catch (IOException e) {
      throw new SandboxException("a path of the container cannot be read", e);
    }
  }

  private Path onDisk(Path path) {
    if (path.startsWith(home)) {
      return work.resolve(CellPaths.HOME_PART).resolve(home.relativize(path));
    }
    if (path.startsWith(tmp)) {
      return work.resolve(CellPaths.TMP_PART).resolve(tmp.relativize(path));
    }
    throw new SandboxException(
        "a path is outside of the container's own files, wanted below /tmp or /home/vcap", null);
  }
}
