package dev.ccbridge.receptor.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.ModificationTag;
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
