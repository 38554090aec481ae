package dev.ccbridge.nsync;

import dev.ccbridge.nsync.recipe.LRPOptions;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.receptor.model.ReceptorEvent;
import dev.ccbridge.receptor.model.ReceptorEvent.ActualLRPChanged;
import dev.ccbridge.receptor.model.ReceptorEvent.ActualLRPCreated;
import dev.ccbridge.receptor.model.ReceptorEvent.ActualLRPRemoved;
import dev.ccbridge.receptor.model.ReceptorEvent.DesiredLRPChanged;
import dev.ccbridge.receptor.model.ReceptorEvent.DesiredLRPCreated;
import dev.ccbridge.receptor.model.ReceptorEvent.DesiredLRPRemoved;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The LRPs of our domains as the Receptor has them, so that a reconcile asks it nothing. Fed by the
 * event stream, by full lists and by the look-ups that follow our own changes; in whatever order
 * these come, the cache ends as the Receptor is.
 *
 * <p>Desired LRPs are kept without their actions and environment: those never change, are large,
 * and may hold secrets. Thread-safe.
 */
final class LRPCache {
  private static final char LAST = Character.MAX_VALUE;

  /** Something changed under this guid. */
  record Change(String domain, String processGuid) {}

  /** Where two lists stand that are about to be asked for. */
  record Mark(long desired, long actual) {}

  /** An index has an evacuating record beside its own while it moves to another cell. */
  private record ActualKey(String processGuid, int index, boolean evacuating)
      implements Comparable<ActualKey> {
    private static final Comparator<ActualKey> ORDER =
        Comparator.comparing(ActualKey::processGuid)
            .thenComparing(ActualKey::index)
            .thenComparing(ActualKey::evacuating);

    @Override
    public int compareTo(ActualKey other) {
      return ORDER.compare(this, other);
    }

    ActualKey twin() {
      return new ActualKey(processGuid, index, !evacuating);
    }
  }

  private final Records<String, DesiredLRPResponse> desired =
      new Records<>(
          DesiredLRPResponse::processGuid,
          DesiredLRPResponse::modificationTag,
          LRPCache::differsForUs);
  private final Records<ActualKey, ActualLRPResponse> actual =
      new Records<>(
          a -> new ActualKey(a.processGuid(), a.index(), a.evacuating()),
          ActualLRPResponse::modificationTag,
          LRPCache::differsForUs);

  /** What changed by the event; empty when it was late, told nothing new, or is not about us. */
  synchronized Optional<Change> accept(ReceptorEvent event) {
    return switch (event) {
      case DesiredLRPCreated(var lrp) -> put(lrp);
      case DesiredLRPChanged(var before, var after) -> put(after);
      case DesiredLRPRemoved(var lrp) ->
          isOurs(lrp.domain()) && desired.remove(lrp) ? change(lrp) : Optional.empty();
      case ActualLRPCreated(var lrp) -> put(lrp);
      case ActualLRPChanged(var before, var after) -> put(after);
      case ActualLRPRemoved(var lrp) ->
          isOurs(lrp.domain()) && actual.remove(lrp) ? change(lrp) : Optional.empty();
    };
  }

  /** Asks for everything and takes it over; what changed. */
  Set<Change> list(Receptor receptor) {
    var mark = mark();
    // Instances first: one that is created in between is then not without its desired LRP.
    var allActual = receptor.actualLRPs("");
    var allDesired = receptor.desiredLRPs("");
    return merge(mark, allDesired, allActual);
  }

  /** To be taken before a list or look-up is asked for, and handed in with its answer. */
  synchronized Mark mark() {
    return new Mark(desired.mark(), actual.mark());
  }

  /** All LRPs of the Receptor. */
  synchronized Set<Change> merge(
      Mark mark, List<DesiredLRPResponse> allDesired, List<ActualLRPResponse> allActual) {
    var changes = new HashSet<Change>();
    var ourDesired =
        allDesired.stream().filter(d -> isOurs(d.domain())).map(LRPCache::trimmed).toList();
    var ourActual = allActual.stream().filter(a -> isOurs(a.domain())).toList();
    desired
        .merge(ourDesired, mark.desired(), (key, listed) -> false)
        .forEach(d -> changes.add(new Change(d.domain(), d.processGuid())));
    // A list shows one record per index: while the evacuating one is shown, the other is hidden.
    actual
        .merge(
            ourActual,
            mark.actual(),
            (key, listed) -> !key.evacuating() && listed.contains(key.twin()))
        .forEach(a -> changes.add(new Change(a.domain(), a.processGuid())));
    return changes;
  }

