package dev.ccbridge.receptor.backend.image;

import dev.ccbridge.ErrorKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Who runs a program, by the image's own {@code /etc/passwd} and {@code /etc/group}.
 *
 * <p>Source: docker/libcontainer user.GetExecUser.
 *
 * @param home empty never
 */
public record ImageUser(long uid, long gid, String name, String home) {
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
  private static final int MAX_BYTES = 1 << 20;
  private static final int PASSWD_FIELDS = 7;
  private static final int GROUP_FIELDS = 3;

  /**
   * @param written {@code user}, {@code user:group}, both names or numbers; empty: root
   * @throws ImageException when the image does not know a name
   */
  public static ImageUser of(Image image, String written) {
    int colon = written.indexOf(':');
    var user = colon < 0 ? written : written.substring(0, colon);
    var group = colon < 0 ? "" : written.substring(colon + 1);
    var found = user(image.tree(), user.isEmpty() ? "root" : user);
    return group.isEmpty()
        ? found
        : new ImageUser(found.uid(), gid(image.tree(), group), found.name(), found.home());
  }

  private static ImageUser user(Path tree, String user) {
    for (var fields : lines(tree, "/etc/passwd", PASSWD_FIELDS)) {
      if ((fields.get(0).equals(user) || fields.get(2).equals(user))
          && isNumber(fields.get(2))
          && isNumber(fields.get(3))) {
        var home = fields.get(5).startsWith("/") ? fields.get(5) : "/";
        return new ImageUser(
            Long.parseLong(fields.get(2)), Long.parseLong(fields.get(3)), fields.get(0), home);
      }
    }
    if (isNumber(user)) {
      return new ImageUser(Long.parseLong(user), 0, user, "/");
    }
    if (user.equals("root")) {
      return new ImageUser(0, 0, user, "/");
    }
    throw unknown("user", user, "/etc/passwd");
  }

  private static long gid(Path tree, String group) {
    for (var fields : lines(tree, "/etc/group", GROUP_FIELDS)) {
      if (fields.get(0).equals(group) && isNumber(fields.get(2))) {
        return Long.parseLong(fields.get(2));
      }
    }
    if (isNumber(group)) {
      return Long.parseLong(group);
    }
    throw unknown("group", group, "/etc/group");
  }

  private static boolean isNumber(String text) {
    return NUMBER.matcher(text).matches();
  }

  private static ImageException unknown(String what, String name, String file) {
    return new ImageException(
        ErrorKind.INVALID_REQUEST,
        what + " is " + ImageTree.shown(name) + ", wanted one of the image's " + file,
        null);
  }

  private static List<List<String>> lines(Path tree, String path, int fields) {
    return content(tree, path)
        .lines()
        .map(line -> List.of(line.split(":", -1)))
        .filter(line -> line.size() >= fields)
        .toList();
  }

  private static String content(Path tree, String path) {
    try {
      Optional<Path> file = new ImageTree(tree).file(path);
      if (file.isEmpty()) {
        return "";
      }
      try (var in = Files.newInputStream(file.get())) {
        return new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
      }
    } catch (IOException e) {
      throw new ImageException(ErrorKind.INTERNAL, "the image's " + path + " cannot be read", e);
    }
  }
}
