package dev.ccbridge.fileserver;

import dev.ccbridge.web.Response;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;

/** A directory as HTML. Source: net/http fs.go, dirList(). */
final class DirectoryListing {
  private DirectoryListing() {}

  /**
   * @param children true for a directory
   */
  static Response of(SortedMap<String, Boolean> children) {
    var html = new StringBuilder("<pre>\n");
    children.forEach(
        (name, isDirectory) -> {
          var slash = isDirectory ? "/" : "";
          html.append("<a href=\"").append(encode(name)).append(slash).append("\">");
          html.append(escape(name)).append(slash).append("</a>\n");
        });
    html.append("</pre>\n");
    return Response.bytes(
        200, "text/html; charset=utf-8", html.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** As one segment of a URL path; also a colon, which could look like a scheme. */
  static String encode(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static String escape(String name) {
    return name.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&#34;")
        .replace("'", "&#39;");
  }
}
