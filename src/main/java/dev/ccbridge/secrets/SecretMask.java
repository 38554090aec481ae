package dev.ccbridge.secrets;

import dev.ccbridge.api.EnvironmentVariable;
import dev.ccbridge.receptor.model.Action;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Takes secrets out of what a task or an LRP says: the values of variables that come from a Secret,
 * credentials and parameters of the URLs that it works with, and those of a docker registry, as the
 * action itself holds them, since those are what it can have printed; and credentials in any URL.
 *
 * <p>A secret in its context is always hidden: {@code NAME=value}, {@code user:password}, {@code
 * parameter=value}, a whole URI. By itself it is hidden wherever it is found when it is long, as a
 * word when it is short, and not when it is so short that any text has it: where every variable
 * comes from a Secret many are a digit or two. Immutable.
 */
public final class SecretMask {
  private static final String MASK = "***";

  /** What is shorter is hidden only in its context. */
  private static final int MIN_WORD = 3;

  /** What is shorter may be part of a common word; a parameter's value, a flag. */
  private static final int MIN_ANYWHERE = 8;

  private static final String NO_WORD_BEFORE = "(?<![\\p{L}\\p{N}])";
  private static final String NO_WORD_AFTER = "(?![\\p{L}\\p{N}])";

  /** Up to the last {@code @}: a password may hold one. */
  private static final Pattern USER_INFO = Pattern.compile("(?<=://)[^/?#\\s]*@");

  private static final Pattern SIGNATURE =
      Pattern.compile(
          "(?<=[?&])([\\w.-]*(?:token|signature|sig|password|secret|credential)=)[^&\\s\"']+",
          Pattern.CASE_INSENSITIVE);
  private static final Set<String> DOCKER_CREDENTIALS =
      Set.of("-dockerUser", "-dockerPassword", "-dockerEmail");
  private static final Pattern URI_PARTS =
      Pattern.compile(
          "[\\w+.-]+://((?<user>[^/?#]*)@)?[^?]*(\\?(?<query>[^#]*).*)?", Pattern.DOTALL);
  private final Set<String> secrets;
  private final List<Pattern> patterns;
  private final boolean blind;

  private SecretMask(Set<String> secrets, boolean blind) {
    this.secrets = Set.copyOf(secrets);
    this.patterns = longestFirst(secrets);
    this.blind = blind;
  }

  /** Whether anything of the environment is secret; if not, {@link #of} needs no action. */
  public static boolean isNeeded(@Nullable List<EnvironmentVariable> environment) {
    return !secretNames(environment).isEmpty();
  }

  /**
   * @param environment says which variables come from Secrets
   * @param action what ran with them; null: it is not known any more
   */
  public static SecretMask of(
      @Nullable List<EnvironmentVariable> environment, @Nullable Action action) {
    var names = secretNames(environment);
    var values = new LinkedHashSet<String>();
    collect(action, names, values);
    return new SecretMask(values, !names.isEmpty() && action == null);
  }

  /** What may be shown of a URI: not its user info, query and fragment. */
  public static String withoutCredentials(String uri) {
    return uri.replaceFirst("(?<=://)[^/?#]*@", MASK + "@").replaceFirst("[?#].*", "?" + MASK);
  }

  /** Hides everything: there are secrets, and what they are is not known any more. */
  public static SecretMask blind() {
    return new SecretMask(Set.of(), true);
  }

  /** This mask, which also hides {@code uri}: as a whole, its credentials, its parameters. */
  public SecretMask andUri(String uri) {
    var values = new LinkedHashSet<>(secrets);
    values.add(uri);
    collectUri(uri, values);
    return new SecretMask(values, blind);
  }

  /** {@code text} without secrets; empty when there are secrets and their values are not known. */
  public String apply(String text) {
    if (blind) {
      return "";
    }
    var masked = text;
    for (var pattern : patterns) {
      masked = pattern.matcher(masked).replaceAll(MASK);
    }
    masked = USER_INFO.matcher(masked).replaceAll(MASK + "@");
    return SIGNATURE.matcher(masked).replaceAll("$1" + MASK);
  }