  /** What a look-up found under one guid. */
  synchronized void merge(Mark mark, String processGuid, Optional<DesiredLRPResponse> found) {
    found.ifPresentOrElse(this::put, () -> desired.absent(processGuid, mark.desired()));
  }

  /** What there is of one resource, in the order of the guids. */
  synchronized List<LRPVersion> versions(LRPIdentity identity) {
    var from = identity.stem();
    var to = identity.versioned() ? identity.stem() + "-" + LAST : identity.stem() + '\0';
    var known = desired.range(from, to);
    known.values().removeIf(d -> !d.domain().equals(identity.domain()));
    var instances = new TreeMap<String, List<ActualLRPResponse>>();
    actual.range(new ActualKey(from, 0, false), new ActualKey(to, 0, false)).values().stream()
        .filter(a -> a.domain().equals(identity.domain()))
        .forEach(a -> instances.computeIfAbsent(a.processGuid(), g -> new ArrayList<>()).add(a));
    var guids = new TreeSet<>(known.keySet());
    guids.addAll(instances.keySet());
    return guids.stream()
        .filter(identity::owns)
        .map(
            guid ->
                new LRPVersion(
                    guid, known.get(guid), resolved(instances.getOrDefault(guid, List.of()))))
        .toList();
  }

  /** All desired LRPs of our domains. */
  synchronized List<DesiredLRPResponse> desired() {
    var all = new ArrayList<DesiredLRPResponse>();
    desired.forEach(all::add);
    return all;
  }

  synchronized boolean isDesired(String processGuid) {
    return !desired.range(processGuid, processGuid + '\0').isEmpty();
  }

  /**
   * One record per index: the evacuating one stands for an instance that does not run yet. Source:
   * bbs/models/actual_lrp.go, Resolve.
   */
  private static List<ActualLRPResponse> resolved(List<ActualLRPResponse> records) {
    var byIndex = new TreeMap<Integer, ActualLRPResponse>();
    for (var record : records) {
      byIndex.merge(record.index(), record, LRPCache::resolve);
    }
    return List.copyOf(byIndex.values());
  }

  private static ActualLRPResponse resolve(ActualLRPResponse one, ActualLRPResponse other) {
    var instance = one.evacuating() ? other : one;
    var evacuating = one.evacuating() ? one : other;
    return instance.state() == ActualLRPState.RUNNING || instance.state() == ActualLRPState.CRASHED
        ? instance
        : evacuating;
  }

  private Optional<Change> put(DesiredLRPResponse lrp) {
    return isOurs(lrp.domain()) && desired.put(trimmed(lrp)) ? change(lrp) : Optional.empty();
  }

  private Optional<Change> put(ActualLRPResponse lrp) {
    return isOurs(lrp.domain()) && actual.put(lrp) ? change(lrp) : Optional.empty();
  }

  private static Optional<Change> change(DesiredLRPResponse lrp) {
    return Optional.of(new Change(lrp.domain(), lrp.processGuid()));
  }

  private static Optional<Change> change(ActualLRPResponse lrp) {
    return Optional.of(new Change(lrp.domain(), lrp.processGuid()));
  }

  private static boolean isOurs(String domain) {
    return domain.equals(LRPOptions.CF_APPS) || LRPIdentity.namespaceOf(domain).isPresent();
  }

  private static boolean differsForUs(DesiredLRPResponse before, DesiredLRPResponse after) {
    return before.instances() != after.instances()
        || !before.annotation().equals(after.annotation())
        || !before.routes().equals(after.routes())
        || !before.modificationTag().epoch().equals(after.modificationTag().epoch());
  }

  /** Everything but the tag itself. */
  private static boolean differsForUs(ActualLRPResponse before, ActualLRPResponse after) {
    return before.state() != after.state()
        || before.crashCount() != after.crashCount()
        || before.since() != after.since()
        || !before.instanceGuid().equals(after.instanceGuid())
        || !before.cellId().equals(after.cellId())
        || !before.address().equals(after.address())
        || !Objects.equals(before.ports(), after.ports())
        || !before.crashReason().equals(after.crashReason())
        || !before.placementError().equals(after.placementError());
  }

  private static DesiredLRPResponse trimmed(DesiredLRPResponse lrp) {
    return new DesiredLRPResponse(
        lrp.processGuid(),
        lrp.domain(),
        "",
        lrp.instances(),
        List.of(),
        null,
        null,
        null,
        lrp.startTimeout(),
        lrp.diskMb(),
        lrp.memoryMb(),
        lrp.cpuWeight(),
        lrp.privileged(),
        lrp.ports(),
        Map.copyOf(lrp.routes()),
        "",
        "",
        "",
        lrp.annotation(),
        List.of(),
        lrp.modificationTag(),
        "",
        "");
  }
}
