package dev.ccbridge.vectors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.cloudcontroller.model.StagingResult;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.stager.StagerUnderTest;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/**
 * {@code POST /v1/staging/:guid/completed}, up to what CC is told. The staging that a case is about
 * is begun at this very stager first; the case's path gets the token of its task.
 */
final class CompletionVectors implements VectorRunner {
  private static final List<String> HEADERS = List.of("Authorization", "Content-Type");
  private static final Set<String> LIFECYCLES = Set.of("buildpack", "docker");

  /** Of the statuses that the original handed on, those after which CC is told again. */
  private static final Set<Integer> TRIED_AGAIN = Set.of(401, 407, 408, 425, 429);

  @Override
  public ObjectNode run(JsonNode vector) throws Exception {
    var one = new StagerCase(begun(vector), HEADERS);
    HttpResponse<String> response;
    int creates;
    try (one) {
      begin(one, vector);
      creates = one.receptor.count();
      response = complete(one, vector);
      await(one, vector);
    }
    var seen = StagerCase.report(response);
    seen.set("cc_requests", one.cc.requests());
    var requests = (ArrayNode) one.receptorRequests();
    for (var i = 0; i < creates; i++) {
      requests.remove(0);
    }
    seen.set("receptor_requests", requests);
    return seen;
  }

  private static HttpResponse<String> complete(StagerCase one, JsonNode vector) throws Exception {
    var input = vector.path("input");
    var query = URI.create(one.callbackUrl()).getRawQuery();
    var body = input.has("body_text") ? input.get("body_text").asText() : input.get("body") + "";
    return one.stager.send(
        input.path("method").asText(), input.path("path").asText() + "?" + query, body);
  }

  /** The neighbours' script of these cases says nothing about the beginning. */
  private static JsonNode begun(JsonNode vector) {
    ObjectNode begun = vector.deepCopy();
    ((ObjectNode) begun.path("input")).put("method", "PUT").remove("receptor");
    return begun;
  }

  private static void begin(StagerCase one, JsonNode vector) throws Exception {
    var docker = lifecycle(vector).equals("docker");
    var message = JsonNodeFactory.instance.objectNode();
    message.put("app_id", "app").put("lifecycle", docker ? "docker" : "buildpack");
    var data = message.putObject("lifecycle_data");
    if (docker) {
      data.put("docker_image", "library/busybox:latest");
    } else {
      data.put("app_bits_download_uri", "http://bits.example.com/app").put("stack", stack(vector));
    }
    var begun = one.stager.send("PUT", "/v1/staging/" + guid(vector), message.toString());
    if (begun.statusCode() != 202) {
      throw new IllegalStateException("not begun: " + begun.statusCode() + " " + begun.body());
    }
    one.stager.awaitTrue(one::hasTask);
  }

  private static String stack(JsonNode vector) {
    for (var lifecycle : vector.at("/input/config/lifecycles").properties()) {
      if (lifecycle.getKey().startsWith("buildpack/")) {
        return lifecycle.getKey().substring("buildpack/".length());
      }
    }
    throw new IllegalStateException("no lifecycle for buildpacks in the case's config");
  }

  /** Until nothing more is going to happen by itself, or, with CC down, anything but repeats. */
  private static void await(StagerCase one, JsonNode vector) {
    var status = one.stager.find(guid(vector)).orElseThrow().getStatus();
    if (status == null || status.phase() == null || !status.phase().isFinal()) {
      return;
    }
    one.stager.awaitStatus(
        guid(vector),
        s ->
            isDown(vector)
                ? s.delivery() != null && s.delivery().lastError() != null
                : StagerUnderTest.isDeliveryOver(s));
  }

  private static String guid(JsonNode vector) {
    return vector.at("/input/path").asText().split("/")[3];
  }

