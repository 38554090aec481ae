package dev.ccbridge.stager.recipe;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** URLs as the originals put them together. */
final class Urls {
  private Urls() {}

  /**
   * Each component after a slash, of two at a seam one goes; empty ones are skipped. Source:
   * gunk/urljoiner.
   */
  static String join(String base, String... components) {
    var joined = base;
    for (var component : components) {
      if (component.isEmpty()) {
        continue;
      }
      var ends = joined.endsWith("/");
      var begins = component.startsWith("/");
      joined +=
          ends && begins ? component.substring(1) : ends || begins ? component : "/" + component;
    }
    return joined;
  }

  /** Escaped as a value of a form. Source: Go's url.QueryEscape. */
  static String formEscape(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("*", "%2A").replace("%7E", "~");
  }
}
