package dev.ccbridge.devserver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.ccbridge.devserver.ApiUnderTest.Answer;
import dev.ccbridge.devserver.schema.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * One long session of requests, sent to our server and to a real one; both must answer what is
 * recorded in parity.json, which the real one wrote ({@code -Dparity.update=true}). A step that
 * answers otherwise on purpose says so in {@code differs}; there only the status is compared, with
 * {@code ownStatus} where that is another one too.
 */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class ParityIT {
  private static final Path RECORD = Path.of("src/test/resources/devserver/parity.json");
  private static final String DEFINITIONS =
      "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

  @Test
  void theDevelopmentServerAnswersAsARealOneDid() throws Exception {
    var steps = (ArrayNode) Json.parse(Files.readAllBytes(RECORD));
    try (var api = ApiUnderTest.development()) {
      var wrong = new ArrayList<String>();
      for (var step : steps) {
        var seen = answer(api, step);
        var differs = step.has("differs");
        var recorded = step.path("answer");
        var wanted =
            differs
                ? step.path("ownStatus").asInt(recorded.path("status").asInt())
                : recorded.path("status").asInt();
        if (seen.path("status").asInt() != wanted || (!differs && !seen.equals(recorded))) {
          wrong.add(describe(step, recorded, seen));
        }
      }
      assertThat(steps).hasSizeGreaterThan(200);
      assertThat(wrong).isEmpty();
    }
  }

  @Test
  void aRealServerAnswersAsRecorded() throws Exception {
    var steps = (ArrayNode) Json.parse(Files.readAllBytes(RECORD));
    try (var api = ApiUnderTest.real()) {
      var wrong = new ArrayList<String>();
      for (var step : steps) {
        var seen = answer(api, step);
        if (Boolean.getBoolean("parity.update")) {
          ((ObjectNode) step).set("answer", seen);
        } else if (!isSame(step, seen)) {
          wrong.add(describe(step, step.path("answer"), seen));
        }
      }
      if (Boolean.getBoolean("parity.update")) {
        var writer = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        Files.writeString(RECORD, writer.writeValueAsString(steps) + "\n");
      }
      assertThat(wrong).isEmpty();
    }
  }

  private static boolean isSame(JsonNode step, JsonNode seen) {
    var recorded = step.path("answer");
    return step.has("differs")
        ? seen.path("status").equals(recorded.path("status"))
        : seen.equals(recorded);
  }

  private static String describe(JsonNode step, JsonNode wanted, JsonNode seen) {
    return "\n%s %s %s\n  recorded: %s\n  seen:     %s"
        .formatted(
            step.path("method").asText(),
            step.path("path").asText(),
            step.path("body"),
            wanted,
            seen);
  }

  private static ObjectNode answer(ApiUnderTest api, JsonNode step) {
    var body =
        step.path("body").isTextual() ? step.path("body").asText() : step.path("body").toString();
    var answer =
        api.send(
            step.path("method").asText(),
            step.path("path").asText(),
            step.path("type").asText(),
            body);
    awaitServed(api, step, answer);
    var json = Json.object();
    json.put("status", (long) answer.status());
    if (!answer.warnings().isEmpty()) {
      var warnings = json.putArray("warnings");
      answer.warnings().forEach(warnings::add);
    }
    json.set("body", step.has("namesOnly") ? names(answer) : normalized(answer));
    return json;
  }

  /** A real server needs a moment until it serves what a new CRD defines. */
  private static void awaitServed(ApiUnderTest api, JsonNode step, Answer answer) {
    var created = step.path("path").asText().equals(DEFINITIONS) && answer.status() == 201;
    if (!created) {
      return;
    }
    var spec = answer.json().path("spec");
    var group =
        "/apis/"
            + spec.path("group").asText()
            + "/"
            + spec.path("versions").path(0).path("name").asText();
    var plural = spec.path("names").path("plural").asText();
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> api.send("GET", group + "/" + plural).status() == 200);
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> api.send("GET", group).status() == 200);
  }

  private static JsonNode names(Answer answer) {
    var json = normalized(answer);
    if (!json.has("items")) {
      return json;
    }
    var names = new ArrayList<String>();
    json.get("items").forEach(item -> names.add(item.at("/metadata/name").asText()));
    return TextNode.valueOf(json.path("kind").asText() + " " + String.join(",", names));
  }

  private static JsonNode normalized(Answer answer) {
    if (!answer.contentType().startsWith("application/json")) {
      return TextNode.valueOf(answer.body());
    }
    var text =
        answer
            .body()
            .replaceAll("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UID")
            .replaceAll("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z", "TIME")
            .replaceAll("\"resourceVersion\":\\s*\"\\d+\"", "\"resourceVersion\":\"RV\"")
            .replaceAll("ResourceVersion in record \\(\\d+\\)", "ResourceVersion in record (RV)")
            .replaceAll("current: \\d+", "current: RV")
            .replaceAll("gen-[a-z0-9]{5}", "gen-XXXXX")
            // The same errors are in the causes.
            .replaceAll("is invalid: \\[.*?\",\"reason\"", "is invalid: [...]\",\"reason\"");
    return sorted(Json.parse(text));
  }

  /** Fields by name, and owners by name where they are otherwise in the order of their times. */
  private static JsonNode sorted(JsonNode node) {
    if (node instanceof ArrayNode array) {
      var items = new ArrayList<JsonNode>();
      array.forEach(item -> items.add(sorted(item)));
      if (!items.isEmpty() && items.getFirst().has("fieldsV1")) {
        items.sort(Comparator.comparing(ParityIT::owner));
      }
      if (!items.isEmpty() && items.getFirst().has("reason")) {
        // Causes: a real server finds the errors of an object's fields in any order.
        items.sort(Comparator.comparing(JsonNode::toString));
      }
      return array.arrayNode().addAll(items);
    }
    if (node instanceof ObjectNode object) {
      var fields = new TreeMap<String, JsonNode>();
      object.properties().forEach(f -> fields.put(f.getKey(), sorted(f.getValue())));
      fields.keySet().removeAll(List.of("storageVersionHash"));
      return object.objectNode().setAll(fields);
    }
    return node;
  }

  private static String owner(JsonNode entry) {
    return entry.path("manager").asText() + entry.path("operation") + entry.path("subresource");
  }
}
