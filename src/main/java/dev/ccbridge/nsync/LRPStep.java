package dev.ccbridge.nsync;

import dev.ccbridge.receptor.model.DesiredLRPUpdateRequest;
import java.util.List;

/** The one thing to be done next about a resource. */
sealed interface LRPStep {

  /** The wanted version is not there. */
  record CreateVersion(Wanted wanted) implements LRPStep {}

  /** Instances, routes or annotation differ. */
  record UpdateVersion(String processGuid, DesiredLRPUpdateRequest update) implements LRPStep {}

  /** These versions are not needed any more. */
  record RemoveVersions(List<String> processGuids) implements LRPStep {}

  /** Instances of removed versions are stopping, and the next version must not start before. */
  record AwaitRemoval() implements LRPStep {}

  /** Old versions could go, were it sure that what is known of the new one is not outdated. */
  record AwaitInStep() implements LRPStep {}

  /** Nothing to do until something changes. */
  record Settled() implements LRPStep {}

  /** The next step; pure. */
  static LRPStep next(Observed observed) {
    if (observed.wanted().isEmpty()) {
      return new Settled();
    }
    var wanted = observed.wanted().get();
    var current = observed.current().orElseThrow();
    return switch (observed.strategy()) {
      case RECREATE -> recreate(observed, wanted, current);
      case ROLLING -> roll(observed, wanted, current);
    };
  }

  private static LRPStep recreate(Observed observed, Wanted wanted, LRPVersion current) {
    var old = desired(observed.others());
    if (!old.isEmpty()) {
      return new RemoveVersions(old);
    }
    if (!current.isDesired() && !observed.others().isEmpty()) {
      return new AwaitRemoval();
    }
    return current.isDesired() ? updated(observed, current) : new CreateVersion(wanted);
  }

  private static LRPStep roll(Observed observed, Wanted wanted, LRPVersion current) {
    if (!current.isDesired()) {
      return new CreateVersion(wanted);
    }
    if (observed.change().isPresent()) {
      return updated(observed, current);
    }
    var old = desired(observed.others());
    var removable =
        current.running(wanted.instances()) >= wanted.instances()
            ? old
            : desired(overtaken(observed.others()));
    if (removable.isEmpty()) {
      return new Settled();
    }
    return observed.inStep() ? new RemoveVersions(removable) : new AwaitInStep();
  }

  private static LRPStep updated(Observed observed, LRPVersion current) {
    return observed
        .change()
        .<LRPStep>map(update -> new UpdateVersion(current.processGuid(), update))
        .orElseGet(Settled::new);
  }

  /** Old versions that never came to run, beside one that does. */
  private static List<LRPVersion> overtaken(List<LRPVersion> old) {
    return old.stream().anyMatch(v -> v.running() > 0)
        ? old.stream().filter(v -> v.running() == 0).toList()
        : List.of();
  }

  private static List<String> desired(List<LRPVersion> versions) {
    return versions.stream().filter(LRPVersion::isDesired).map(LRPVersion::processGuid).toList();
  }
}
