package dev.ccbridge.receptor.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.ModificationTag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ActualLRPGroupTest {
  @ParameterizedTest
  @CsvSource({
    "UNCLAIMED, false, false",
    "CLAIMED,   false, false",
    "RUNNING,   false, false",
    "CRASHED,   false, false",
    ",          true,  true",
    "RUNNING,   true,  false",
    "CRASHED,   true,  false",
    "UNCLAIMED, true,  true",
    "CLAIMED,   true,  true",
  })
  void tellsOfTheCopyThatCanBeReached(
      ActualLRPState instance, boolean hasEvacuating, boolean evacuatingIsTold) {
    var group =
        new ActualLRPGroup(
            instance == null ? null : record(instance, false),
            hasEvacuating ? record(ActualLRPState.RUNNING, true) : null);
    assertThat(group.resolve().orElseThrow().evacuating()).isEqualTo(evacuatingIsTold);
  }

  @Test
  void holdsOneRecordOfEachKind() {
    var instance = record(ActualLRPState.CLAIMED, false);
    var copy = record(ActualLRPState.RUNNING, true);
    var both = ActualLRPGroup.NONE.with(instance).with(copy);
    assertThat(both).isEqualTo(new ActualLRPGroup(instance, copy));
    assertThat(both.without(instance)).isEqualTo(new ActualLRPGroup(null, copy));
    assertThat(both.without(copy)).isEqualTo(new ActualLRPGroup(instance, null));
    assertThat(both.without(copy).without(instance)).isEqualTo(ActualLRPGroup.NONE);
    var running = record(ActualLRPState.RUNNING, false);
    assertThat(both.with(running)).isEqualTo(new ActualLRPGroup(running, copy));
  }

  private static ActualLRPResponse record(ActualLRPState state, boolean evacuating) {
    return new ActualLRPResponse(
        "web",
        "",
        "",
        "demo",
        0,
        "",
        null,
        state,
        0,
        "",
        "",
        0,
        evacuating,
        new ModificationTag("e", 0));
  }
}
