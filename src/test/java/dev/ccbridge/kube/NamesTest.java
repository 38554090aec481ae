package dev.ccbridge.kube;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {

  @Test
  void aGuidInLowerCaseIsItsOwnName() {
    assertThat(Names.fromGuid("34639e52-6577-44a6-8916-00bf93fd7f41"))
        .isEqualTo("34639e52-6577-44a6-8916-00bf93fd7f41");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-", "_x_", "a b", "A.b", "ä", "-a-", "…"})
  void anythingElseBecomesALegalName(String guid) {
    assertThat(Names.fromGuid(guid)).matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?").hasSizeLessThan(254);
  }

  @Test
  void differentGuidsHaveDifferentNames() {
    assertThat(Names.fromGuid("A-b")).isNotEqualTo(Names.fromGuid("a-b"));
    assertThat(Names.fromGuid("A-b")).isNotEqualTo(Names.fromGuid("a-B"));
    assertThat(Names.fromGuid("a_b")).isNotEqualTo(Names.fromGuid("a-b"));
    assertThat(Names.fromGuid("a_b")).isNotEqualTo(Names.fromGuid("a b"));
    assertThat(Names.fromGuid("x".repeat(300))).isNotEqualTo(Names.fromGuid("x".repeat(301)));
  }

  @Test
  void aLabelValueHasAtMost63Characters() {
    assertThat(Names.labelValue("Web_1.x")).isEqualTo("Web_1.x");
    assertThat(Names.labelValue("g".repeat(73))).hasSize(63);
    assertThat(Names.labelValue("")).isEmpty();
  }
}
