package dev.ccbridge.registry;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What a registry wants to see before it answers: one {@code WWW-Authenticate} header.
 *
 * @param scheme in lower case
 * @param parameters by name in lower case
 */
record Challenge(String scheme, Map<String, String> parameters) {
  private static final Pattern PARAMETER =
      Pattern.compile("([A-Za-z0-9_-]+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,\"]+))");

  Challenge {
    parameters = Map.copyOf(parameters);
  }

  static Challenge parse(String header) {
    var trimmed = header.strip();
    var space = trimmed.indexOf(' ');
    var scheme = space < 0 ? trimmed : trimmed.substring(0, space);
    var parameters = new TreeMap<String, String>();
    var matcher = PARAMETER.matcher(space < 0 ? "" : trimmed.substring(space));
    while (matcher.find()) {
      var quoted =
          Optional.ofNullable(matcher.group(2)).map(text -> text.replaceAll("\\\\(.)", "$1"));
      parameters.put(
          matcher.group(1).toLowerCase(Locale.ROOT), quoted.orElseGet(() -> matcher.group(3)));
    }
    return new Challenge(scheme.toLowerCase(Locale.ROOT), parameters);
  }

  boolean isBasic() {
    return scheme.equals("basic");
  }

  boolean isBearer() {
    return scheme.equals("bearer");
  }

  String parameter(String name) {
    return parameters.getOrDefault(name, "");
  }
}