  @Override
  public List<KnownDifference> knownDifferences() {
    return List.of(
        new KnownDifference(
            "bad input is explained",
            "an empty answer helps nobody",
            v ->
                Set.of(400, 404).contains(v.at("/expected/http_status").asInt())
                    && v.at("/expected/cc_requests").isEmpty()
                    && !v.path("expected").has("response_body"),
            (v, expected) -> StagerCase.explain(expected, false)),
        new KnownDifference(
            "an unreadable result is a failed staging",
            "the original told nobody, so that CC waited until its own time limit",
            CompletionVectors::hasUnreadableResult,
            (v, expected) -> expected.putArray("cc_requests").add(failure(v))),
        new KnownDifference(
            "CC's answer is not handed on",
            "the outcome is stored before CC is told of it, and the Receptor need not keep it",
            CompletionVectors::isHandedOn,
            (v, expected) -> expected.put("http_status", 200)),
        new KnownDifference(
            "CC is told again",
            "until it acknowledges; the original told it once",
            v -> isHandedOn(v) && isTriedAgain(v),
            (v, expected) -> {
              var told = (ArrayNode) expected.path("cc_requests");
              told.add(told.get(0).deepCopy());
            }));
  }

  private static boolean hasUnreadableResult(JsonNode vector) {
    return vector.at("/expected/http_status").asInt() == 400
        && vector.at("/expected/cc_requests").isArray()
        && LIFECYCLES.contains(lifecycle(vector))
        && vector.at("/input/body/task_guid").asText().equals(guid(vector))
        && isFalse(vector.at("/input/body/failed"))
        && isUnreadable(vector.at("/input/body/result"));
  }

  private static boolean isUnreadable(JsonNode result) {
    if (!result.isTextual() && !result.isMissingNode() && !result.isNull()) {
      return false;
    }
    try {
      var unused =
          ReceptorJson.mapper()
              .readerFor(StagingResult.class)
              .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
              .readValue(result.asText(""));
      return false;
    } catch (JsonProcessingException unreadable) {
      return true;
    }
  }

  private static boolean isFalse(JsonNode failed) {
    return failed.isMissingNode() || failed.isNull() || failed.isBoolean() && !failed.asBoolean();
  }

  private static String lifecycle(JsonNode vector) {
    try {
      // Member names in any case; of two the last.
      return StagerNeighbour.JSON
          .readTree(vector.at("/input/body/annotation").asText())
          .propertyStream()
          .filter(member -> member.getKey().equalsIgnoreCase("lifecycle"))
          .map(member -> member.getValue().asText())
          .reduce("", (earlier, later) -> later);
    } catch (JsonProcessingException unreadable) {
      return "";
    }
  }

  private static ObjectNode failure(JsonNode vector) {
    var config = vector.at("/input/config");
    var login = config.path("cc_username").asText() + ":" + config.path("cc_password").asText();
    var told = JsonNodeFactory.instance.objectNode().put("method", "POST");
    told.put("path", "/internal/staging/" + guid(vector) + "/completed");
    told.putObject("headers")
        .put(
            "Authorization",
            "Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8)))
        .put("Content-Type", "application/json");
    var body = told.putObject("body").put("execution_metadata", "");
    body.putNull("detected_start_command");
    body.putObject("error").put("id", "StagingError").put("message", "staging failed");
    return told;
  }

  private static boolean isDown(JsonNode vector) {
    return vector.at("/input/cc/down").asBoolean();
  }

  /** The original answered with what came of telling CC. */
  private static boolean isHandedOn(JsonNode vector) {
    var told = !vector.at("/expected/cc_requests").isEmpty() || isDown(vector);
    var status = vector.at("/expected/http_status").asInt();
    return told && status != 200 && status == handedOn(vector.at("/input/cc"));
  }

  private static int handedOn(JsonNode cc) {
    return cc.path("status").asInt(503);
  }

  private static boolean isTriedAgain(JsonNode vector) {
    var cc = vector.at("/input/cc");
    var status = cc.path("status").asInt();
    return cc.path("hang").asBoolean()
        || cc.path("drop").asBoolean()
        || status >= 300 && status < 400
        || status >= 500
        || TRIED_AGAIN.contains(status);
  }

  @Override
  public void close() {}
}
