package dev.ccbridge.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConditionsTest {
  private static final Instant EARLIER = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant LATER = Instant.parse("2026-01-01T00:05:00.5Z");

  @Test
  void aConditionWhoseStatusStaysKeepsItsTransitionTime() {
    var before = Conditions.merge(null, Conditions.reconciling(1, "Staging", "step 1"), EARLIER);
    var after = Conditions.merge(before, Conditions.reconciling(1, "Staging", "step 2"), LATER);
    assertThat(after).extracting(c -> c.getLastTransitionTime()).containsOnly(EARLIER.toString());
    assertThat(Conditions.find(after, "Ready").orElseThrow().getMessage()).isEqualTo("step 2");
  }

  @Test
  void aConditionWhoseStatusChangesGetsTheTimeInWholeSeconds() {
    var before = Conditions.merge(null, Conditions.reconciling(1, "Staging", ""), EARLIER);
    var after = Conditions.merge(before, Conditions.ready(1, "Staged", "done"), LATER);
    assertThat(Conditions.find(after, "Ready").orElseThrow().getLastTransitionTime())
        .isEqualTo("2026-01-01T00:05:00Z");
    assertThat(Conditions.find(after, "Stalled").orElseThrow().getLastTransitionTime())
        .isEqualTo(EARLIER.toString());
  }

  @Test
  void conditionsOfOtherTypesStay() {
    var delivered = List.of(Conditions.of("Delivered", true, "Acknowledged", "", 1));
    var before = Conditions.merge(null, delivered, EARLIER);
    var after = Conditions.merge(before, Conditions.ready(1, "Staged", ""), LATER);
    assertThat(after)
        .extracting(c -> c.getType())
        .containsExactly("Delivered", "Ready", "Reconciling", "Stalled");
    assertThat(Conditions.isTrue(after, "Delivered")).isTrue();
  }

  @Test
  void storedConditionsAreNotTouched() {
    var before = Conditions.merge(null, Conditions.reconciling(1, "Staging", ""), EARLIER);
    Conditions.merge(before, Conditions.stalled(2, "Broken", "mend it"), LATER);
    assertThat(Conditions.isTrue(before, "Reconciling")).isTrue();
    assertThat(Conditions.hasReason(before, "Stalled", "Staging")).isTrue();
  }

  @Test
  void ofManyEgressRulesThatAreNotEnforcedSomeAreNamed() {
    var gaps = IntStream.range(0, 12).mapToObj(n -> n + " ".repeat(500)).toList();
    var message = Conditions.egress(1, "NotEnforced", gaps).getFirst().getMessage();
    assertThat(message).startsWith("0 ").endsWith("; and 2 more").hasSizeLessThan(2_100);
    assertThat(Conditions.egress(1, "NotEnforced", List.of())).isEmpty();
  }

  @Test
  void exactlyOneOfTheThreeIsTrue() {
    assertThat(Conditions.stalled(1, "SecretMissing", "create it"))
        .filteredOn(c -> c.getStatus().equals("True"))
        .extracting(c -> c.getType())
        .containsExactly("Stalled");
  }
}
