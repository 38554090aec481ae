package dev.ccbridge.nsync;

import static dev.ccbridge.nsync.Lrps.V1;
import static dev.ccbridge.nsync.Lrps.V2;
import static dev.ccbridge.nsync.Lrps.crashed;
import static dev.ccbridge.nsync.Lrps.desired;
import static dev.ccbridge.nsync.Lrps.unplaced;
import static dev.ccbridge.nsync.Lrps.version;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.DesiredLRPSpec.UpdateStrategy;
import dev.ccbridge.api.DesiredLRPStatus;
import dev.ccbridge.kube.Conditions;
import dev.ccbridge.receptor.EgressGaps;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LRPStatusFactoryTest {
  private static final DesiredLRP LRP =
      Lrps.resource("{source: {droplet: {uri: /d}}, instances: 2}");

  private final LRPStatusFactory statuses = new LRPStatusFactory(clock(0), EgressGaps.UNKNOWN);

  /** {@link Lrps#V2} is wanted, with two instances. */
  static Stream<Arguments> conditions() {
    var old = version(V1, 2, 2);
    return Stream.of(
        arguments(List.of(version(V2, 2, 2)), "Ready", "Running", "2 of 2 instances run"),
        arguments(List.of(version(V2, 2, 1)), "Reconciling", "Starting", "1 of 2 instances run"),
        arguments(List.of(), "Reconciling", "Starting", "0 of 2 instances run"),
        arguments(
            List.of(old, version(V2, 2, 2)),
            "Reconciling",
            "RollingOut",
            "2 of 2 instances run; old version " + V1 + ": 2 instances"),
        arguments(
            List.of(version(V1, -1, 2), version(V2, 2, 2)),
            "Ready",
            "Running",
            "2 of 2 instances run"),
        arguments(
            List.of(new LRPVersion(V2, desired(V2, 2, "e", 0), List.of(crashed(V2, 1, 2, "boom")))),
            "Reconciling",
            "InstanceCrashed",
            "instance 1 crashed 2 times: boom"),
        arguments(
            List.of(
                old,
                new LRPVersion(V2, desired(V2, 2, "e", 0), List.of(crashed(V2, 0, 3, "boom")))),
            "Stalled",
            "CrashLooping",
            "instance 0 crashed 3 times: boom; old version " + V1 + ": 2 instances"),
        arguments(
            List.of(
                new LRPVersion(
                    V2,
                    desired(V2, 2, "e", 0),
                    List.of(unplaced(V2, 0, "insufficient resources")))),
            "Stalled",
            "PlacementFailed",
            "instance 0: insufficient resources; free resources, ask for less, or add cells"));
  }

  @ParameterizedTest
  @MethodSource("conditions")
  void exactlyOneConditionIsTrueAndSaysWhy(
      List<LRPVersion> versions, String type, String reason, String message) {
    var conditions = status(LRP, versions, Optional.empty()).conditions();
    assertThat(conditions).filteredOn(c -> c.getStatus().equals("True")).hasSize(1);
    var holding = Conditions.find(conditions, type).orElseThrow();
    assertThat(holding.getStatus()).isEqualTo("True");
    assertThat(holding.getReason()).isEqualTo(reason);
    assertThat(holding.getMessage()).isEqualTo(message);
  }

  @Test
  void aNoticeComesFirstAndTellsWhatKeepsRunning() {
    var status =
        status(
            LRP, List.of(version(V2, 2, 2)), Optional.of(Notice.stalled("StagingFailed", "why")));
    var stalled = Conditions.find(status.conditions(), "Stalled").orElseThrow();
    assertThat(stalled.getStatus()).isEqualTo("True");
    assertThat(stalled.getMessage())
        .isEqualTo("why; version " + V2 + " keeps running, 2 instances");
    assertThat(status.ready()).isEqualTo("2/2");
  }

  @Test
  void tellsWhereTheAppsOwnPortIsReached() {
    var status = status(LRP, List.of(version(V2, 2, 2)), Optional.empty());
    assertThat(status.actual().getFirst().address()).isEqualTo("127.0.0.1:61001");
    assertThat(status.actual().getFirst().since()).isEqualTo("2015-08-25T00:00:00Z");
    assertThat(status.selector()).isEqualTo("ccbridge.dev/process=" + V2);
    assertThat(status.observedGeneration()).isEqualTo(3);
  }

  @Test
  void withoutAVersionNoPodIsSelected() {
    var waiting = Conditions.reconciling(1, "WaitingForStaging", "");
    assertThat(statuses.withConditions(LRP, waiting).selector())
        .isEqualTo("ccbridge.dev/process=" + LRP.getMetadata().getUid());
  }

  @Test
  void theSameAgainDoesNotDifferHoweverMuchLater() {
    var first = status(LRP, List.of(version(V2, 2, 1)), Optional.empty());
    var stored = Serialization.unmarshal(Serialization.asJson(first), DesiredLRPStatus.class);
    var lrp = Lrps.resource("{source: {droplet: {uri: /d}}, instances: 2}");
    lrp.setStatus(stored);
    var later =
        new LRPStatusFactory(clock(500), EgressGaps.UNKNOWN)
            .status(
                lrp,
                observed(List.of(version(V2, 2, 1))),
                new LRPStep.Settled(),
                Optional.empty(),
                null,
                null);
    assertThat(LRPStatusFactory.differs(stored, later)).isFalse();
    assertThat(LRPStatusFactory.differs(stored, status(lrp, List.of(), Optional.empty()))).isTrue();
  }

  @Test
  void whatAnotherWriterHasInTheStatusMakesNoDifference() {
    var ours = status(LRP, List.of(version(V2, 2, 1)), Optional.empty());
    var stored =
        Serialization.unmarshal(
            Serialization.asJson(ours)
                .replaceFirst(
                    "^\\{",
                    "{\"crashesTold\": [{\"index\": 0, \"crashCount\": 1, \"at\": \"x\"}],"),
            DesiredLRPStatus.class);
    assertThat(stored.crashesTold()).hasSize(1);
    assertThat(LRPStatusFactory.differs(stored, ours)).isFalse();
  }

  @Test
  void whatIsNotEnforcedOfEgressRulesIsSaidWhileThereAreSuch() {
    var lossy =
        new LRPStatusFactory(
            clock(0), rules -> rules.stream().map(rule -> rule.protocol() + " is lost").toList());
    var rules =
        "egressRules: [{protocol: icmp, destinations: [10.0.0.1], icmpInfo: {type: 8, code: 0}}]";
    var lrp = Lrps.resource("{source: {droplet: {uri: /d}}, instances: 2, " + rules + "}");

    lrp.setStatus(lossy.withConditions(lrp, Conditions.ready(3, "Running", "")));

    var conditions = lrp.getStatus().conditions();
    var egress = Conditions.find(conditions, "EgressEnforced").orElseThrow();
    assertThat(egress.getStatus()).isEqualTo("False");
    assertThat(egress.getReason()).isEqualTo("NotEnforced");
    assertThat(egress.getMessage()).isEqualTo("icmp is lost");
    assertThat(Conditions.isTrue(conditions, "Ready")).isTrue();
    var without = Lrps.resource("{source: {droplet: {uri: /d}}, instances: 2}");
    without.setStatus(lrp.getStatus());
    assertThat(lossy.withConditions(without, List.of()).conditions())
        .extracting(condition -> condition.getType())
        .containsExactly("Ready", "Reconciling", "Stalled");
  }

  @Test
  void ofVeryManyInstancesNotAllAreListed() {
    var many = version(V2, 5000, 5000);
    var lrp = Lrps.resource("{source: {droplet: {uri: /d}}, instances: 5000}");
    var status = status(lrp, List.of(many), Optional.empty());
    assertThat(status.ready()).isEqualTo("5000/5000");
    assertThat(status.actual()).hasSize(200);
    assertThat(Serialization.asJson(status).length()).isLessThan(500_000);
    assertThat(status.actual().stream().map(DesiredLRPStatus.Actual::index))
        .containsExactlyElementsOf(IntStream.range(0, 200).boxed().toList());
  }

  private DesiredLRPStatus status(
      DesiredLRP lrp, List<LRPVersion> versions, Optional<Notice> notice) {
    return statuses.status(lrp, observed(versions), new LRPStep.Settled(), notice, null, null);
  }

  private static Observed observed(List<LRPVersion> versions) {
    return new Observed(
        Optional.of(LRPStepTest.wanted()),
        Optional.empty(),
        versions,
        UpdateStrategy.ROLLING,
        true);
  }

  private static Clock clock(long seconds) {
    return Clock.fixed(Instant.ofEpochSecond(1_700_000_000 + seconds), ZoneOffset.UTC);
  }
}
