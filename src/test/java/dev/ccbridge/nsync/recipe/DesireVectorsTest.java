package dev.ccbridge.nsync.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.cloudcontroller.model.DesireAppRequestFromCC;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the original nsync listener sent to the Receptor, against what the recipes build. */
class DesireVectorsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** About the HTTP routes, not about recipes: no request to the Receptor shows a built recipe. */
  private static final Set<String> FRONT_DOOR_ONLY =
      Set.of(
          "stop",
          "stop-unknown",
          "stop-fails",
          "kill",
          "kill-bad-index",
          "kill-negative-index",
          "kill-unknown",
          "kill-fails",
          "guid-mismatch",
          "wrong-method",
          "lookup-fails",
          "receptor-down");

  /** Differs from Diego: "no monitor" is null on our wire, {} in the recordings. */
  private static final Set<String> NO_MONITOR =
      Set.of("buildpack-health-check", "docker-health-check");

  /** Differs from Diego: carried out or refused, where the original crashed. */
  private static final Set<String> ORIGINAL_CRASHED =
      Set.of("docker-image-index-alone", "update-existing-without-routes");

  private static final SshKeyPair HOST =
      new SshKeyPair("{{HOST_PRIVATE_KEY_PEM_RSA1024}}", "", "{{HOST_FINGERPRINT_RSA1024}}");
  private static final SshKeyPair USER =
      new SshKeyPair("{{USER_PRIVATE_KEY_PEM_RSA1024}}", "{{USER_AUTHORIZED_KEY_RSA1024}}", "");

  static Stream<JsonNode> sent() {
    return cases().filter(c -> !recipes(c).isEmpty());
  }

  static Stream<JsonNode> refused() {
    return cases()
        .filter(c -> recipes(c).isEmpty())
        .filter(c -> !FRONT_DOOR_ONLY.contains(c.path("kind").textValue()))
        .filter(c -> !ORIGINAL_CRASHED.contains(c.path("kind").textValue()));
  }

  @Test
  void everyCaseIsReadByExactlyOneTest() {
    var readers = new TreeMap<String, Integer>();
    cases().forEach(c -> readers.put(c.path("name").textValue(), 0));
    Stream.of(
            sent(),
            refused(),
            cases().filter(c -> FRONT_DOOR_ONLY.contains(c.path("kind").textValue())),
            cases().filter(c -> ORIGINAL_CRASHED.contains(c.path("kind").textValue())))
        .flatMap(s -> s)
        .forEach(c -> readers.merge(c.path("name").textValue(), 1, Integer::sum));
    assertThat(readers).hasSizeGreaterThan(100);
    assertThat(readers.values()).containsOnly(1);
  }

  @ParameterizedTest
  @MethodSource("sent")
  void theLRPIsTheOneThatTheOriginalSent(JsonNode vector) throws Exception {
    var app = decode(vector);
    for (var request : recipes(vector)) {
      var built =
          request.path("method").textValue().equals("POST")
              ? wire(builder(vector, app).create(app, LRPOptions.CLOUD_CONTROLLER))
              : wire(
                  builder(vector, app).update(app, LRPOptions.CLOUD_CONTROLLER, existing(vector)));
      assertThat(built).isEqualTo(expected(vector, request));
    }
  }

  @ParameterizedTest
  @MethodSource("refused")
  void whatTheOriginalRefusedIsRefusedWithTheSameStatus(JsonNode vector) {
    assertThat(status(vector)).isEqualTo(vector.at("/expected/http_status").intValue());
  }

  @Test
  void aRegistryWithoutANameIsRefusedWhereTheOriginalCrashed() {
    assertThat(status(only("docker-image-index-alone"))).isEqualTo(503);
  }

  @Test
  void anLRPWithoutRoutesIsUpdatedWhereTheOriginalCrashed() throws Exception {
    var vector = only("update-existing-without-routes");
    var app = decode(vector);
    var update = builder(vector, app).update(app, LRPOptions.CLOUD_CONTROLLER, existing(vector));
    assertThat(update.routes()).containsOnlyKeys("cf-router");
  }

  /** What the listener answers when the builder, or the reading of the body, fails. */
  private static int status(JsonNode vector) {
    DesireAppRequestFromCC app;
    try {
      app = decode(vector);
    } catch (JsonProcessingException e) {
      return 400;
    }
    var builder = builder(vector, app);
    var failure =
        catchThrowableOfType(
            RecipeException.class,
            () -> {
              if (vector.at("/input/receptor/0/status").intValue() == 200) {
                builder.update(app, LRPOptions.CLOUD_CONTROLLER, existing(vector));
              } else {
                builder.create(app, LRPOptions.CLOUD_CONTROLLER);
              }
            });
    if (failure == null) {
      return 202;
    }
    return failure.error().badRequest() ? 400 : 503;
  }

  private static DesireAppRequestFromCC decode(JsonNode vector) throws JsonProcessingException {
    var input = vector.path("input");
    var body = input.has("body") ? input.path("body").toString() : input.path("body_text").asText();
    return ReceptorJson.mapper().readValue(body, DesireAppRequestFromCC.class);
  }

  private static LRPRecipeBuilder builder(JsonNode vector, DesireAppRequestFromCC app) {
    var config = vector.at("/input/config");
    var lifecycles = new TreeMap<String, String>();
    config
        .path("lifecycles")
        .properties()
        .forEach(e -> lifecycles.put(e.getKey(), e.getValue().textValue()));
    var keys = List.of(HOST, USER, HOST, USER).iterator();
    return LRPRecipeBuilder.of(
        app, new RecipeConfig(lifecycles, config.path("file_server_url").textValue()), keys::next);
  }

  /** What the Receptor had at the last look that found something. */
  private static DesiredLRPResponse existing(JsonNode vector) {
    return StreamSupport.stream(vector.at("/input/receptor").spliterator(), false)
        .filter(answer -> answer.path("body").has("process_guid"))
        .reduce((first, last) -> last)
        .map(
            answer ->
                ReceptorJson.mapper().convertValue(answer.get("body"), DesiredLRPResponse.class))
        .orElseThrow();
  }

  private static List<JsonNode> recipes(JsonNode vector) {
    var recipes = new ArrayList<JsonNode>();
    for (var request : vector.at("/expected/receptor_requests")) {
      if (request.path("method").textValue().matches("POST|PUT")) {
        recipes.add(request);
      }
    }
    return recipes;
  }

  private static JsonNode expected(JsonNode vector, JsonNode request) throws Exception {
    var body = (ObjectNode) JSON.readTree(request.path("body").toString());
    if (NO_MONITOR.contains(vector.path("kind").textValue()) && body.path("monitor").isEmpty()) {
      body.putNull("monitor");
    }
    return body;
  }

  private static JsonNode wire(Object message) throws Exception {
    return JSON.readTree(ReceptorJson.mapper().writeValueAsString(message));
  }

  private static JsonNode only(String kind) {
    return cases().filter(c -> c.path("kind").textValue().equals(kind)).findFirst().orElseThrow();
  }

  private static Stream<JsonNode> cases() {
    try (var in = DesireVectorsTest.class.getResourceAsStream("/vectors/desire.json")) {
      return StreamSupport.stream(JSON.readTree(in).spliterator(), false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
