package dev.ccbridge.secrets;

import dev.ccbridge.api.EnvironmentVariable;
import dev.ccbridge.receptor.model.Action;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes secrets out of what a task or an LRP says: the values of variables that come from a Secret,
 * as the action itself holds them, since those are what it can have printed, and credentials in
 * URLs. Immutable.
 */
public final class SecretMask {
  private static final String MASK = "***";
  private static final int MIN_LENGTH = 3;
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
    if (names.isEmpty()) {
      return new SecretMask(List.of(), false);
    }
    var values = new LinkedHashSet<String>();
    collect(action, names, values);
    return new SecretMask(longestFirst(values), action == null);
  }

  /** Hides everything: there are secrets, and what they are is not known any more. */
  public static SecretMask blind() {
    return new SecretMask(List.of(), true);
  }

  /** This mask, which also hides {@code uri}: as a whole, its credentials, its parameters. */
  public SecretMask andUri(String uri) {
    var values = new LinkedHashSet<>(secrets);
    values.add(uri);
    var query = uri.replaceFirst("#.*", "").split("\\?", 2);
    var authority = query[0].replaceFirst("^[^/]*//", "").replaceFirst("/.*", "");
    var at = authority.lastIndexOf('@');
    if (at >= 0) {
      var credentials = authority.substring(0, at);
      values.add(credentials);
      values.add(credentials.substring(credentials.indexOf(':') + 1));
    }
    if (query.length == 2) {
      values.add(query[1]);
      for (var parameter : query[1].split("&")) {
        values.add(parameter.substring(parameter.indexOf('=') + 1));
      }
    }
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
    switch (action) {
      case null -> {}
      case Action.Run run ->
          run.env().stream()
              .filter(variable -> names.contains(variable.name()))
              .forEach(variable -> values.add(variable.value()));
      case Action.Download none -> {}
      case Action.Upload none -> {}
      case Action.Timeout timeout -> collect(timeout.action(), names, values);
      case Action.EmitProgress progress -> collect(progress.action(), names, values);
      case Action.Try tolerant -> collect(tolerant.action(), names, values);
      case Action.Parallel parallel -> parallel.actions().forEach(a -> collect(a, names, values));
      case Action.Serial serial -> serial.actions().forEach(a -> collect(a, names, values));
      case Action.Codependent both -> both.actions().forEach(a -> collect(a, names, values));
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
