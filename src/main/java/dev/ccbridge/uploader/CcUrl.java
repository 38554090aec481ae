package dev.ccbridge.uploader;

import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A URL as CC hands it out, read as leniently as Go's net/url does: characters that Java's {@link
 * URI} refuses are percent-encoded on the way out. The texts are as they came, without the user
 * info's {@code @}; {@code host} with its port. {@link #toString} hides everything but the host.
 */
record CcUrl(
    String scheme, Optional<String> userInfo, String host, String path, Optional<String> query) {
  private static final Pattern SCHEME = Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]*):(.*)");
  private static final Pattern BAD_ESCAPE = Pattern.compile("%(?![0-9a-fA-F]{2})");
  private static final Pattern HOST =
      Pattern.compile("(\\[[^\\]]*\\]|[^\\[\\]:\\s<>\"]*)(:[0-9]*)?");
  private static final int MAX_PORT = 65_535;
  private static final String LEGAL = "-._~!$&'()*+,;=:@/%";
  private static final Comparator<String> BY_BYTES =
      (a, b) ->
          Arrays.compareUnsigned(
              a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

  /**
   * @throws IllegalArgumentException with a reason that holds nothing of the URL
   */
  static CcUrl parse(String text) {
    if (text.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
      throw new IllegalArgumentException("invalid control character in URL");
    }
    if (text.startsWith(":")) {
      throw new IllegalArgumentException("missing protocol scheme");
    }
    var withoutFragment = before(text, '#');
    var scheme = SCHEME.matcher(withoutFragment);
    return scheme.matches() ? parse(scheme.group(1), scheme.group(2)) : parse("", withoutFragment);
  }

  private static CcUrl parse(String scheme, String rest) {
    var hierarchy = before(rest, '?');
    var query =
        hierarchy.length() < rest.length()
            ? Optional.of(rest.substring(hierarchy.length() + 1))
            : Optional.<String>empty();
    if (BAD_ESCAPE.matcher(hierarchy).find()) {
      throw new IllegalArgumentException("invalid URL escape");
    }
    if (!hierarchy.startsWith("//")) {
      return new CcUrl(scheme, Optional.empty(), "", hierarchy, query);
    }
    var authority = before(hierarchy.substring(2), '/');
    var path = hierarchy.substring(2 + authority.length());
    var at = authority.lastIndexOf('@');
    var host = authority.substring(at + 1);
    if (!HOST.matcher(host).matches()) {
      throw new IllegalArgumentException("invalid host or port");
    }
    var userInfo = at < 0 ? Optional.<String>empty() : Optional.of(authority.substring(0, at));
    return new CcUrl(scheme, userInfo, host, path, query);
  }

  /**
   * With {@code async=true}, the query sorted by name and encoded anew. Source: Go's
   * url.Values.Encode; like the Go of 2015, {@code ;} separates too and pairs that cannot be
   * decoded are dropped.
   */
  CcUrl async() {
    var values = new TreeMap<String, List<String>>(BY_BYTES);
    for (var pair : query.orElse("").split("[&;]")) {
      if (!pair.isEmpty() && !BAD_ESCAPE.matcher(pair).find()) {
        var name = before(pair, '=');
        var value = name.length() < pair.length() ? pair.substring(name.length() + 1) : "";
        values.computeIfAbsent(decode(name), n -> new ArrayList<>()).add(decode(value));
      }
    }
    values.put("async", List.of("true"));
    var encoded = new ArrayList<String>();
    values.forEach(
        (name, all) -> all.forEach(value -> encoded.add(encode(name) + "=" + encode(value))));
    return new CcUrl(scheme, userInfo, host, path, Optional.of(String.join("&", encoded)));
  }

  /** Without a host: scheme and host, but not the credentials, of {@code base}. */
  CcUrl onHostOf(CcUrl base) {
    return host.isEmpty() ? new CcUrl(base.scheme, userInfo, base.host, path, query) : this;
  }

  /** The URL that {@code location}, a redirect's target, means here. Credentials stay on a host. */
  CcUrl redirectedTo(String location) {
    var target = parse(location);
    if (target.host.isEmpty()) {
      var resolved = parse(uri().resolve(target.escaped()).toString());
      return new CcUrl(scheme, userInfo, host, resolved.path, resolved.query);
    }
    var targetScheme = target.scheme.isEmpty() ? scheme : target.scheme;
    var stays = targetScheme.equals(scheme) && target.host.equals(host);
    var credentials = target.userInfo.or(() -> stays ? userInfo : Optional.empty());
    return new CcUrl(targetScheme, credentials, target.host, target.path, target.query);
  }

  /**
   * Without the user info.
   *
   * @throws IllegalArgumentException when HTTP cannot reach such a URL, with a reason that holds
   *     nothing but its scheme
   */
  URI uri() {
    if (!scheme.equalsIgnoreCase("http") && !scheme.equalsIgnoreCase("https")) {
      throw new IllegalArgumentException("unsupported protocol scheme \"" + scheme + "\"");
    }
    if (host.isEmpty()) {
      throw new IllegalArgumentException("no host in the URL");
    }
    try {
      var uri = URI.create(scheme + "://" + host + (path.startsWith("/") ? "" : "/") + escaped());
      if (uri.getHost() != null && uri.getPort() <= MAX_PORT) {
        return uri;
      }
    } catch (IllegalArgumentException quotesTheUrl) {
      throw new IllegalArgumentException("no usable host and port in the URL");
    }
    throw new IllegalArgumentException("no usable host and port in the URL");
  }

  private String escaped() {
    return escape(path, LEGAL) + query.map(q -> "?" + escape(q, LEGAL + "?")).orElse("");
  }

  /** The value of an Authorization header, from the user info. */
  Optional<String> basicAuthorization() {
    return userInfo.map(
        info -> {
          var name = before(info, ':');
          var password = name.length() < info.length() ? info.substring(name.length() + 1) : "";
          var credentials = decodePath(name) + ":" + decodePath(password);
          return "Basic "
              + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
        });
  }

  @Override
  public String toString() {
    return host;
  }

  private static String before(String text, char separator) {
    var at = text.indexOf(separator);
    return at < 0 ? text : text.substring(0, at);
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private static String decodePath(String text) {
    return decode(text.replace("+", "%2B"));
  }

  /** Java's form encoding differs from Go's in these two. */
  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("*", "%2A").replace("%7E", "~");
  }

  private static String escape(String text, String legal) {
    var escaped = new StringBuilder();
    for (byte b : BAD_ESCAPE.matcher(text).replaceAll("%25").getBytes(StandardCharsets.UTF_8)) {
      var c = (char) (b & 0xff);
      if (c < 0x80 && (Character.isLetterOrDigit(c) || legal.indexOf(c) >= 0)) {
        escaped.append(c);
      } else {
        escaped.append(String.format("%%%02X", (int) c));
      }
    }
    return escaped.toString();
  }
}
