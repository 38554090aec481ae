package dev.ccbridge.receptor.model;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A URL as Go's net/url reads and writes it, which the originals do to most of the addresses they
 * hand on. {@link java.net.URI} is stricter, and would refuse root file systems, callbacks and
 * downloads that they accept. Source: Go's net/url/url.go; zones of IPv6 addresses are not looked
 * at.
 *
 * @param scheme in lower case; empty: none
 * @param opaque what follows the scheme when that is no path
 * @param userInfo null: none; escaped as it is written
 * @param host with its port; escaped as it is written
 * @param hidesHost whether no {@code //} stood where a host could
 * @param path escaped as it is written
 * @param query null: none; as it was given
 * @param fragment empty: none; escaped as it is written
 */
public record GoUrl(
    String scheme,
    String opaque,
    @Nullable String userInfo,
    String host,
    boolean hidesHost,
    String path,
    @Nullable String query,
    String fragment) {
  private static final String UNRESERVED = "-_.~";
  private static final IntPredicate PATH = allowed(UNRESERVED + "$&+,/:;=@");

  /** Left as they are in what came so, but escaped in what was put together. */
  private static final IntPredicate GIVEN = allowed("!'()*[]%");

  private static final IntPredicate USER = allowed(UNRESERVED + "$&+,;=");
  private static final IntPredicate GIVEN_USER = allowed(UNRESERVED + ":!$&'()*+,;=%@");
  private static final IntPredicate HOST = allowed(UNRESERVED + "!$&'()*+,;=:[]<>\"");
  private static final IntPredicate FRAGMENT = allowed(UNRESERVED + "$&+,/:;=?@!()*");

  /** What {@code url.Parse} makes of it; empty: an error. */
  public static Optional<GoUrl> parse(String text) {
    var hash = text.indexOf('#');
    var parsed = parse(hash < 0 ? text : text.substring(0, hash), false);
    if (hash < 0 || parsed.isEmpty()) {
      return parsed;
    }
    return given(text.substring(hash + 1), FRAGMENT).map(parsed.get()::withFragment);
  }

  /**
   * What {@code url.ParseRequestURI} makes of it: a scheme or an absolute path; empty: an error.
   */
  public static Optional<GoUrl> parseRequestUri(String text) {
    return text.isEmpty() ? Optional.empty() : parse(text, true);
  }

  /** {@code scheme://path#fragment}, put together of parts that are not escaped. */
  public static GoUrl of(String scheme, String path, String fragment) {
    return new GoUrl(
        scheme,
        "",
        null,
        "",
        false,
        escaped(bytes(path), PATH),
        null,
        escaped(bytes(fragment), FRAGMENT));
  }

  public GoUrl withQuery(String query) {
    return new GoUrl(scheme, opaque, userInfo, host, hidesHost, path, query, fragment);
  }

  private GoUrl withFragment(String fragment) {
    return new GoUrl(scheme, opaque, userInfo, host, hidesHost, path, query, fragment);
  }

  /** {@code url.Parse} succeeds and there is a scheme. */
  static boolean hasScheme(String text) {
    return parse(text).filter(url -> !url.scheme.isEmpty()).isPresent();
  }

  private static Optional<GoUrl> parse(String text, boolean request) {
    if (text.chars().anyMatch(c -> c < 0x20 || c == 0x7f)) {
      return Optional.empty();
    }
    if (text.equals("*")) {
      return Optional.of(new GoUrl("", "", null, "", false, "*", null, ""));
    }
    var colon = colonOfScheme(text);
    if (colon == 0) {
      return Optional.empty();
    }
    var scheme = colon < 0 ? "" : text.substring(0, colon).toLowerCase(Locale.ROOT);
    var rest = text.substring(colon + 1);
    var mark = rest.indexOf('?');
    var query = mark < 0 ? null : rest.substring(mark + 1);
    return withoutQuery(scheme, mark < 0 ? rest : rest.substring(0, mark), query, request);
  }

  private static Optional<GoUrl> withoutQuery(
      String scheme, String rest, @Nullable String query, boolean request) {
    if (!rest.startsWith("/")) {
      if (!scheme.isEmpty()) {
        return Optional.of(new GoUrl(scheme, rest, null, "", false, "", query, ""));
      }
      if (request || rest.split("/", 2)[0].contains(":")) {
        return Optional.empty();
      }
    }
    var named = !scheme.isEmpty();
    if (!rest.startsWith("//") || !named && (request || rest.startsWith("///"))) {
      var hides = named && rest.startsWith("/");
      return given(rest, PATH).map(p -> new GoUrl(scheme, "", null, "", hides, p, query, ""));
    }
    var slash = rest.indexOf('/', 2);
    var authority = slash < 0 ? rest.substring(2) : rest.substring(2, slash);
    var at = authority.lastIndexOf('@');
    var host = host(authority.substring(at + 1));
    var user = at < 0 ? Optional.<String>empty() : userInfo(authority.substring(0, at));
    var path = given(slash < 0 ? "" : rest.substring(slash), PATH);
    return host.isEmpty() || path.isEmpty() || at >= 0 && user.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new GoUrl(scheme, "", user.orElse(null), host.get(), false, path.get(), query, ""));
  }

  /** Of the colon after a scheme; -1: there is none; 0: one without a scheme. */
  private static int colonOfScheme(String text) {
    for (var i = 0; i < text.length(); i++) {
      var c = text.charAt(i);
      if (c == ':') {
        return i;
      }
      if (!isLetter(c) && (i == 0 || !isDigit(c) && "+-.".indexOf(c) < 0)) {
        return -1;
      }
    }
    return -1;
  }

  private static Optional<String> host(String text) {
    var bracket = text.startsWith("[") ? text.lastIndexOf(']') : -1;
    var colon = text.startsWith("[") ? bracket + 1 : text.indexOf(':');
    if (text.startsWith("[") && bracket < 0
        || text.lastIndexOf('[') > 0
        || colon >= 0 && !text.substring(colon).matches("(:[0-9]*)?")) {
      return Optional.empty();
    }
    var bytes = bytes(text);
    for (var i = 0; i < bytes.length(); i++) {
      var c = bytes.charAt(i);
      // Only what is not ASCII may be escaped, and what needs it must be.
      var escape = c == '%' && isEscape(bytes, i);
      if (escape ? isAsciiEscape(bytes, i) : c == '%' || c < 0x80 && !HOST.test(c)) {
        return Optional.empty();
      }
    }
    return unescaped(bytes).map(plain -> escaped(plain, HOST));
  }

  private static boolean isAsciiEscape(String bytes, int at) {
    return HexFormat.fromHexDigit(bytes.charAt(at + 1)) < 8 && !bytes.startsWith("%25", at);
  }

  private static Optional<String> userInfo(String text) {
    var bytes = bytes(text);
    if (!bytes.chars().allMatch(GIVEN_USER)) {
      return Optional.empty();
    }
    var colon = bytes.indexOf(':');
    var name = unescaped(colon < 0 ? bytes : bytes.substring(0, colon));
    var password = unescaped(colon < 0 ? "" : bytes.substring(colon + 1));
    return name.isEmpty() || password.isEmpty()
        ? Optional.empty()
        : Optional.of(
            escaped(name.get(), USER) + (colon < 0 ? "" : ":" + escaped(password.get(), USER)));
  }

  /** As it came, where that is a valid way of writing it. */
  private static Optional<String> given(String text, IntPredicate stays) {
    var bytes = bytes(text);
    return unescaped(bytes)
        .map(plain -> bytes.chars().allMatch(stays.or(GIVEN)) ? text : escaped(plain, stays));
  }

  @Override
  public String toString() {
    var text = new StringBuilder();
    if (!scheme.isEmpty()) {
      text.append(scheme).append(':');
    }
    if (!opaque.isEmpty()) {
      text.append(opaque);
    } else {
      appendHierarchy(text);
    }
    if (query != null) {
      text.append('?').append(query);
    }
    if (!fragment.isEmpty()) {
      text.append('#').append(fragment);
    }
    return text.toString();
  }

  private void appendHierarchy(StringBuilder text) {
    var hasHost = !host.isEmpty() || userInfo != null;
    if (hasHost || !scheme.isEmpty() && !hidesHost && !path.isEmpty()) {
      text.append("//");
    }
    if (userInfo != null) {
      text.append(userInfo).append('@');
    }
    text.append(host);
    if (!host.isEmpty() && !path.isEmpty() && !path.startsWith("/")) {
      text.append('/');
    }
    if (text.isEmpty() && path.split("/", 2)[0].contains(":")) {
      text.append("./");
    }
    text.append(path);
  }

  // Texts are taken as their bytes, one in each character, as Go does.

  private static String bytes(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  private static String escaped(String bytes, IntPredicate stays) {
    var escaped = new StringBuilder();
    for (var c : bytes.toCharArray()) {
      if (stays.test(c)) {
        escaped.append(c);
      } else {
        escaped.append(String.format("%%%02X", (int) c));
      }
    }
    return escaped.toString();
  }

  private static Optional<String> unescaped(String bytes) {
    var plain = new StringBuilder();
    for (var i = 0; i < bytes.length(); i++) {
      if (bytes.charAt(i) != '%') {
        plain.append(bytes.charAt(i));
        continue;
      }
      if (!isEscape(bytes, i)) {
        return Optional.empty();
      }
      plain.append((char) HexFormat.fromHexDigits(bytes, i + 1, i + 3));
      i += 2;
    }
    return Optional.of(plain.toString());
  }

  private static boolean isEscape(String bytes, int at) {
    return at + 2 < bytes.length()
        && HexFormat.isHexDigit(bytes.charAt(at + 1))
        && HexFormat.isHexDigit(bytes.charAt(at + 2));
  }

  private static IntPredicate allowed(String others) {
    return c -> isLetter(c) || isDigit(c) || others.indexOf(c) >= 0;
  }

  private static boolean isLetter(int c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }
}
