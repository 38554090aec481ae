package dev.ccbridge.stager;

import dev.ccbridge.api.EnvironmentVariable;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.TaskResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes secrets out of a task's output: the values of variables that come from a Secret, as the
 * task itself holds them, and credentials in URLs. Immutable.
 */
final class SecretMask {
  private static final String MASK = "***";
  private static final int MIN_LINE = 6;
  private final List<String> secrets;
  private final boolean blind;

  private SecretMask(List<String> secrets, boolean blind) {
    this.secrets = secrets;
    this.blind = blind;
  }

  /** For what {@code task} printed. */
  static SecretMask of(StagingRequest request, TaskResponse task) {
    var names = secretNames(request);
    if (names.isEmpty()) {
      return new SecretMask(List.of(), false);
    }
    var values = new LinkedHashSet<String>();
    collect(task.action(), names, values);
    return new SecretMask(longestFirst(values), task.action() == null);
  }

  /**
   * {@code text} without secrets; empty when there are secrets and the task does not tell their
   * values.
   */
  String apply(String text) {
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

  private static Set<String> secretNames(StagingRequest request) {
    var environment = request.getSpec().environment();
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

  /** A value of several lines is printed line by line, so each line of some length counts too. */
  private static List<String> longestFirst(Set<String> values) {
    var all = new LinkedHashSet<String>();
    for (var value : values) {
      all.add(value.strip());
      value.lines().map(String::strip).filter(line -> line.length() >= MIN_LINE).forEach(all::add);
    }
    all.remove("");
    var sorted = new ArrayList<>(all);
    sorted.sort(Comparator.comparingInt(String::length).reversed());
    return List.copyOf(sorted);
  }
}
