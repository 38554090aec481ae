package dev.ccbridge.fileserver;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * The name of a blob: segments of letters, digits, dot, underscore and dash, divided by slashes,
 * such as {@code droplets/4f1c/droplet.tgz}. No segment is {@code .} or {@code ..}.
 *
 * <p>On disk the segments are directories and the last one is a file with a suffix that no segment
 * can have, so that {@code a} and {@code a/b} can both exist.
 */
record BlobKey(String text) {
  private static final int MAX_LENGTH = 512;
  private static final int MAX_SEGMENTS = 16;
  private static final int MAX_SEGMENT_LENGTH = 200;
  private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9._-]+");
  private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._/-]*");
  private static final String SUFFIX = "~blob";

  /**
   * @throws CcBridgeException INVALID_REQUEST when {@code text} is no such name
   */
  BlobKey {
    if (text.length() > MAX_LENGTH) {
      throw invalid("has " + text.length() + " characters, wanted at most " + MAX_LENGTH);
    }
    var segments = text.split("/", -1);
    if (segments.length > MAX_SEGMENTS) {
      throw invalid("has " + segments.length + " segments, wanted at most " + MAX_SEGMENTS);
    }
    for (var segment : segments) {
      check(segment);
    }
  }

  private static void check(String segment) {
    if (!SEGMENT.matcher(segment).matches() || segment.equals(".") || segment.equals("..")) {
      throw invalid("segment '" + segment + "', wanted letters, digits, '.', '_' or '-'");
    }
    if (segment.length() > MAX_SEGMENT_LENGTH) {
      throw invalid(
          "has a segment of "
              + segment.length()
              + " characters, wanted at most "
              + MAX_SEGMENT_LENGTH);
    }
  }

  /** The file of this blob below {@code root}. */
  Path file(Path root) {
    return root.resolve(text + SUFFIX);
  }

  static boolean isBlob(Path file) {
    return file.getFileName().toString().endsWith(SUFFIX);
  }

  /** The reverse of {@link #file}. */
  static BlobKey ofFile(Path root, Path file) {
    var name = root.relativize(file).toString();
    return new BlobKey(name.substring(0, name.length() - SUFFIX.length()));
  }

  /**
   * The deepest directory that holds every blob whose key begins with {@code prefix}.
   *
   * @throws CcBridgeException INVALID_REQUEST when no key can begin so
   */
  static Path directory(Path root, String prefix) {
    var slash = prefix.lastIndexOf('/');
    if (!PREFIX.matcher(prefix).matches()) {
      throw invalid("prefix '" + prefix + "', wanted the beginning of a key");
    }
    return slash < 0 ? root : root.resolve(new BlobKey(prefix.substring(0, slash)).text);
  }

  private static CcBridgeException invalid(String what) {
    return new CcBridgeException(ErrorKind.INVALID_REQUEST, "blob key: " + what);
  }
}