  private static Set<String> secretNames(@Nullable List<EnvironmentVariable> environment) {
    return environment == null
        ? Set.of()
        : environment.stream()
            .filter(variable -> variable.valueFrom() != null)
            .map(EnvironmentVariable::name)
            .collect(Collectors.toSet());
  }

  private static void collect(@Nullable Action action, Set<String> names, Set<String> values) {
    for (var leaf : Action.leaves(action)) {
      switch (leaf) {
        case Action.Run run -> {
          run.env().stream()
              .filter(variable -> names.contains(variable.name()))
              .forEach(variable -> collectValue(variable.name(), variable.value(), values));
          collectArguments(run.args(), values);
        }
        case Action.Download download -> collectUri(download.from(), values);
        case Action.Upload upload -> collectUri(upload.to(), values);
      }
    }
  }

  private static void collectArguments(List<String> arguments, Set<String> values) {
    for (var i = 0; i < arguments.size(); i++) {
      if (DOCKER_CREDENTIALS.contains(arguments.get(i)) && i + 1 < arguments.size()) {
        values.add(arguments.get(i) + " " + arguments.get(i + 1));
        hide(arguments.get(i + 1), values);
      }
      for (var word : arguments.get(i).split("[=,](?=\\w+://)")) {
        collectUri(word, values);
      }
    }
  }

  /** A URI may hold another one in its query: where an upload ends up. */
  private static void collectUri(String uri, Set<String> values) {
    var parts = URI_PARTS.matcher(uri);
    if (!parts.matches()) {
      return;
    }
    if (parts.group("user") != null) {
      collectUser(parts.group("user"), values);
    }
    for (var parameter : (parts.group("query") == null ? "" : parts.group("query")).split("&")) {
      var value = parameter.replaceFirst("^[^=]*=?", "");
      if (decoded(value).contains("://")) {
        collectUri(decoded(value), values);
      } else if (!value.isEmpty()) {
        values.add(parameter);
        values.add(decoded(parameter));
        hideIfLong(value, values);
        hideIfLong(decoded(value), values);
      }
    }
  }

  /** As it stands in the URI, as it is meant, and as a header has it. */
  private static void collectUser(String user, Set<String> values) {
    var meant = decoded(user.replace("+", "%2B"));
    values.add(user);
    values.add(meant);
    values.add(Base64.getEncoder().encodeToString(meant.getBytes(StandardCharsets.UTF_8)));
    hide(user.replaceFirst("^[^:]*:?", ""), values);
    hide(meant.replaceFirst("^[^:]*:?", ""), values);
  }

  private static void collectValue(String name, String value, Set<String> values) {
    if (!value.isEmpty()) {
      values.add(name + "=" + value);
      hide(value, values);
    }
  }

  /** A value of several lines is printed line by line, so each line counts too. */
  private static void hide(String value, Set<String> values) {
    Stream.concat(Stream.of(value), value.lines())
        .map(String::strip)
        .filter(text -> text.length() >= MIN_WORD)
        .forEach(values::add);
  }

  private static void hideIfLong(String value, Set<String> values) {
    if (value.length() >= MIN_ANYWHERE) {
      values.add(value);
    }
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException notEncoded) {
      return text;
    }
  }

  private static List<Pattern> longestFirst(Set<String> secrets) {
    return secrets.stream()
        .filter(secret -> !secret.isBlank())
        .sorted(Comparator.comparingInt(String::length).reversed())
        .map(SecretMask::pattern)
        .toList();
  }

  private static Pattern pattern(String secret) {
    var quoted = Pattern.quote(secret);
    return Pattern.compile(
        secret.length() >= MIN_ANYWHERE ? quoted : NO_WORD_BEFORE + quoted + NO_WORD_AFTER);
  }
}
