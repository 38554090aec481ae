package dev.ccbridge.stager.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.receptor.model.TaskResponse;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** CC is told what the original told it of the same tasks. */
class CompletionVectorsTest {
  record Case(String name, JsonNode body, JsonNode expected) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> cases() throws IOException {
    return Vectors.read("completion.json").stream()
        .map(
            c ->
                new Case(
                    c.get("name").textValue(), c.get("input").path("body"), c.get("expected")));
  }

  static Stream<Case> told() throws IOException {
    return cases().filter(c -> !c.expected().path("cc_requests").isEmpty());
  }

  static Stream<Case> malformedResults() throws IOException {
    return cases().filter(c -> c.name().startsWith("result-malformed"));
  }

  @ParameterizedTest
  @MethodSource("told")
  void ccIsToldWhatTheOriginalTold(Case vector) throws IOException {
    var task = ReceptorJson.mapper().treeToValue(vector.body(), TaskResponse.class);
    var told = ReceptorJson.mapper().writeValueAsString(StagingOutcome.of(task).forCC());
    assertThat(ReceptorJson.mapper().readTree(told))
        .isEqualTo(vector.expected().get("cc_requests").get(0).get("body"));
  }

  @ParameterizedTest
  @MethodSource("malformedResults")
  void aResultThatCannotBeReadIsSuch(Case vector) throws IOException {
    var task = ReceptorJson.mapper().treeToValue(vector.body(), TaskResponse.class);
    assertThat(StagingOutcome.of(task)).isInstanceOf(StagingOutcome.Unreadable.class);
  }

  @Test
  void manyAnswersWereCompared() throws IOException {
    assertThat(told()).hasSizeGreaterThan(25);
    assertThat(malformedResults()).isNotEmpty();
  }
}
