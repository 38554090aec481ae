package dev.ccbridge.lifecycle;

import java.util.regex.Pattern;

/**
 * The URL of a custom buildpack, taken apart as far as the builder needs it. Git takes URLs that
 * are not strict URIs, so this is looser than {@link java.net.URI}.
 *
 * @param address the URL without its fragment
 * @param fragment branch or tag to clone; empty: the default branch
 */
record BuildpackUrl(String address, String fragment) {
  private static final Pattern SCHEME = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*:.*");
  private static final Pattern CREDENTIALS = Pattern.compile("//[^/\\s]*@");
  private static final Pattern QUERY = Pattern.compile("(://[^?\\s]*\\?)[^#\\s`]*");

  /** Whether an entry of the buildpack order is a URL rather than the key of an installed one. */
  static boolean isUrl(String entry) {
    return SCHEME.matcher(entry).matches();
  }

  static BuildpackUrl parse(String entry) {
    var hash = entry.indexOf('#');
    return hash < 0
        ? new BuildpackUrl(entry, "")
        : new BuildpackUrl(entry.substring(0, hash), entry.substring(hash + 1));
  }

  boolean isZip() {
    var query = address.indexOf('?');
    return (query < 0 ? address : address.substring(0, query)).endsWith(".zip");
  }

  /** {@code text} fit for a log: without the credentials and the query that a URL may hold. */
  static String masked(String text) {
    return QUERY.matcher(CREDENTIALS.matcher(text).replaceAll("//***@")).replaceAll("$1***");
  }

  @Override
  public String toString() {
    return masked(address);
  }
}
