package dev.ccbridge.nsync;

import dev.ccbridge.api.DesiredLRPStatus.LastCrash;
import dev.ccbridge.api.LRPReasons;
import dev.ccbridge.kube.Conditions;
import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which of Ready, Reconciling and Stalled holds, and why; pure. */
final class LRPConditions {
  /**
   * Crashes in succession from which on restarts are put off. Source: bbs restart_calculator.go.
   */
  private static final int CRASH_LOOP = 3;

  private LRPConditions() {}

  static List<Condition> of(
      long generation,
      int wanted,
      Observed observed,
      LRPStep step,
      @Nullable LRPVersion version,
      Optional<Notice> notice,
      @Nullable LastCrash lastCrash) {
    if (notice.isPresent()) {
      return of(generation, notice.get(), observed);
    }
    var crashing = crashing(version);
    if (crashing.isPresent() && crashing.get().crashCount() >= CRASH_LOOP) {
      return Conditions.stalled(
          generation,
          LRPReasons.CRASH_LOOPING,
          crash(crashing.get(), lastCrash) + others(observed));
    }
    var unplaced = unplaced(version);
    if (unplaced.isPresent()) {
      return Conditions.stalled(
          generation,
          LRPReasons.PLACEMENT_FAILED,
          "instance "
              + unplaced.get().index()
              + ": "
              + unplaced.get().placementError()
              + "; free resources, ask for less, or add cells"
              + others(observed));
    }
    if (crashing.isPresent()) {
      return Conditions.reconciling(
          generation,
          LRPReasons.INSTANCE_CRASHED,
          crash(crashing.get(), lastCrash) + others(observed));
    }
    return progress(generation, wanted, observed, step, version);
  }

  private static List<Condition> of(long generation, Notice notice, Observed observed) {
    var serving =
        observed.versions().stream()
            .filter(v -> v.running() > 0)
            .map(v -> "; version " + v.processGuid() + " keeps running, " + count(v.running()))
            .collect(Collectors.joining());
    var message = notice.message() + serving;
    return notice.stalled()
        ? Conditions.stalled(generation, notice.reason(), message)
        : Conditions.reconciling(generation, notice.reason(), message);
  }

  private static List<Condition> progress(
      long generation, int wanted, Observed observed, LRPStep step, @Nullable LRPVersion version) {
    var running = version == null ? 0 : version.running(wanted);
    var message = running + " of " + wanted + " instances run";
    if (step instanceof LRPStep.AwaitRemoval) {
      return Conditions.reconciling(
          generation, LRPReasons.RECREATING, "the old version is stopping" + others(observed));
    }
    var rolling = observed.others().stream().anyMatch(LRPVersion::isDesired);
    if (rolling) {
      return Conditions.reconciling(generation, LRPReasons.ROLLING_OUT, message + others(observed));
    }
    return running >= wanted && version != null && version.isDesired()
        ? Conditions.ready(generation, LRPReasons.RUNNING, message)
        : Conditions.reconciling(generation, LRPReasons.STARTING, message);
  }

  /** The instance that crashed most often and does not run. */
  private static Optional<ActualLRPResponse> crashing(@Nullable LRPVersion version) {
    return instances(version).stream()
        .filter(i -> i.crashCount() > 0 && i.state() != ActualLRPState.RUNNING)
        .max(Comparator.comparingInt(ActualLRPResponse::crashCount));
  }

  private static Optional<ActualLRPResponse> unplaced(@Nullable LRPVersion version) {
    return instances(version).stream()
        .filter(i -> i.state() == ActualLRPState.UNCLAIMED && !i.placementError().isEmpty())
        .findFirst();
  }

  private static List<ActualLRPResponse> instances(@Nullable LRPVersion version) {
    return version == null ? List.of() : version.instances();
  }

  private static String crash(ActualLRPResponse instance, @Nullable LastCrash lastCrash) {
    var reason =
        lastCrash != null && lastCrash.index() == instance.index()
            ? Texts.orEmpty(lastCrash.reason())
            : instance.crashReason();
    var times = instance.crashCount() == 1 ? "once" : instance.crashCount() + " times";
    return "instance " + instance.index() + " crashed " + times + ": " + reason;
  }

  private static String others(Observed observed) {
    return observed.others().stream()
        .filter(v -> !v.instances().isEmpty())
        .map(v -> "; old version " + v.processGuid() + ": " + count(v.running()))
        .collect(Collectors.joining());
  }

  private static String count(int running) {
    return running == 1 ? "1 instance" : running + " instances";
  }
}
