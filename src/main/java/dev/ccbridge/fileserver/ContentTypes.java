package dev.ccbridge.fileserver;

import java.net.URLConnection;
import java.util.Locale;
import java.util.Map;

/** Content types by a file name's extension; the same on every machine. */
final class ContentTypes {
  private static final Map<String, String> BY_EXTENSION =
      Map.ofEntries(
          Map.entry("css", "text/css; charset=utf-8"),
          Map.entry("gz", "application/gzip"),
          Map.entry("htm", "text/html; charset=utf-8"),
          Map.entry("html", "text/html; charset=utf-8"),
          Map.entry("js", "text/javascript; charset=utf-8"),
          Map.entry("json", "application/json"),
          Map.entry("svg", "image/svg+xml"),
          Map.entry("tgz", "application/gzip"),
          Map.entry("txt", "text/plain; charset=utf-8"),
          Map.entry("xml", "text/xml; charset=utf-8"),
          Map.entry("yml", "application/yaml"));

  private ContentTypes() {}

  static String of(String fileName) {
    var dot = fileName.lastIndexOf('.');
    var extension = dot < 0 ? "" : fileName.substring(dot + 1).toLowerCase(Locale.ROOT);
    var known = BY_EXTENSION.get(extension);
    if (known != null) {
      return known;
    }
    // The JDK's own table.
    var guessed = URLConnection.guessContentTypeFromName(fileName);
    return guessed == null ? "application/octet-stream" : guessed;
  }
}
