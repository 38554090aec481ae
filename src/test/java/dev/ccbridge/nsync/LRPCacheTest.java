package dev.ccbridge.nsync;

import static dev.ccbridge.nsync.Lrps.DOMAIN;
import static dev.ccbridge.nsync.Lrps.UID;
import static dev.ccbridge.nsync.Lrps.V1;
import static dev.ccbridge.nsync.Lrps.V2;
import static dev.ccbridge.nsync.Lrps.actual;
import static dev.ccbridge.nsync.Lrps.desired;
import static dev.ccbridge.receptor.model.ActualLRPState.CLAIMED;
import static dev.ccbridge.receptor.model.ActualLRPState.CRASHED;
import static dev.ccbridge.receptor.model.ActualLRPState.RUNNING;
import static dev.ccbridge.receptor.model.ActualLRPState.UNCLAIMED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.ReceptorEvent.ActualLRPChanged;
import dev.ccbridge.receptor.model.ReceptorEvent.ActualLRPCreated;
import dev.ccbridge.receptor.model.ReceptorEvent.ActualLRPRemoved;
import dev.ccbridge.receptor.model.ReceptorEvent.DesiredLRPChanged;
import dev.ccbridge.receptor.model.ReceptorEvent.DesiredLRPCreated;
import dev.ccbridge.receptor.model.ReceptorEvent.DesiredLRPRemoved;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LRPCacheTest {
  private static final LRPIdentity MINE = new LRPIdentity(DOMAIN, UID, true);
  private static final LRPCache.Change CHANGE = new LRPCache.Change(DOMAIN, V1);

  private final LRPCache cache = new LRPCache();

  @Test
  void tellsOfWhatBelongsToOneResource() {
    cache.accept(new DesiredLRPCreated(desired(V1, 1, "e", 0)));
    cache.accept(new DesiredLRPCreated(desired(V2, 2, "e", 0)));
    cache.accept(new DesiredLRPCreated(desired(UID + "-other", 2, "e", 0)));
    cache.accept(new DesiredLRPCreated(desired("f" + UID.substring(1) + "-1111111111", 1, "e", 0)));
    cache.accept(new ActualLRPCreated(actual(V1, 0, UNCLAIMED, "a", 0)));

    var versions = cache.versions(MINE);

    assertThat(versions).extracting(LRPVersion::processGuid).containsExactly(V1, V2);
    assertThat(versions.getFirst().instances()).hasSize(1);
  }

  @Test
  void keepsNeitherActionsNorEnvironment() {
    cache.accept(new DesiredLRPCreated(desired(V1, 1, "e", 0)));
    var kept = cache.versions(MINE).getFirst().desired();
    assertThat(kept.action()).isNull();
    assertThat(kept.env()).isEmpty();
  }

  @Test
  void whatIsNotOursIsNotKept() {
    assertThat(cache.accept(new DesiredLRPCreated(desired(V1, "lattice", 1, "e", 0)))).isEmpty();
    cache.merge(cache.mark(), List.of(desired(V1, "lattice", 1, "e", 0)), List.of());
    assertThat(cache.desired()).isEmpty();
  }

  @Test
  void aGuidInAnotherDomainBelongsToNobody() {
    cache.accept(new DesiredLRPCreated(desired(V1, "k8s-other", 1, "e", 0)));
    assertThat(cache.versions(MINE)).isEmpty();
    assertThat(cache.versions(new LRPIdentity("cf-apps", V1, false))).isEmpty();
  }

  @Test
  void aLateEventChangesNothing() {
    cache.accept(new ActualLRPCreated(actual(V1, 0, UNCLAIMED, "a", 0)));
    assertThat(cache.accept(changed(RUNNING, 2))).contains(CHANGE);
    assertThat(cache.accept(changed(CLAIMED, 1))).isEmpty();
    assertThat(cache.accept(changed(RUNNING, 2))).isEmpty();
    assertThat(state()).isEqualTo(RUNNING);
  }

  @Test
  void aChangeOfTheTagAloneIsNotWorthAReconcile() {
    cache.accept(new DesiredLRPCreated(desired(V1, 1, "e", 0)));
    var again = desired(V1, 1, "e", 1);
    assertThat(cache.accept(new DesiredLRPChanged(again, again))).isEmpty();
  }

  @Test
  void whatWasRemovedDoesNotComeBackByALateEventOrList() {
    cache.accept(new DesiredLRPCreated(desired(V1, 1, "e", 0)));
    var mark = cache.mark();
    assertThat(cache.accept(new DesiredLRPRemoved(desired(V1, 1, "e", 0)))).contains(CHANGE);

    cache.accept(new DesiredLRPChanged(desired(V1, 1, "e", 0), desired(V1, 2, "e", 1)));
    assertThat(cache.versions(MINE)).isEmpty();
    cache.merge(mark, List.of(desired(V1, 1, "e", 0)), List.of());
    assertThat(cache.versions(MINE)).isEmpty();
    cache.merge(mark, V1, Optional.of(desired(V1, 1, "e", 0)));
    assertThat(cache.versions(MINE)).isEmpty();

    cache.accept(new DesiredLRPCreated(desired(V1, 3, "new", 0)));
    assertThat(cache.versions(MINE).getFirst().desired().instances()).isEqualTo(3);
  }

  @Test
  void aRemovalThatIsOlderThanTheRecordChangesNothing() {
    cache.accept(new ActualLRPCreated(actual(V1, 0, RUNNING, "new", 0)));
    assertThat(cache.accept(new ActualLRPRemoved(actual(V1, 0, RUNNING, "old", 9)))).isEmpty();
    assertThat(state()).isEqualTo(RUNNING);
  }

  @Test
  void theListRepairsLostEvents() {
    cache.accept(new DesiredLRPCreated(desired(V1, 1, "e", 0)));
    cache.accept(new ActualLRPCreated(actual(V1, 0, UNCLAIMED, "a", 0)));
    cache.accept(new ActualLRPCreated(actual(V1, 1, UNCLAIMED, "b", 0)));

    var changes =
        cache.merge(
            cache.mark(),
            List.of(desired(V1, 1, "e", 0), desired(V2, 1, "e", 0)),
            List.of(actual(V1, 0, RUNNING, "a", 2)));

    assertThat(changes).containsExactlyInAnyOrder(CHANGE, new LRPCache.Change(DOMAIN, V2));
    assertThat(cache.versions(MINE)).extracting(LRPVersion::processGuid).containsExactly(V1, V2);
    assertThat(instances()).hasSize(1);
    assertThat(state()).isEqualTo(RUNNING);
  }

  @Test
  void aListWithNothingNewChangesNothing() {
    cache.accept(new DesiredLRPCreated(desired(V1, 1, "e", 0)));
    assertThat(cache.merge(cache.mark(), List.of(desired(V1, 1, "e", 0)), List.of())).isEmpty();
  }

  @Test
  void eventsDuringAListKnowBetterThanTheList() {
    cache.accept(new ActualLRPCreated(actual(V1, 0, CLAIMED, "a", 1)));
    var mark = cache.mark();
    // The list is answered with what was before these events.
    cache.accept(changed(RUNNING, 2));
    cache.accept(new ActualLRPCreated(actual(V1, 1, RUNNING, "b", 0)));
    cache.accept(new ActualLRPCreated(actual(V1, 2, RUNNING, "new", 0)));

    cache.merge(
        mark, List.of(), List.of(actual(V1, 0, CLAIMED, "a", 1), actual(V1, 2, CRASHED, "old", 7)));

    assertThat(instances()).extracting(ActualLRPResponse::index).containsExactly(0, 1, 2);
    assertThat(instances()).extracting(ActualLRPResponse::state).containsOnly(RUNNING);
  }

  @Test
  void aLookUpThatFindsNothingRemovesUnlessAnEventToldSince() {
    cache.accept(new DesiredLRPCreated(desired(V1, 1, "e", 0)));
    cache.merge(cache.mark(), V1, Optional.empty());
    assertThat(cache.versions(MINE)).isEmpty();

    var mark = cache.mark();
    cache.accept(new DesiredLRPCreated(desired(V1, 1, "f", 0)));
    cache.merge(mark, V1, Optional.empty());
    assertThat(cache.versions(MINE)).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "RUNNING,   false",
    "CRASHED,   false",
    "UNCLAIMED, true",
    "CLAIMED,   true",
  })
  void anEvacuatingRecordStandsForAnInstanceThatDoesNotRunYet(
      ActualLRPState instance, boolean evacuatingShown) {
    cache.accept(new ActualLRPCreated(actual(V1, 0, RUNNING, "x", 1, true, 0, "", "")));
    cache.accept(new ActualLRPCreated(actual(V1, 0, instance, "a", 1)));
    assertThat(instances()).hasSize(1);
    assertThat(instances().getFirst().evacuating()).isEqualTo(evacuatingShown);
  }

  @Test
  void aListThatShowsTheEvacuatingRecordSaysNothingOfTheInstanceBehindIt() {
    cache.accept(new ActualLRPCreated(actual(V1, 0, CLAIMED, "a", 1)));
    cache.merge(cache.mark(), List.of(), List.of(actual(V1, 0, RUNNING, "x", 1, true, 0, "", "")));
    cache.accept(new ActualLRPRemoved(actual(V1, 0, RUNNING, "x", 1, true, 0, "", "")));
    assertThat(state()).isEqualTo(CLAIMED);
  }

  private ActualLRPChanged changed(ActualLRPState state, long tag) {
    return new ActualLRPChanged(actual(V1, 0, UNCLAIMED, "a", 0), actual(V1, 0, state, "a", tag));
  }

  private List<ActualLRPResponse> instances() {
    return cache.versions(MINE).getFirst().instances();
  }

  private ActualLRPState state() {
    return instances().getFirst().state();
  }
}
