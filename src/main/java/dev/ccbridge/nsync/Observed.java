package dev.ccbridge.nsync;

import dev.ccbridge.api.DesiredLRPSpec.UpdateStrategy;
import dev.ccbridge.receptor.model.DesiredLRPUpdateRequest;
import java.util.List;
import java.util.Optional;

/**
 * All that a decision about one resource depends on.
 *
 * @param wanted the version that shall run; empty: it cannot be told, and what runs goes on
 * @param change what has to change of it at the Receptor, where it is already
 * @param versions what the Receptor has, the wanted one included
 * @param inStep whether nothing can be missing in {@code versions}
 */
record Observed(
    Optional<Wanted> wanted,
    Optional<DesiredLRPUpdateRequest> change,
    List<LRPVersion> versions,
    UpdateStrategy strategy,
    boolean inStep) {

  /** What the Receptor has of the wanted version. */
  Optional<LRPVersion> current() {
    return wanted.map(
        w ->
            versions.stream()
                .filter(v -> v.processGuid().equals(w.processGuid()))
                .findFirst()
                .orElseGet(() -> LRPVersion.none(w.processGuid())));
  }

  /** Every other version of which there is anything. */
  List<LRPVersion> others() {
    var current = wanted.map(Wanted::processGuid).orElse("");
    return versions.stream().filter(v -> !v.processGuid().equals(current)).toList();
  }
}
