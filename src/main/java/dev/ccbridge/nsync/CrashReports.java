package dev.ccbridge.nsync;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.api.DesiredLRPSpec;
import dev.ccbridge.api.DesiredLRPStatus;
import dev.ccbridge.api.DesiredLRPStatus.LastCrash;
import dev.ccbridge.api.EnvironmentVariable;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.LogLine;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells why an instance crashed so that a person understands it without the logs: Diego's reason
 * and the last lines of the instance's output, in which the values that came from Secrets are
 * masked. The Receptor is asked only about a crash that the status does not tell of yet.
 */
final class CrashReports {
  private static final Logger LOG = LoggerFactory.getLogger(CrashReports.class);
  private static final int LINES = 10;
  private static final int MAX_REASON_BYTES = 300;
  private static final int MAX_OUTPUT_BYTES = 700;
  private static final int SHORTEST_SECRET = 3;
  private static final String MASK = "***";

  private final Receptor receptor;

  CrashReports(Receptor receptor) {
    this.receptor = receptor;
  }

  /** The latest crash: of this version if there is a new one, else what the status has. */
  @Nullable LastCrash latest(
      @Nullable LRPVersion version, DesiredLRPSpec spec, @Nullable DesiredLRPStatus status) {
    var known = status == null ? null : status.lastCrash();
    var latest = version == null ? Optional.<ActualLRPResponse>empty() : crashed(version);
    return latest
        .filter(instance -> !isKnown(instance, known))
        .map(instance -> report(instance, secretNames(spec)))
        .orElse(known);
  }

  private static Optional<ActualLRPResponse> crashed(LRPVersion version) {
    return version.instances().stream()
        .filter(i -> i.crashCount() > 0 && i.state() != ActualLRPState.RUNNING)
        .max(Comparator.comparingLong(ActualLRPResponse::since));
  }

  /** A claim after the crash may move the time, so that tells only of instances on no cell. */
  private static boolean isKnown(ActualLRPResponse instance, @Nullable LastCrash known) {
    return known != null
        && known.index() == instance.index()
        && Objects.equals(known.crashCount(), instance.crashCount())
        && (instance.state() == ActualLRPState.CLAIMED
            || LRPStatusFactory.time(instance.since()).equals(known.at()));
  }

  private LastCrash report(ActualLRPResponse instance, Set<String> secretNames) {
    return new LastCrash(
        instance.index(),
        reason(instance, secretNames),
        LRPStatusFactory.time(instance.since()),
        instance.crashCount());
  }

  private String reason(ActualLRPResponse instance, Set<String> secretNames) {
    var reason =
        instance.crashReason().isEmpty()
            ? "the process ended by itself"
            : Texts.atMost(instance.crashReason(), MAX_REASON_BYTES);
    try {
      var secrets = secretNames.isEmpty() ? Set.<String>of() : secrets(instance, secretNames);
      var output =
          receptor.lrpLogs(instance.processGuid(), instance.index(), LINES).stream()
              .map(LogLine::text)
              .collect(Collectors.joining("\n"));
      return output.isBlank()
          ? mask(reason, secrets)
          : mask(reason, secrets)
              + "; last output:\n"
              + Texts.lastOf(mask(output, secrets), MAX_OUTPUT_BYTES);
    } catch (CcBridgeException unreadable) {
      LOG.info(
          "output of a crashed instance not read processGuid={} index={} cause={}",
          instance.processGuid(),
          instance.index(),
          unreadable.message());
      return secretNames.isEmpty() ? reason : "its output cannot be read";
    }
  }

  /** As they were when the LRP was created: that is what the process can have printed. */
  private Set<String> secrets(ActualLRPResponse instance, Set<String> names) {
    var values = new HashSet<String>();
    receptor
        .findDesiredLRP(instance.processGuid())
        .ifPresent(
            lrp ->
                runs(lrp.action())
                    .flatMap(run -> run.env().stream())
                    .filter(variable -> names.contains(variable.name()))
                    .flatMap(variable -> variable.value().lines())
                    .filter(line -> line.length() >= SHORTEST_SECRET)
                    .forEach(values::add));
    return values;
  }

  private static Stream<Action.Run> runs(@Nullable Action action) {
    return switch (action) {
      case Action.Run run -> Stream.of(run);
      case Action.Codependent all -> all.actions().stream().flatMap(CrashReports::runs);
      case null, default -> Stream.empty();
    };
  }

  private static Set<String> secretNames(DesiredLRPSpec spec) {
    var environment = spec.environment();
    return environment == null
        ? Set.of()
        : environment.stream()
            .filter(variable -> Apps.reference(variable) != null)
            .map(EnvironmentVariable::name)
            .collect(Collectors.toSet());
  }

  /** The longest first: one value can be part of another. */
  private static String mask(String text, Set<String> secrets) {
    var masked = text;
    for (var secret : longestFirst(secrets)) {
      masked = masked.replace(secret, MASK);
    }
    return masked;
  }

  private static List<String> longestFirst(Set<String> secrets) {
    return secrets.stream().sorted(Comparator.comparingInt(String::length).reversed()).toList();
  }
}
