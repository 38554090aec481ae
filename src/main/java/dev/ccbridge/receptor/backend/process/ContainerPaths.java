package dev.ccbridge.receptor.backend.process;

import dev.ccbridge.executor.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where paths of a container really are. */
final class ContainerPaths {
  private static final String TMP = "/tmp";
  private static final String HOME = "/home/vcap";
  private static final int MAX_LINKS = 40;

  /** Not part of a longer name or path on either side: {@code -dir=/tmp/app}, {@code "/tmp"}. */
  private static final Pattern OWN_PATH =
      Pattern.compile("(?<![\\w./-])(/tmp|/home/vcap)(?![\\w.-])");

  private final ContainerDirectory directory;

  ContainerPaths(ContainerDirectory directory) {
    this.directory = directory;
  }

  /**
   * The real place of a path, with links followed as the container would.
   *
   * @param path absolute, or relative to the home directory
   * @throws SandboxException when it is not below {@code /tmp} or {@code /home/vcap}
   */
  Path resolve(String path) {
    var pending = new ArrayDeque<String>();
    push(pending, path.startsWith("/") ? path : HOME + "/" + path);
    var done = new ArrayList<String>();
    for (int links = 0; !pending.isEmpty(); ) {
      var part = pending.pop();
      if (part.equals("..")) {
        if (!done.isEmpty()) {
          done.removeLast();
        }
        continue;
      }
      done.add(part);
      var target = linkTarget(done);
      if (target != null) {
        if (++links > MAX_LINKS) {
          throw new SandboxException("too many links in a path of the container", null);
        }
        if (target.startsWith("/")) {
          done.clear();
        } else {
          done.removeLast();
        }
        push(pending, target);
      }
    }
    return real(done);
  }

  private static void push(Deque<String> pending, String path) {
    var parts = path.split("/");
    for (int i = parts.length - 1; i >= 0; i--) {
      if (!parts[i].isEmpty() && !parts[i].equals(".")) {
        pending.push(parts[i]);
      }
    }
  }

  private @Nullable String linkTarget(List<String> parts) {
    var path = "/" + String.join("/", parts);
    if (!isOwn(path)) {
      return null;
    }
    var real = real(parts);
    try {
      return Files.isSymbolicLink(real) ? inContainer(Files.readSymbolicLink(real)) : null;
    } catch (IOException e) {
      throw new SandboxException("a path of the container cannot be read", e);
    }
  }

  /** A program without its own namespace makes links to where the files really are. */
  private String inContainer(Path target) {
    if (target.startsWith(directory.tmp())) {
      return TMP + "/" + directory.tmp().relativize(target);
    }
    if (target.startsWith(directory.home())) {
      return HOME + "/" + directory.home().relativize(target);
    }
    return target.toString();
  }

  private Path real(List<String> parts) {
    var path = "/" + String.join("/", parts);
    if (!isOwn(path)) {
      throw new SandboxException(
          "a path is outside of the container's own files, wanted below /tmp or /home/vcap", null);
    }
    return path.startsWith(TMP)
        ? directory.tmp().resolve(relative(path, TMP))
        : directory.home().resolve(relative(path, HOME));
  }

  private static boolean isOwn(String path) {
    return path.equals(TMP)
        || path.startsWith(TMP + "/")
        || path.equals(HOME)
        || path.startsWith(HOME + "/");
  }

  private static String relative(String path, String root) {
    return path.length() == root.length() ? "" : path.substring(root.length() + 1);
  }

  /** Puts the real places for the container's own paths in a text. */
  String rewrite(String text) {
    return OWN_PATH
        .matcher(text)
        .replaceAll(
            match ->
                Matcher.quoteReplacement(
                    (match.group(1).equals(TMP) ? directory.tmp() : directory.home()).toString()));
  }
}
