package dev.ccbridge.stager.recipe;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** URLs as the originals put them together. */
final class Urls {
  private static final String PATH_CHARACTERS =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~$&+,/:;=@";

  private Urls() {}

  /** Each component after exactly one slash; empty ones are skipped. Source: gunk/urljoiner. */
  static String join(String base, String... components) {
    var joined = new StringBuilder(base);
    for (var component : components) {
      if (component.isEmpty()) {
        continue;
      }
      while (joined.length() > 0 && joined.charAt(joined.length() - 1) == '/') {
        joined.setLength(joined.length() - 1);
      }
      joined.append('/').append(component.startsWith("/") ? component.substring(1) : component);
    }
    return joined.toString();
  }

  /** Escaped as a value of a form. Source: Go's url.QueryEscape. */
  static String formEscape(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("*", "%2A").replace("%7E", "~");
  }

  /** Escaped as part of a path; slashes stay. Source: Go's url.URL.EscapedPath. */
  static String pathEscape(String path) {
    var escaped = new StringBuilder();
    for (var each : path.getBytes(StandardCharsets.UTF_8)) {
      var character = (char) (each & 0xff);
      if (PATH_CHARACTERS.indexOf(character) >= 0) {
        escaped.append(character);
      } else {
        escaped.append(String.format("%%%02X", each & 0xff));
      }
    }
    return escaped.toString();
  }

  /** Scheme in lower case, empty when there is none. */
  static String scheme(String url) {
    var colon = url.indexOf(':');
    var scheme = colon < 0 ? "" : url.substring(0, colon);
    return scheme.matches("[A-Za-z][A-Za-z0-9+.-]*") ? scheme.toLowerCase(Locale.ROOT) : "";
  }

  static boolean isHttp(String url) {
    return List.of("http", "https").contains(scheme(url));
  }

  /** An absolute URL or an absolute path. Source: Go's url.ParseRequestURI. */
  static boolean isRequestUri(String url) {
    if (url.startsWith("/")) {
      return true;
    }
    try {
      return new URI(url).isAbsolute();
    } catch (URISyntaxException noUri) {
      return false;
    }
  }
}
