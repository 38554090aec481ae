package dev.ccbridge.tps;

import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ReceptorEvent;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the instances that have crashed at least once: finds the crashes to tell, each
 * once, in events and in lists. Its size is bounded by their number. Thread-safe.
 */
final class CrashMemory {
  /** Source: cc_messages, as nsync desires all apps of CC. */
  static final String DOMAIN = "cf-apps";

  /**
   * @param seen the latest record
   * @param told the latest crash that was handed on for telling, or was told by another process;
   *     null: not looked up yet
   */
  private record Known(ActualLRPResponse seen, @Nullable CrashTold told) {}

  private final Map<CrashKey, Known> known = new HashMap<>();
  private final Set<CrashKey> evacuating = new HashSet<>();
  private final Consumer<Crash> tell;
  private final boolean runsWithoutUs;

  /**
   * @param tell takes a crash; must not block
   */
  CrashMemory(Consumer<Crash> tell, boolean runsWithoutUs) {
    this.tell = tell;
    this.runsWithoutUs = runsWithoutUs;
  }

  synchronized void accept(ReceptorEvent event) {
    switch (event) {
      case ReceptorEvent.ActualLRPChanged(var before, var after) -> changed(before, after);
      case ReceptorEvent.ActualLRPCreated(var lrp) -> {
        if (lrp.evacuating()) {
          evacuating.add(CrashKey.of(lrp));
        }
      }
      case ReceptorEvent.ActualLRPRemoved(var lrp) -> {
        if (lrp.evacuating()) {
          evacuating.remove(CrashKey.of(lrp));
        }
      }
      case ReceptorEvent.DesiredLRPCreated ignored -> {}
      case ReceptorEvent.DesiredLRPChanged ignored -> {}
      case ReceptorEvent.DesiredLRPRemoved ignored -> {}
    }
  }

  private void changed(ActualLRPResponse before, ActualLRPResponse after) {
    if (!after.domain().equals(DOMAIN)) {
      return;
    }
    var key = CrashKey.of(after);
    var memory = Optional.ofNullable(known.get(key));
    var seen = memory.map(Known::seen);
    if (CrashDecision.isCrash(before, after, seen, evacuating.contains(key))) {
      tell.accept(Crash.of(after, before.instanceGuid()));
      known.put(key, new Known(after, CrashTold.of(after)));
      return;
    }
    if (after.crashCount() > 0
        && !after.evacuating()
        && seen.filter(s -> CrashDecision.isOutdated(after, s)).isEmpty()) {
      known.put(key, new Known(after, memory.map(Known::told).orElse(null)));
    }
  }

  /** What is known now; to be taken before a list. */
  record Mark(Map<CrashKey, Object> known) {}

  synchronized Mark mark() {
    return new Mark(Map.copyOf(known));
  }

  /** The processes in {@code list} of which it must be looked up what was told. */
  synchronized Set<String> notLookedUp(List<ActualLRPResponse> list) {
    return list.stream()
        .filter(CrashMemory::hasCrashed)
        .filter(lrp -> told(CrashKey.of(lrp)).isEmpty())
        .map(ActualLRPResponse::processGuid)
        .collect(Collectors.toSet());
  }

  /**
   * Compares a full list of the domain with what was told.
   *
   * @param mark from before the list was taken
   * @param lookedUp what was told, by process guid; of a process that is missing there nothing can
   *     be said yet
   * @return the instances that have crashed and are still there
   */
  synchronized Set<CrashKey> compare(
      List<ActualLRPResponse> list,
      Mark mark,
      Function<String, Optional<Map<Integer, CrashTold>>> lookedUp) {
    var crashed =
        list.stream().filter(CrashMemory::hasCrashed).map(CrashKey::of).collect(Collectors.toSet());
    forgetOthers(crashed, mark);
    evacuating.clear();
    list.stream().filter(ActualLRPResponse::evacuating).map(CrashKey::of).forEach(evacuating::add);
    list.stream().filter(CrashMemory::hasCrashed).forEach(lrp -> compare(lrp, lookedUp));
    crashed.addAll(known.keySet());
    return crashed;
  }

  /** But not what has changed since the list was taken. */
  private void forgetOthers(Set<CrashKey> crashed, Mark mark) {
    known
        .entrySet()
        .removeIf(
            entry ->
                !crashed.contains(entry.getKey())
                    && entry.getValue().equals(mark.known().get(entry.getKey())));
  }

  private void compare(
      ActualLRPResponse lrp, Function<String, Optional<Map<Integer, CrashTold>>> lookedUp) {
    var key = CrashKey.of(lrp);
    var seen = Optional.ofNullable(known.get(key)).map(Known::seen);
    var told = told(key);
    if (told.isEmpty()) {
      var ofProcess = lookedUp.apply(lrp.processGuid());
      if (ofProcess.isEmpty()) {
        return;
      }
      told = Optional.ofNullable(ofProcess.get().get(lrp.index()));
    }
    if (CrashDecision.isUntold(lrp, seen, told, runsWithoutUs)) {
      var crash = Crash.of(lrp, CrashDecision.crashedInstance(lrp, seen));
      tell.accept(crash);
      known.put(key, new Known(lrp, crash.told()));
    } else if (!lrp.evacuating() && seen.filter(s -> CrashDecision.isOlder(lrp, s)).isEmpty()) {
      known.put(key, new Known(lrp, told.orElse(null)));
    }
  }

  private Optional<CrashTold> told(CrashKey key) {
    return Optional.ofNullable(known.get(key)).map(Known::told);
  }

  private static boolean hasCrashed(ActualLRPResponse lrp) {
    return lrp.domain().equals(DOMAIN) && lrp.crashCount() > 0;
  }
}
