package dev.ccbridge.receptor.model;

import java.util.regex.Pattern;

/**
 * What Go's net/url takes for a URL, as far as validation asks; java.net.URI is stricter and would
 * refuse root file systems and callbacks that a Receptor accepts.
 */
final class GoUrl {
  private static final Pattern SCHEME = Pattern.compile("(?s)[a-zA-Z][a-zA-Z0-9+.-]*:.*");
  private static final Pattern BAD_ESCAPE = Pattern.compile("%(?![0-9a-fA-F]{2})");

  private GoUrl() {}

  /** {@code url.Parse} succeeds and there is a scheme. */
  static boolean hasScheme(String text) {
    return SCHEME.matcher(text).matches() && isWellFormed(text);
  }

  /** {@code url.ParseRequestURI} succeeds: a scheme, or an absolute path. */
  static boolean isRequestUri(String text) {
    return text.startsWith("/") ? isWellFormed(text) : hasScheme(text);
  }

  private static boolean isWellFormed(String text) {
    var query = text.indexOf('?');
    var path = query < 0 ? text : text.substring(0, query);
    return text.chars().noneMatch(c -> c < 0x20 || c == 0x7f) && !BAD_ESCAPE.matcher(path).find();
  }
}
