package dev.ccbridge.nsync;

import static dev.ccbridge.nsync.Lrps.V1;
import static dev.ccbridge.nsync.Lrps.V2;
import static dev.ccbridge.nsync.Lrps.V3;
import static dev.ccbridge.nsync.Lrps.version;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.ccbridge.api.DesiredLRPSpec.UpdateStrategy;
import dev.ccbridge.nsync.LRPStep.AwaitInStep;
import dev.ccbridge.nsync.LRPStep.AwaitRemoval;
import dev.ccbridge.nsync.LRPStep.CreateVersion;
import dev.ccbridge.nsync.LRPStep.RemoveVersions;
import dev.ccbridge.nsync.LRPStep.Settled;
import dev.ccbridge.nsync.LRPStep.UpdateVersion;
import dev.ccbridge.nsync.recipe.LRPOptions;
import dev.ccbridge.receptor.model.DesiredLRPUpdateRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LRPStepTest {
  private static final UpdateStrategy ROLLING = UpdateStrategy.ROLLING;
  private static final UpdateStrategy RECREATE = UpdateStrategy.RECREATE;
  private static final DesiredLRPUpdateRequest UPDATE =
      new DesiredLRPUpdateRequest(2, Map.of(), "");

  /** {@link Lrps#V2} is wanted, with two instances. */
  static Stream<Arguments> steps() {
    return Stream.of(
        arguments(ROLLING, List.of(), create()),
        arguments(RECREATE, List.of(), create()),
        arguments(ROLLING, List.of(version(V2, 2, 0)), new Settled()),
        arguments(ROLLING, List.of(version(V2, 2, 2)), new Settled()),
        arguments(RECREATE, List.of(version(V2, 2, 2)), new Settled()),
        // Beside an old version
        arguments(ROLLING, List.of(version(V1, 2, 2)), create()),
        arguments(ROLLING, List.of(version(V1, 2, 2), version(V2, 2, 0)), new Settled()),
        arguments(ROLLING, List.of(version(V1, 2, 2), version(V2, 2, 1)), new Settled()),
        arguments(ROLLING, List.of(version(V1, 2, 0), version(V2, 2, 1)), new Settled()),
        arguments(ROLLING, List.of(version(V1, 2, 2), version(V2, 2, 2)), remove(V1)),
        arguments(
            ROLLING,
            List.of(version(V1, 2, 1), version(V2, 2, 2), version(V3, 2, 0)),
            remove(V1, V3)),
        // An old version that never ran goes when another one serves
        arguments(
            ROLLING, List.of(version(V1, 2, 2), version(V2, 2, 0), version(V3, 2, 0)), remove(V3)),
        arguments(
            ROLLING,
            List.of(version(V1, 2, 0), version(V2, 2, 0), version(V3, 2, 0)),
            new Settled()),
        // Instances of a removed version that are still stopping
        arguments(ROLLING, List.of(version(V1, -1, 2), version(V2, 2, 2)), new Settled()),
        arguments(ROLLING, List.of(version(V1, -1, 2)), create()),
        arguments(RECREATE, List.of(version(V1, 2, 2)), remove(V1)),
        arguments(RECREATE, List.of(version(V1, 2, 2), version(V2, 2, 0)), remove(V1)),
        arguments(RECREATE, List.of(version(V1, -1, 2)), new AwaitRemoval()),
        arguments(RECREATE, List.of(version(V1, -1, 2), version(V2, 2, 0)), new Settled()));
  }

  @ParameterizedTest
  @MethodSource("steps")
  void theNextStepFollowsFromWhatThereIs(
      UpdateStrategy strategy, List<LRPVersion> versions, LRPStep expected) {
    assertThat(LRPStep.next(observed(strategy, versions, Optional.empty(), true)))
        .isEqualTo(expected);
  }

  @Test
  void aDifferenceInWhatCanBeUpdatedIsUpdatedBeforeOldVersionsGo() {
    for (var strategy : UpdateStrategy.values()) {
      var versions = List.of(version(V2, 1, 1));
      assertThat(LRPStep.next(observed(strategy, versions, Optional.of(UPDATE), true)))
          .isEqualTo(new UpdateVersion(V2, UPDATE));
    }
    assertThat(
            LRPStep.next(
                observed(
                    ROLLING,
                    List.of(version(V1, 2, 2), version(V2, 1, 1)),
                    Optional.of(UPDATE),
                    true)))
        .isInstanceOf(UpdateVersion.class);
  }

  @Test
  void noVersionIsTakenDownOnOutdatedKnowledge() {
    var versions = List.of(version(V1, 2, 2), version(V2, 2, 2));
    assertThat(LRPStep.next(observed(ROLLING, versions, Optional.empty(), false)))
        .isEqualTo(new AwaitInStep());
  }

  @Test
  void whileTheVersionCannotBeToldWhatRunsGoesOn() {
    var observed =
        new Observed(
            Optional.empty(), Optional.empty(), List.of(version(V1, 2, 2)), RECREATE, true);
    assertThat(LRPStep.next(observed)).isEqualTo(new Settled());
  }

  private static Observed observed(
      UpdateStrategy strategy,
      List<LRPVersion> versions,
      Optional<DesiredLRPUpdateRequest> change,
      boolean inStep) {
    return new Observed(Optional.of(wanted()), change, versions, strategy, inStep);
  }

  static Wanted wanted() {
    var lrp = Lrps.resource("{source: {droplet: {uri: /d}}, instances: 2}");
    var source = (AppSource.Known) AppSource.of(lrp, Optional.empty());
    return new Wanted(V2, Apps.request(lrp, source, V2), LRPOptions.CLOUD_CONTROLLER);
  }

  private static LRPStep create() {
    return new CreateVersion(wanted());
  }

  private static LRPStep remove(String... guids) {
    return new RemoveVersions(List.of(guids));
  }
}
