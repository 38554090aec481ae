package dev.ccbridge.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.kube.Conditions;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.stager.StagerUnderTest;
import dev.ccbridge.stager.recipe.StagingErrors;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** {@code PUT} and {@code DELETE /v1/staging/:guid}, up to the task at the Receptor. */
final class StagingVectors implements VectorRunner {
  private static final Pattern GUID = Pattern.compile("[a-zA-Z0-9_-]{1,253}");
  private static final Set<String> TEXTS_FOR_CC =
      Set.of("insufficient resources", "found no compatible cell");

  @Override
  public ObjectNode run(JsonNode vector) throws Exception {
    var input = vector.path("input");
    var one = new StagerCase(vector, List.of());
    HttpResponse<String> response;
    int stored;
    try (one) {
      response = one.send(input.path("path").asText());
      await(one, input, response);
      stored = one.stager.all().size();
    }
    var seen = StagerCase.report(response);
    if (response.statusCode() != 202 && stored > 0) {
      seen.put("stored_in_spite_of_the_answer", stored);
    }
    seen.set("receptor_requests", one.receptorRequests());
    if (one.cc.count() > 0) {
      seen.set("cc_requests", one.cc.requests());
    }
    if (input.has("consul")) {
      seen.set("consul_requests", one.consul.requests());
    }
    return seen;
  }

  /** Until nothing more is going to happen by itself. */
  private static void await(StagerCase one, JsonNode input, HttpResponse<String> response) {
    if (response.statusCode() != 202) {
      return;
    }
    if (input.path("method").asText().equals("DELETE")) {
      one.stager.awaitTrue(() -> one.receptor.count() >= 2);
      return;
    }
    var guid = input.path("path").asText().replaceFirst(".*/", "");
    one.stager.awaitStatus(
        guid,
        status ->
            one.hasTask()
                || StagerUnderTest.isDeliveryOver(status)
                || isDown(input)
                    && Conditions.hasReason(
                        status.conditions(), Conditions.READY, "ReceptorUnavailable"));
  }

  @Override
  public List<KnownDifference> knownDifferences() {
    return List.of(
        new KnownDifference(
            "bad input is explained",
            "an empty answer helps nobody; CC shows what is in error.message",
            v ->
                isPut(v)
                    && Set.of(400, 404).contains(v.at("/expected/http_status").asInt())
                    && !v.path("expected").has("response_body"),
            (v, expected) -> StagerCase.explain(expected, true)),
        new KnownDifference(
            "no crash",
            "the original dereferenced nil; a docker request without lifecycle_data is answered as"
                + " one for buildpacks is",
            v -> v.at("/expected/original_crashed").asBoolean(),
            (v, expected) -> {
              expected.remove("original_crashed");
              expected.put("http_status", 500);
              StagerCase.explain(expected, true);
              ((ObjectNode) expected.at("/response_body/error")).put("message", "staging failed");
            }),
        new KnownDifference(
            "egress rules once",
            "of a cached request the original sent them twice, which its successors corrected",
            StagingVectors::doublesRules,
            (v, expected) -> {
              var rules = (ArrayNode) expected.at("/receptor_requests/0/body/egress_rules");
              v.at("/input/body/egress_rules").forEach(rule -> rules.remove(0));
            }),
        new KnownDifference(
            "a refused task is told by callback",
            "the request is stored and answered before the Receptor is asked; CC is told the very"
                + " body that the original answered",
            v -> fails(v) && isFinal(firstAnswer(v)),
            (v, expected) -> {
              var told = JsonNodeFactory.instance.objectNode();
              told.put("method", "POST");
              told.put("path", "/internal/staging/" + guid(v) + "/completed");
              told.set("body", v.at("/expected/response_body"));
              accept(expected).putArray("cc_requests").add(told);
            }),
        new KnownDifference(
            "a Receptor that fails is tried again",
            "the request is stored, so that it need not fail with the Receptor",
            v -> fails(v) && !isFinal(firstAnswer(v)) && !isDown(v.path("input")),
            (v, expected) -> {
              var requests = (ArrayNode) accept(expected).path("receptor_requests");
              requests.add(requests.get(0).deepCopy());
            }),
        new KnownDifference(
            "a Receptor that is down is waited for",
            "the request is stored, so that it need not fail with the Receptor",
            v -> fails(v) && isDown(v.path("input")),
            (v, expected) -> accept(expected)),
        new KnownDifference(
            "a look at the Receptor that breaks off is repeated",
            "once, by the JDK's client",
            StagingVectors::isStopBreakingOff,
            (v, expected) -> {
              var looks = (ArrayNode) expected.path("receptor_requests");
              looks.add(looks.get(0).deepCopy());
            }),
        new KnownDifference(
            "a look at Consul that breaks off is repeated",
            "once, by the JDK's client",
            StagingVectors::isConsulBreakingOff,
            (v, expected) -> {
              var looks = (ArrayNode) expected.path("consul_requests");
              looks.add(looks.get(0).deepCopy());
            }),
        new KnownDifference(
            "what the schema has no room for is refused",
            "the Kubernetes API is the store",
            StagingVectors::isBeyondSchema,
            (v, expected) -> {
              expected.putArray("receptor_requests");
              expected.put("http_status", 500);
              StagerCase.explain(expected, true);
              ((ObjectNode) expected.at("/response_body/error")).put("message", "staging failed");
            }));
  }

