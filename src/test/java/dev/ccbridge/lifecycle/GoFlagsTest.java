package dev.ccbridge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GoFlagsTest {
  private final GoFlags flags =
      new GoFlags("builder").string("dir", "/tmp", "a directory").bool("skip", "a switch");

  @ParameterizedTest
  @ValueSource(strings = {"-dir=/a", "--dir=/a", "-dir /a", "--dir /a", "-dir=/b -dir=/a"})
  void aValueFollowsAnEqualsSignOrIsTheNextWordAndTheLastOneCounts(String line) {
    flags.parse(List.of(line.split(" ")));

    assertThat(flags.value("dir")).isEqualTo("/a");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-skip", "--skip", "-skip=true", "-skip=1", "-skip=T", "-skip -dir=x"})
  void aBooleanNeedsNoValue(String line) {
    flags.parse(List.of(line.split(" ")));

    assertThat(flags.isSet("skip")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-skip=false", "-skip=0", "-- -skip", "word -skip", "- -skip"})
  void aBooleanStaysFalseWhenToldSoOrWhenTheFlagsHaveEnded(String line) {
    flags.parse(List.of(line.split(" ")));

    assertThat(flags.isSet("skip")).isFalse();
  }

  @Test
  void aBooleanDoesNotTakeTheNextWord() {
    flags.parse(List.of("-skip", "false", "-dir=/a"));

    assertThat(flags.isSet("skip")).isTrue();
    assertThat(flags.value("dir")).as("flags ended at the word").isEqualTo("/tmp");
  }

  @Test
  void aValueMayHoldEqualsSignsAndMayBeEmpty() {
    flags.parse(List.of("-dir=a=b"));
    assertThat(flags.value("dir")).isEqualTo("a=b");

    flags.parse(List.of("-dir="));
    assertThat(flags.value("dir")).isEmpty();
    assertThat(flags.missing()).containsExactly("-dir");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"-other", "-other=1", "---dir=x", "-=x", "-dir", "-skip=maybe", "-h", "-help"})
  void whatGoRefusesIsRefusedWithTheUsageAndExitCodeTwo(String line) {
    assertThatThrownBy(() -> flags.parse(List.of(line)))
        .isInstanceOfSatisfying(
            LifecycleException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
        .hasMessageEndingWith(
            "Usage of builder:\n  -dir=\"/tmp\": a directory\n  -skip=false: a switch");
  }

  @Test
  void anUnknownFlagIsNamed() {
    assertThatThrownBy(() -> flags.parse(List.of("-other=1")))
        .hasMessageStartingWith("flag provided but not defined: -other\n");
  }
}
