package dev.ccbridge.stager.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.cloudcontroller.model.StagingRequestFromCC;
import dev.ccbridge.cloudcontroller.model.StagingResponseForCC;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.receptor.model.TaskCreateRequest;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The tasks we make are those that the original stager made of the same requests. */
class StagingVectorsTest {
  record Case(String name, JsonNode input, JsonNode expected) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> cases() throws IOException {
    return Vectors.read("staging.json").stream()
        .filter(StagingVectorsTest::isRecipe)
        .map(c -> new Case(c.get("name").textValue(), c.get("input"), c.get("expected")));
  }

  /** The buildpack recipe, and the docker recipe as far as nothing is cached. */
  private static boolean isRecipe(JsonNode vector) {
    var kind = vector.get("kind").textValue();
    return kind.startsWith("buildpack-")
        || (kind.startsWith("docker-") && !kind.startsWith("docker-cached"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theRecipeIsThatOfTheOriginal(Case vector) throws Exception {
    var requests = vector.expected().path("receptor_requests");
    if (requests.isEmpty()) {
      var refusal = catchThrowableOfType(RecipeException.class, () -> build(vector.input()));
      assertThat(refusal).as("refused").isNotNull();
      assertRefusal(refusal, vector);
      return;
    }
    var task = ReceptorJson.mapper().valueToTree(build(vector.input()));
    assertThat(ReceptorJson.mapper().readTree(task.toString()))
        .isEqualTo(requests.get(0).get("body"));
  }

  @Test
  void manyRecipesWereCompared() throws IOException {
    assertThat(cases().filter(c -> !c.expected().path("receptor_requests").isEmpty()))
        .hasSizeGreaterThan(35);
    assertThat(cases().filter(c -> c.expected().path("receptor_requests").isEmpty()))
        .hasSizeGreaterThan(12);
  }

  private static void assertRefusal(RecipeException refusal, Case vector) throws IOException {
    var body = vector.expected().path("response_body");
    if (body.isMissingNode()) {
      assertThat(vector.expected().path("original_crashed").booleanValue()).isTrue();
      return;
    }
    var answer = StagingResponseForCC.failed(StagingErrors.sanitize(refusal.message()));
    assertThat(ReceptorJson.mapper().readTree(ReceptorJson.mapper().writeValueAsString(answer)))
        .isEqualTo(body);
  }

  private static TaskCreateRequest build(JsonNode input) throws IOException {
    var request = ReceptorJson.mapper().treeToValue(input.get("body"), StagingRequestFromCC.class);
    var guid = Vectors.guid(input);
    var target =
        new RecipeTarget(
            guid,
            RecipeTarget.CC_DOMAIN,
            input.get("config").get("stager_url").textValue()
                + "/v1/staging/"
                + guid
                + "/completed",
            false,
            false);
    var config = Vectors.config(input);
    return request.lifecycle().equals(StagingRequestFromCC.DOCKER)
        ? new DockerRecipeBuilder(config).build(target, request)
        : new BuildpackRecipeBuilder(config).build(target, request);
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void aRefusalSaysWhatIsMissing(String name, String text) throws IOException {
    var input =
        Vectors.read("staging.json").stream()
            .filter(c -> c.get("name").textValue().equals(name))
            .findFirst()
            .orElseThrow()
            .get("input");
    var refusal = catchThrowableOfType(RecipeException.class, () -> build(input));
    assertThat(refusal.message()).startsWith(text);
  }

  static List<Arguments> refusals() {
    return List.of(
        refusal("buildpack-missing-lifecycle-data", "missing lifecycle data"),
        refusal("buildpack-missing-app-id", "missing app id"),
        refusal("buildpack-missing-bits", "missing app bits download uri"),
        refusal("buildpack-unknown-stack", "no compiler defined for requested stack"),
        refusal("buildpack-lifecycle-bad-scheme", "wTF"),
        refusal("buildpack-cache-uri-bad", "failed to parse build artifacts cache download URL: "),
        refusal("docker-missing-image", "missing docker image download url"),
        refusal("docker-credentials-partial", "missing docker credentials"));
  }

  private static Arguments refusal(String name, String text) {
    return Arguments.of(name, text);
  }
}
