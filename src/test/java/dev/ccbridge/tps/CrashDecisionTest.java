package dev.ccbridge.tps;

import static dev.ccbridge.receptor.model.ActualLRPState.CLAIMED;
import static dev.ccbridge.receptor.model.ActualLRPState.CRASHED;
import static dev.ccbridge.receptor.model.ActualLRPState.RUNNING;
import static dev.ccbridge.receptor.model.ActualLRPState.UNCLAIMED;
import static dev.ccbridge.tps.Instances.at;
import static dev.ccbridge.tps.Instances.told;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ModificationTag;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CrashDecisionTest {
  // ---- events ----

  @Test
  void aRisingCountIsACrash() {
    assertThat(isCrash(at(10, RUNNING, 0, 2), at(20, UNCLAIMED, 1, 3))).isTrue();
    assertThat(isCrash(at(10, RUNNING, 2, 2), at(20, CRASHED, 3, 3))).isTrue();
  }

  @Test
  void anyOtherChangeOfStateIsNone() {
    assertThat(isCrash(at(20, UNCLAIMED, 1, 3), at(20, CLAIMED, 1, 4))).isFalse();
    assertThat(isCrash(at(20, CLAIMED, 1, 4), at(30, RUNNING, 1, 5))).isFalse();
    assertThat(isCrash(at(20, CRASHED, 3, 4), at(50, UNCLAIMED, 3, 5))).isFalse();
  }

  @Test
  void theFirstCrashAfterFiveMinutesOfHealthIsOneThoughTheCountDoesNotRise() {
    assertThat(isCrash(at(10, RUNNING, 1, 5), at(311, UNCLAIMED, 1, 6))).isTrue();
    assertThat(isCrash(at(10, RUNNING, 4, 5), at(311, UNCLAIMED, 1, 6))).isTrue();
    assertThat(isCrash(at(10, RUNNING, 1, 5), at(310, UNCLAIMED, 1, 6))).isFalse();
  }

  @Test
  void anInstanceThatMovesHasNotCrashed() {
    var before = at(10, RUNNING, 1, 5);
    var after = at(999, UNCLAIMED, 1, 6);
    assertThat(CrashDecision.isCrash(before, after, Optional.empty(), true)).isFalse();
  }

  @Test
  void anEventThatAListHasOvertakenTellsNothingNew() {
    var listed = at(40, RUNNING, 1, 5);
    var before = at(10, RUNNING, 0, 2);
    var after = at(20, UNCLAIMED, 1, 3);
    assertThat(CrashDecision.isCrash(before, after, Optional.of(listed), false)).isFalse();
  }

  // ---- lists ----

  @Test
  void withoutACrashThereIsNothingToTell() {
    assertThat(isUntold(at(10, RUNNING, 0, 2), null, null)).isFalse();
  }

  @Test
  void whatNobodyRemembersIsTold() {
    assertThat(isUntold(at(10, RUNNING, 2, 9), null, null)).isTrue();
  }

  @Test
  void whatWasToldIsNotToldAgainInAnyLaterState() {
    var told = told(20, 3);
    assertThat(isUntold(at(20, CRASHED, 3, 6), null, told)).isFalse();
    assertThat(isUntold(at(50, UNCLAIMED, 3, 7), null, told)).isFalse();
    assertThat(isUntold(at(50, CLAIMED, 3, 8), null, told)).isFalse();
    assertThat(isUntold(at(70, RUNNING, 3, 9), null, told)).isFalse();
  }

  @Test
  void anotherCountIsAnotherCrash() {
    assertThat(isUntold(at(90, UNCLAIMED, 4, 9), null, told(20, 3))).isTrue();
    assertThat(isUntold(at(900, UNCLAIMED, 1, 9), null, told(20, 3))).isTrue();
  }

  @Test
  void theSameCountAtAnotherTimeIsAnotherCrash() {
    assertThat(isUntold(at(5000, CRASHED, 3, 30), null, told(20, 3))).isTrue();
  }

  @Test
  void theSameCountInAnotherRecordIsAnotherCrash() {
    var anew = Instances.record(25, UNCLAIMED, 1, new ModificationTag("epoch-2", 1), "cf-apps");
    assertThat(isUntold(anew, null, told(20, 1))).isTrue();
  }

  @Test
  void whoRanForFiveMinutesAndStartedAnewHasCrashed() {
    var seen = at(30, RUNNING, 1, 5);
    var told = told(20, 1);
    assertThat(isUntold(at(331, UNCLAIMED, 1, 6), seen, told)).isTrue();
    assertThat(isUntold(at(340, RUNNING, 1, 8), seen, told)).isTrue();
    assertThat(isUntold(seen, seen, told)).isFalse();
    assertThat(isUntold(at(200, RUNNING, 1, 8), seen, told)).isFalse();
  }

  @Test
  void aStartThatTookLongIsNoCrashForWhoSawItWaiting() {
    var seen = at(20, UNCLAIMED, 1, 3);
    assertThat(isUntold(at(2000, RUNNING, 1, 5), seen, told(20, 1))).isFalse();
  }

  @Test
  void afterARestartALateStartIsACrashOnlyWhereInstancesRanWithoutUs() {
    var late = at(2000, RUNNING, 1, 8);
    assertThat(isUntold(late, null, told(20, 1))).isTrue();
    assertThat(CrashDecision.isUntold(late, Optional.empty(), Optional.of(told(20, 1)), false))
        .isFalse();
  }

  @Test
  void theWaitForARestartIsNoHealth() {
    // Crash 8 waits for 16 minutes.
    assertThat(isUntold(at(1000, UNCLAIMED, 8, 30), null, told(20, 8))).isFalse();
    assertThat(isUntold(at(1300, UNCLAIMED, 8, 30), null, told(20, 8))).isTrue();
  }

  @Test
  void anOldListTellsNothing() {
    assertThat(isUntold(at(10, RUNNING, 1, 2), at(20, UNCLAIMED, 2, 3), told(20, 2))).isFalse();
  }

  @Test
  void theInstanceThatCrashedIsNamedWhereItCanOnlyBeOne() {
    var seen = Optional.of(at(10, RUNNING, 1, 2));
    assertThat(CrashDecision.crashedInstance(at(20, UNCLAIMED, 2, 3), seen)).isEqualTo("i-1");
    assertThat(CrashDecision.crashedInstance(at(20, UNCLAIMED, 3, 6), seen)).isEmpty();
    assertThat(CrashDecision.crashedInstance(at(20, UNCLAIMED, 2, 3), Optional.empty())).isEmpty();
  }

  private static boolean isCrash(ActualLRPResponse before, ActualLRPResponse after) {
    return CrashDecision.isCrash(before, after, Optional.of(before), false);
  }

  private static boolean isUntold(ActualLRPResponse lrp, ActualLRPResponse seen, CrashTold told) {
    return CrashDecision.isUntold(lrp, Optional.ofNullable(seen), Optional.ofNullable(told), true);
  }
}
