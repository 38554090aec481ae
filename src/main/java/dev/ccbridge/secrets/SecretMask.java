package dev.ccbridge.secrets;

import dev.ccbridge.api.EnvironmentVariable;
import dev.ccbridge.receptor.model.Action;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes secrets out of what a task or an LRP says: the values of variables that come from a Secret,
 * credentials and signatures of the URLs that it works with, and those of a docker registry, as the
 * action itself holds them, since those are what it can have printed; and credentials in any URL.
 * Immutable.
 */
public final class SecretMask {
  private static final String MASK = "***";
  private static final int MIN_LENGTH = 3;

  /** What is shorter is no signature but a flag, and a password by itself too common a word. */
  private static final int MIN_SIGNATURE = 8;

  private static final int MIN_PASSWORD = 3;
  private static final Set<String> DOCKER_CREDENTIALS =
      Set.of("-dockerUser", "-dockerPassword", "-dockerEmail");
  private static final Pattern URI_PARTS =
      Pattern.compile(
          "[\\w+.-]+://((?<user>[^/?#]*)@)?[^?]*(\\?(?<query>[^#]*).*)?", Pattern.DOTALL);
  private final List<String> secrets;
  private final boolean blind;

  private SecretMask(List<String> secrets, boolean blind) {
    this.secrets = secrets;
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
    return new SecretMask(longestFirst(values), !names.isEmpty() && action == null);
  }

  /** What may be shown of a URI: not its user info, query and fragment. */
  public static String withoutCredentials(String uri) {
    return uri.replaceFirst("(?<=://)[^/?#]*@", MASK + "@").replaceFirst("[?#].*", "?" + MASK);
  }

  /** Hides everything: there are secrets, and what they are is not known any more. */
  public static SecretMask blind() {
    return new SecretMask(List.of(), true);
  }

  /** This mask, which also hides {@code uri}: as a whole, its credentials, its parameters. */
  public SecretMask andUri(String uri) {
    var values = new LinkedHashSet<>(secrets);
    values.add(uri);
    collectUri(uri, values);
    return new SecretMask(longestFirst(values), blind);
  }

  /** {@code text} without secrets; empty when there are secrets and their values are not known. */
  public String apply(String text) {
    if (blind) {
      return "";
    }
    var masked = text;
    for (var secret : secrets) {
      masked = masked.replace(secret, MASK);
    }
    return masked
        .replaceAll("(?<=://)[^/@\\s]+@", MASK + "@")
        .replaceAll("(?<=[?&](token|signature)=)[^&\\s\"']+", MASK);
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
              .forEach(variable -> values.add(variable.value()));
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
        values.add(arguments.get(i + 1));
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
      collectBothForms(parts.group("user"), values);
      var password = parts.group("user").replaceFirst("^[^:]*:?", "");
      if (password.length() >= MIN_PASSWORD) {
        collectBothForms(password, values);
      }
    }
    for (var parameter : (parts.group("query") == null ? "" : parts.group("query")).split("&")) {
      var value = parameter.replaceFirst("^[^=]*=?", "");
      if (decoded(value).contains("://")) {
        collectUri(decoded(value), values);
      } else if (value.length() >= MIN_SIGNATURE) {
        collectBothForms(value, values);
      }
    }
  }

  private static void collectBothForms(String encoded, Set<String> values) {
    values.add(encoded);
    values.add(decoded(encoded));
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException notEncoded) {
      return text;
    }
  }

  /**
   * A value of several lines is printed line by line, so each line counts too. Where every variable
   * comes from a Secret many are a digit or two; those hide nothing, and would make any message
   * unreadable.
   */
  private static List<String> longestFirst(Set<String> values) {
    var all = new LinkedHashSet<String>();
    for (var value : values) {
      if (value.strip().length() >= MIN_LENGTH) {
        all.add(value.strip());
      }
      value
          .lines()
          .map(String::strip)
          .filter(line -> line.length() >= MIN_LENGTH)
          .forEach(all::add);
    }
    var sorted = new ArrayList<>(all);
    sorted.sort(Comparator.comparingInt(String::length).reversed());
    return List.copyOf(sorted);
  }
}
