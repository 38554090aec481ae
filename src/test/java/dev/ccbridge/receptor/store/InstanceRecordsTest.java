package dev.ccbridge.receptor.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.ModificationTag;
import dev.ccbridge.receptor.model.PortMapping;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InstanceRecordsTest {
  private static final long NOW = Duration.ofMinutes(60).toNanos();
  private static final Map<ActualLRPTransition, Set<ActualLRPState>> ALLOWED =
      Map.of(
          ActualLRPTransition.CLAIM, Set.of(ActualLRPState.UNCLAIMED),
          ActualLRPTransition.FAIL_PLACEMENT, Set.of(ActualLRPState.UNCLAIMED),
          ActualLRPTransition.RUN, Set.of(ActualLRPState.CLAIMED, ActualLRPState.RUNNING),
          ActualLRPTransition.EVACUATE, Set.of(ActualLRPState.RUNNING),
          ActualLRPTransition.CRASH, Set.of(ActualLRPState.CLAIMED, ActualLRPState.RUNNING),
          ActualLRPTransition.UNCLAIM,
              Set.of(ActualLRPState.CRASHED, ActualLRPState.CLAIMED, ActualLRPState.RUNNING));

  @ParameterizedTest
  @EnumSource
  void leadsFromEveryStateThatTheTableHasAndFromNoOther(ActualLRPTransition transition) {
    for (var state : ActualLRPState.values()) {
      var before = in(state, 0);
      if (ALLOWED.get(transition).contains(state)) {
        var after = change(transition).apply(before);
        assertThat(transition.isAllowed(state, after.state())).isTrue();
        if (transition != ActualLRPTransition.EVACUATE) {
          assertThat(after.modificationTag()).isEqualTo(new ModificationTag("epoch", 8));
        }
      } else {
        assertThatIllegalStateException()
            .as("%s from %s", transition, state)
            .isThrownBy(() -> change(transition).apply(before));
      }
    }
  }

  @Test
  void leadsNowhereButWhereTheTableSays() {
    for (var transition : ActualLRPTransition.values()) {
      for (var from : ActualLRPState.values()) {
        for (var to : ActualLRPState.values()) {
          if (transition.isAllowed(from, to)) {
            assertThat(to)
                .as("%s from %s", transition, from)
                .isIn(
                    switch (transition) {
                      case CLAIM -> Set.of(ActualLRPState.CLAIMED);
                      case RUN, EVACUATE -> Set.of(ActualLRPState.RUNNING);
                      case CRASH -> Set.of(ActualLRPState.UNCLAIMED, ActualLRPState.CRASHED);
                      case FAIL_PLACEMENT, UNCLAIM -> Set.of(ActualLRPState.UNCLAIMED);
                    });
          }
        }
      }
    }
  }

  @Test
  void keepsTheTimeOfTheLastChangeWhenClaimed() {
    var before = InstanceRecords.placementFailed(in(ActualLRPState.UNCLAIMED, 0), "no room", 5);
    assertThat(before.placementError()).isEqualTo("no room");
    var claimed = InstanceRecords.claimed(before, "guid", "cell");
    assertThat(claimed.since()).isEqualTo(5);
    assertThat(claimed.placementError()).isEmpty();
    assertThat(claimed.instanceGuid()).isEqualTo("guid");
    assertThat(claimed.cellId()).isEqualTo("cell");
  }

  @Test
  void leavesACopyWithATagOfItsOwnAndNoCrashes() {
    var ports = List.of(new PortMapping(1, 2));
    var running =
        InstanceRecords.running(in(ActualLRPState.CLAIMED, 4), "10.0.0.1", ports, NOW - 1);
    var copy = InstanceRecords.evacuating(running, NOW);
    assertThat(copy.evacuating()).isTrue();
    assertThat(copy.since()).isEqualTo(NOW);
    assertThat(copy.address()).isEqualTo("10.0.0.1");
    assertThat(copy.ports()).isEqualTo(ports);
    assertThat(copy.instanceGuid()).isEqualTo("old");
    assertThat(copy.cellId()).isEqualTo("cell");
    assertThat(copy.crashCount()).isZero();
    assertThat(copy.modificationTag().index()).isOne();
    assertThat(copy.modificationTag().epoch()).isNotEmpty().isNotEqualTo("epoch");
  }

  @Test
  void forgetsWhereItRanWhenItCrashesAndKeepsWhyWhenItStartsAgain() {
    var running =
        InstanceRecords.running(
            in(ActualLRPState.CLAIMED, 4), "10.0.0.1", List.of(new PortMapping(1, 2)), NOW);
    var crashed = InstanceRecords.crashed(running, "Exited with status 1", NOW);
    assertThat(crashed.state()).isEqualTo(ActualLRPState.CRASHED);
    assertThat(crashed.crashCount()).isEqualTo(5);
    assertThat(crashed.instanceGuid()).isEmpty();
    assertThat(crashed.cellId()).isEmpty();
    assertThat(crashed.address()).isEmpty();
    assertThat(crashed.ports()).isNull();
    var again = InstanceRecords.unclaimed(crashed, NOW);
    assertThat(again.crashCount()).isEqualTo(5);
    assertThat(again.crashReason()).isEqualTo("Exited with status 1");
  }

  @Test
  void countsAnewAfterMoreThanFiveMinutesOfRunning() {
    var fiveMinutesAgo = NOW - Duration.ofMinutes(5).toNanos();
    var running = in(ActualLRPState.RUNNING, 7, fiveMinutesAgo);
    assertThat(InstanceRecords.crashed(running, "", NOW).crashCount()).isEqualTo(8);
    var longer = in(ActualLRPState.RUNNING, 7, fiveMinutesAgo - 1);
    assertThat(InstanceRecords.crashed(longer, "", NOW).crashCount()).isEqualTo(1);
    assertThat(InstanceRecords.crashed(longer, "", NOW).state())
        .isEqualTo(ActualLRPState.UNCLAIMED);
    var claimed = in(ActualLRPState.CLAIMED, 7, fiveMinutesAgo - 1);
    assertThat(InstanceRecords.crashed(claimed, "", NOW).crashCount()).isEqualTo(8);
  }

  private static UnaryOperator<ActualLRPResponse> change(ActualLRPTransition transition) {
    return switch (transition) {
      case CLAIM -> before -> InstanceRecords.claimed(before, "guid", "cell");
      case FAIL_PLACEMENT -> before -> InstanceRecords.placementFailed(before, "why", NOW);
      case RUN -> before -> InstanceRecords.running(before, "10.0.0.1", List.of(), NOW);
      case EVACUATE -> before -> InstanceRecords.evacuating(before, NOW);
      case CRASH -> before -> InstanceRecords.crashed(before, "why", NOW);
      case UNCLAIM -> before -> InstanceRecords.unclaimed(before, NOW);
    };
  }

  private static ActualLRPResponse in(ActualLRPState state, int crashCount) {
    return in(state, crashCount, NOW);
  }

  private static ActualLRPResponse in(ActualLRPState state, int crashCount, long since) {
    return new ActualLRPResponse(
        "web",
        "old",
        "cell",
        "demo",
        0,
        "",
        null,
        state,
        crashCount,
        "",
        "",
        since,
        false,
        new ModificationTag("epoch", 7));
  }
}