  @Override
  public boolean isWithoutMeaning(JsonNode vector, String mutation) {
    // A look that is repeated anyway would be taken for two.
    return isBeyondSchema(vector) && mutation.matches("[a-z]+ /receptor_requests(/.*)?")
        || isStopBreakingOff(vector) && mutation.equals("doubled /receptor_requests")
        || isConsulBreakingOff(vector) && mutation.equals("doubled /consul_requests");
  }

  private static boolean isStopBreakingOff(JsonNode vector) {
    return vector.at("/input/method").asText().equals("DELETE")
        && vector.at("/input/receptor/0/drop").asBoolean()
        && vector.at("/expected/receptor_requests").size() == 1;
  }

  private static boolean isConsulBreakingOff(JsonNode vector) {
    return vector.at("/input/consul/drop").asBoolean()
        && vector.at("/expected/consul_requests").has(0);
  }

  /** A Receptor takes no other guids either, and answers so with the same status. */
  private static boolean isBeyondSchema(JsonNode vector) {
    return isPut(vector)
        && vector.at("/expected/http_status").asInt() == 202
        && (!GUID.matcher(guid(vector)).matches()
            || SchemaLimits.isBeyondStaging(Messages.of(vector)));
  }

  private static ObjectNode accept(ObjectNode expected) {
    expected.remove(List.of("response_body", "response_content_type"));
    return expected.put("http_status", 202);
  }

  private static boolean isPut(JsonNode vector) {
    return vector.at("/input/method").asText().equals("PUT");
  }

  private static String guid(JsonNode vector) {
    return vector.at("/input/path").asText().replaceFirst(".*/", "");
  }

  /** The original failed because of what the Receptor answered, or did not. */
  private static boolean fails(JsonNode vector) {
    return isPut(vector)
        && vector.at("/expected/http_status").asInt() == 500
        && isFailure(vector.at("/expected/response_body"), errorText(firstScript(vector)))
        && !vector.at("/expected/receptor_requests").isEmpty() == !isDown(vector.path("input"))
        && vector.at("/expected/response_content_type").asText().equals("text/plain; charset=utf-8")
        && vector.path("input").has("receptor");
  }

  /** What is not answered must be what CC is told of such a failure. */
  private static boolean isFailure(JsonNode body, String reason) {
    var error = StagingErrors.sanitize(reason);
    return body.size() == 3
        && body.path("execution_metadata").asText("?").isEmpty()
        && body.path("detected_start_command").isNull()
        && body.path("error").size() == 2
        && body.at("/error/id").asText().equals(error.id())
        && body.at("/error/message").asText().equals(error.message());
  }

  /** The text of the Receptor client's error; empty: one that CC is told nothing of. */
  private static String errorText(JsonNode script) {
    var router = script.path("headers").path("X-Cf-Routererror").asText();
    return router.isEmpty()
        ? Messages.folded(script.path("body")).path("message").asText()
        : router;
  }

  private static JsonNode firstScript(JsonNode vector) {
    return vector.at("/input/receptor/0");
  }

  private static JsonNode firstAnswer(JsonNode vector) {
    return Messages.folded(vector.at("/input/receptor/0/body"));
  }

  private static boolean isFinal(JsonNode answer) {
    var name = answer.path("name").asText();
    return name.equals("InvalidTask")
        || !isKnown(name) && TEXTS_FOR_CC.contains(answer.path("message").asText());
  }

  /** Of all other names nothing is known. */
  private static boolean isKnown(String name) {
    return !name.equals(ReceptorErrorName.UnknownError.name())
        && Stream.of(ReceptorErrorName.values()).anyMatch(known -> known.name().equals(name));
  }

  private static boolean isDown(JsonNode input) {
    return input.path("receptor").path(0).path("down").asBoolean();
  }

  private static boolean doublesRules(JsonNode vector) {
    var wanted = vector.at("/input/body/egress_rules");
    var sent = vector.at("/expected/receptor_requests/0/body/egress_rules");
    return vector.at("/input/body/lifecycle").asText().equals("docker")
        && !vector.at("/expected/consul_requests").isEmpty()
        && !wanted.isEmpty()
        && sent.size() >= 2 * wanted.size()
        && isTwice(sent, wanted.size());
  }

  private static boolean isTwice(JsonNode rules, int size) {
    for (var i = 0; i < size; i++) {
      if (!rules.get(i).equals(rules.get(i + size))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() {}
}
