package dev.ccbridge.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.LRPReasons;
import dev.ccbridge.cloudcontroller.model.CloudControllerJson;
import dev.ccbridge.cloudcontroller.model.DesireAppRequestFromCC;
import dev.ccbridge.kube.Conditions;
import dev.ccbridge.kube.EventRecorder;
import dev.ccbridge.nsync.AppResources;
import dev.ccbridge.nsync.DesiredLRPReconciler;
import dev.ccbridge.nsync.EmbeddedApi;
import dev.ccbridge.nsync.NsyncConfig;
import dev.ccbridge.nsync.NsyncListener;
import dev.ccbridge.nsync.recipe.RecipeConfig;
import dev.ccbridge.nsync.recipe.RecipeException;
import dev.ccbridge.receptor.EgressGaps;
import dev.ccbridge.receptor.client.ReceptorClient;
import dev.ccbridge.receptor.client.ReceptorClientConfig;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Router;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.processing.event.rate.LinearRateLimiter;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The nsync listener with the reconciler behind it. An app that the original finds at the Receptor
 * is one that was desired before: it has its resource.
 *
 * <p>Compared are the listener's look at the Receptor and everything written there; the other looks
 * are those of a cache that the original does not have.
 */
final class DesireVectors implements VectorRunner {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  /** Where the original's body is empty. */
  private static final String EXPLANATION = "JSON with name and message";

  private static final Pattern INDEX = Pattern.compile("/index/\\+?(-?[0-9]+)$");

  private static final Set<String> TRIED_AGAIN =
      Set.of(LRPReasons.INTERNAL_ERROR, LRPReasons.RECEPTOR_UNAVAILABLE, LRPReasons.SECRET_MISSING);

  private final EmbeddedApi api = EmbeddedApi.start();
  private final KubernetesClient client = api.client();
  private final HttpClient http = HttpClient.newHttpClient();

  @Override
  public ObjectNode run(JsonNode vector) throws Exception {
    var input = vector.path("input");
    var namespace = EmbeddedApi.namespace(client);
    var config = config(input.path("config"), namespace);
    var apps = new AppResources(config, client);
    try (var lrps =
            new ScriptedLRPs(input.path("receptor"), input.path("method").asText().equals("PUT"));
        var receptor = new ReceptorClient(receptorConfig(input, lrps))) {
      seed(input, lrps, apps);
      if (input.path("receptor_down").asBoolean()) {
        lrps.stop();
      }
      var metrics = new SimpleMeterRegistry();
      var router = new Router();
      new NsyncListener(receptor, apps, metrics).addRoutes(router);
      HttpResponse<String> response;
      try (var service =
          HttpService.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), router)) {
        response = send(service.uri(), input);
      }
      var accepted = response.statusCode() == 202 && input.path("method").asText().equals("PUT");
      assertThat(metrics.counter("LRPsDesired").count()).isEqualTo(accepted ? 1 : 0);
      if (accepted) {
        carryOut(config, receptor, lrps, Messages.of(vector));
      } else {
        assertThat(lrps(namespace)).allMatch(lrp -> lrp.getMetadata().getGeneration() == 1);
      }
      return seen(response, lrps);
    } finally {
      client.namespaces().withName(namespace).delete();
    }
  }

  private List<DesiredLRP> lrps(String namespace) {
    return client.resources(DesiredLRP.class).inNamespace(namespace).list().getItems();
  }

  private static NsyncConfig config(JsonNode config, String namespace) {
    var lifecycles = new TreeMap<String, String>();
    config
        .path("lifecycles")
        .properties()
        .forEach(e -> lifecycles.put(e.getKey(), e.getValue().asText()));
    return new NsyncConfig(
        new RecipeConfig(lifecycles, config.path("file_server_url").asText()),
        1024,
        Duration.ofHours(1),
        Duration.ofMillis(50),
        Duration.ofMillis(10),
        Duration.ofMillis(100),
        Duration.ofMinutes(3),
        namespace,
        Duration.ofSeconds(10),
        Set.of(namespace),
        EgressGaps.UNKNOWN,
        false);
  }

  private static ReceptorClientConfig receptorConfig(JsonNode input, ScriptedLRPs lrps) {
    var hangs = input.path("receptor").findValue("hang") != null;
    return new ReceptorClientConfig(
        lrps.uri(), Duration.ofSeconds(5), Duration.ofSeconds(hangs ? 2 : 30));
  }

  /** As this app was desired when the Receptor's LRP came about. */
  private static void seed(JsonNode input, ScriptedLRPs lrps, AppResources apps)
      throws IOException {
    var existing = lrps.lrp();
    if (existing == null || !(input.path("body") instanceof ObjectNode message)) {
      return;
    }
    var before = message.deepCopy();
    before.set("num_instances", existing.path("instances"));
    for (var number : List.of("memory_mb", "disk_mb")) {
      if (before.path(number).isIntegralNumber() && !before.path(number).canConvertToInt()) {
        before.put(number, 1);
      }
    }
    before.put("etag", existing.path("annotation").asText());
    before.set("routes", existing.at("/routes/cf-router/0/hostnames"));
    if (before.path("routes").isMissingNode()) {
      before.putNull("routes");
    }
    if (before.path("docker_image").asText().isEmpty()) {
      asDroplet(before, existing);
    } else {
      before.remove("droplet_uri");
      before.put("execution_metadata", "{}");
    }
    try {
      apps.desire(app(before));
    } catch (JsonProcessingException | RecipeException unusable) {
      // Then the case is about what is wrong with its message, and any app will do.
      var plain = JSON.createObjectNode().set("process_guid", existing.path("process_guid"));
      apps.desire(app(asDroplet((ObjectNode) plain, existing)));
    }
  }

  private static ObjectNode asDroplet(ObjectNode message, JsonNode existing) {
    if (message.path("droplet_uri").asText().isEmpty()) {
      message.put("droplet_uri", "http://cc.test/droplet");
    }
    return message.put("stack", existing.path("rootfs").asText().replaceFirst("^preloaded:", ""));
  }

  private static DesireAppRequestFromCC app(ObjectNode message) throws JsonProcessingException {
    return CloudControllerJson.mapper().readValue(message.toString(), DesireAppRequestFromCC.class);
  }

  private HttpResponse<String> send(URI service, JsonNode input) throws Exception {
    var body =
        input.has("body")
            ? BodyPublishers.ofString(input.path("body").toString())
            : input.has("body_text")
                ? BodyPublishers.ofString(input.path("body_text").asText())
                : BodyPublishers.noBody();
    var request =
        HttpRequest.newBuilder(service.resolve(input.path("path").asText()))
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .method(input.path("method").asText(), body)
            .build();
    return http.send(request, BodyHandlers.ofString());
  }

  /** Until the Receptor has what the message wants, or has said that it never will. */
  private void carryOut(
      NsyncConfig config, ReceptorClient receptor, ScriptedLRPs lrps, JsonNode message) {
    try (var events = new EventRecorder(client, "cc-bridge", Clock.systemUTC())) {
      var operator = operator(config, receptor, events);
      operator.start();
      try {
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () -> {
                  var lrp = lrps(config.ccNamespace()).getFirst();
                  var status = lrp.getStatus();
                  assertThat(status).isNotNull();
                  assertThat(status.observedGeneration())
                      .isEqualTo(lrp.getMetadata().getGeneration());
                  assertThat(lrps.isScriptDone()).isTrue();
                  if (!Conditions.hasReason(
                      status.conditions(), Conditions.STALLED, LRPReasons.INVALID_RECIPE)) {
                    assertThat(status.conditions())
                        .noneMatch(c -> TRIED_AGAIN.contains(c.getReason()));
                    assertInStep(lrps.lrp(), message);
                  }
                });
      } finally {
        operator.stop();
      }
    }
  }

  private static void assertInStep(JsonNode lrp, JsonNode message) {
    assertThat(lrp).isNotNull();
    assertThat(lrp.path("instances").asInt()).isEqualTo(message.path("num_instances").asInt());
    assertThat(lrp.path("annotation").asText()).isEqualTo(message.path("etag").asText());
    assertThat(texts(lrp.at("/routes/cf-router/0/hostnames")))
        .isEqualTo(texts(message.path("routes")));
  }

  private static List<String> texts(JsonNode names) {
    return JSON.convertValue(
        names.isArray() ? names : JsonNodeFactory.instance.arrayNode(),
        JSON.getTypeFactory().constructCollectionType(List.class, String.class));
  }

  private Operator operator(NsyncConfig config, ReceptorClient receptor, EventRecorder events) {
    var operator =
        new Operator(
            o ->
                o.withKubernetesClient(client)
                    .withCloseClientOnStop(false)
                    .checkingCRDAndValidateLocalModel(false));
    operator.register(
        new DesiredLRPReconciler(
            config, receptor, uri -> uri, events, Clock.systemUTC(), new SimpleMeterRegistry()),
        o ->
            o.settingNamespace(config.ccNamespace())
                .withRetry(
                    new GenericRetry()
                        .withoutMaxAttempts()
                        .setInitialInterval(50)
                        .setMaxInterval(500))
                .withRateLimiter(LinearRateLimiter.deactivatedRateLimiter()));
    return operator;
  }

  private static ObjectNode seen(HttpResponse<String> response, ScriptedLRPs lrps)
      throws Exception {
    var seen = JSON.createObjectNode().put("http_status", response.statusCode());
    var requests = lrps.requests();
    for (var request : requests) {
      SshPlaceholders.put(request.path("body"));
    }
    seen.set("receptor_requests", requests);
    var type = response.headers().firstValue("Content-Type");
    if (type.isPresent() && type.get().equals("application/json")) {
      var body = JSON.readTree(response.body());
      assertThat(body.path("name").asText()).isNotEmpty();
      assertThat(body.path("message").asText()).isNotEmpty();
      seen.put("response_body", EXPLANATION);
    } else if (!response.body().isEmpty()) {
      seen.putObject("response_body").put("text", response.body());
      type.ifPresent(t -> seen.put("response_content_type", t));
    }
    response
        .headers()
        .firstValue("Allow")
        .ifPresent(
            allow ->
                seen.put(
                    "response_allow",
                    String.join(", ", new TreeSet<>(List.of(allow.split(", "))))));
    return seen;
  }

  /** Without the same look once more, after a try: ours is that of a cache. */
  @Override
  public ObjectNode normalised(JsonNode vector) {
    ObjectNode expected = vector.path("expected").deepCopy();
    if (expected.path("receptor_requests") instanceof ArrayNode requests) {
      for (var i = requests.size() - 1; i > 1; i--) {
        var isLast = i == requests.size() - 1 && isFailedLook(vector.at("/input/receptor").path(i));
        if (requests.get(i).equals(requests.get(0))
            && isWrite(requests.get(i - 1))
            && (isLast || isWrite(requests.path(i + 1)))) {
          requests.remove(i);
        }
      }
    }
    return expected;
  }

  /** The original goes no further then. */
  private static boolean isFailedLook(JsonNode answer) {
    return answer.path("status").asInt() >= 400
        && !Set.of("DesiredLRPAlreadyExists", "DesiredLRPNotFound", "ResourceConflict")
            .contains(Messages.folded(answer.path("body")).path("name").asText());
  }

  private static boolean isWrite(JsonNode request) {
    return Set.of("POST", "PUT").contains(request.path("method").asText());
  }

  /**
   * Null and an empty action both say that there is no monitor; and what we do not send at all
   * cannot be compared.
   */
  @Override
  public boolean isWithoutMeaning(JsonNode vector, String mutation) {
    return isBeyondIndex(vector)
            && mutation.matches("[a-z]+ /(http_status|receptor_requests)(/.*)?")
        || mutation.matches("changed /receptor_requests/\\d+/body/monitor")
        || mutation.equals("removed /receptor_requests/2")
            && vector.at("/expected/receptor_requests/2/method").asText().equals("GET")
        || (isNegative(vector) || isBeyondSchema(vector))
            && mutation.matches(
                hasLargeNumber(vector)
                    ? "[a-z]+ /receptor_requests(/.*)?"
                    : "[a-z]+ /receptor_requests(/1.*)?");
  }

  @Override
  public List<KnownDifference> knownDifferences() {
    return List.of(
        new KnownDifference(
            "no monitor is null",
            "an empty action is what the rest of Diego could not read; accepted it is",
            vector -> isEmptyMonitor(writes(vector)),
            (vector, expected) ->
                expected.path("receptor_requests").forEach(DesireVectors::nullMonitor)),
        new KnownDifference(
            "accepted before the Receptor took it",
            "what is wanted is a resource; the reconciler repeats what the Receptor refuses",
            DesireVectors::isRefusedByReceptor,
            (vector, expected) -> expected.put("http_status", 202)),
        new KnownDifference(
            "a negative number is refused by the schema",
            "a real Receptor refuses it as well, with the same status",
            DesireVectors::isNegative,
            (vector, expected) -> {
              expected.put("http_status", 503).put("response_body", EXPLANATION);
              var requests = (ArrayNode) expected.path("receptor_requests");
              while (requests.size() > 1) {
                requests.remove(1);
              }
            }),
        new KnownDifference(
            "what the schema has no room for is refused",
            "the Kubernetes API is the store; a Receptor refuses odd egress rules with the same"
                + " status",
            vector -> !isNegative(vector) && isBeyondSchema(vector),
            (vector, expected) -> {
              expected.put("http_status", 503).put("response_body", EXPLANATION);
              var requests = (ArrayNode) expected.path("receptor_requests");
              // A number of more than 32 bits is not even read.
              while (requests.size() > (hasLargeNumber(vector) ? 0 : 1)) {
                requests.remove(requests.size() - 1);
              }
            }),
        new KnownDifference(
            "an LRP without routes is updated",
            "the original crashed; its bulker does the same update",
            vector -> isCrashed(vector) && isRunning(vector),
            (vector, expected) -> {
              expected.remove("original_crashed");
              expected.put("http_status", 202);
              ((ArrayNode) expected.path("receptor_requests")).add(update(vector));
            }),
        new KnownDifference(
            "a registry without an image is refused",
            "the original crashed",
            vector -> isCrashed(vector) && !isRunning(vector),
            (vector, expected) -> {
              expected.remove("original_crashed");
              expected.put("http_status", 503).put("response_body", EXPLANATION);
            }),
        new KnownDifference(
            "an index of more than 32 bits is that of no instance",
            "the Receptor need not be asked for it",
            DesireVectors::isBeyondIndex,
            (vector, expected) -> {
              expected.put("http_status", 404).put("response_body", EXPLANATION);
              expected.putArray("receptor_requests");
            }),
        new KnownDifference(
            "a refusal says why",
            "the original's bodies are empty",
            vector ->
                vector.at("/expected/http_status").asInt() >= 400
                    && !vector.path("expected").has("response_body")
                    && !isRefusedByReceptor(vector),
            (vector, expected) -> expected.put("response_body", EXPLANATION)));
  }

  private static List<JsonNode> writes(JsonNode vector) {
    return vector
        .at("/expected/receptor_requests")
        .valueStream()
        .filter(r -> r.has("body"))
        .toList();
  }

  private static boolean isEmptyMonitor(List<JsonNode> writes) {
    return writes.stream()
        .map(r -> r.at("/body/monitor"))
        .anyMatch(m -> m.isObject() && m.isEmpty());
  }

  private static void nullMonitor(JsonNode request) {
    if (isEmptyMonitor(List.of(request))) {
      ((ObjectNode) request.path("body")).putNull("monitor");
    }
  }

  private static boolean isRefusedByReceptor(JsonNode vector) {
    return Set.of(409, 503).contains(vector.at("/expected/http_status").asInt())
        && !writes(vector).isEmpty();
  }

  private static boolean isNegative(JsonNode vector) {
    var body = Messages.of(vector);
    return vector.at("/expected/http_status").asInt() == 202
        && List.of("num_instances", "memory_mb", "disk_mb").stream()
            .anyMatch(field -> body.path(field).asLong() < 0);
  }

  private static boolean isBeyondSchema(JsonNode vector) {
    return vector.at("/input/method").asText().equals("PUT")
        && vector.at("/expected/http_status").asInt() == 202
        && Messages.of(vector).isObject()
        && (hasLargeNumber(vector)
            || SchemaLimits.isBeyondLRP(Messages.of(vector), isRunning(vector)));
  }

  private static boolean hasLargeNumber(JsonNode vector) {
    var body = Messages.of(vector);
    return List.of("num_instances", "memory_mb", "disk_mb").stream()
            .map(body::path)
            .anyMatch(number -> number.isIntegralNumber() && !number.canConvertToInt())
        || body.path("health_check_timeout_in_seconds").isBigInteger();
  }

  private static boolean isBeyondIndex(JsonNode vector) {
    var kill = INDEX.matcher(vector.at("/input/path").asText());
    return vector.at("/input/method").asText().equals("DELETE")
        && vector.at("/expected/receptor_requests").size() == 1
        && kill.find()
        && new BigInteger(kill.group(1)).bitLength() >= Integer.SIZE;
  }

  private static boolean isCrashed(JsonNode vector) {
    return vector.at("/expected/original_crashed").asBoolean();
  }

  private static boolean isRunning(JsonNode vector) {
    return vector.at("/input/receptor/0/status").asInt() == 200;
  }

  private static ObjectNode update(JsonNode vector) {
    var message = vector.at("/input/body");
    var request =
        JSON.createObjectNode()
            .put("method", "PUT")
            .put("path", vector.at("/expected/receptor_requests/0/path").asText());
    var body =
        request
            .putObject("body")
            .put("annotation", message.path("etag").asText())
            .put("instances", message.path("num_instances").asInt());
    var route = body.putObject("routes").putArray("cf-router").addObject().put("port", 8080);
    route.set("hostnames", message.path("routes"));
    return request;
  }

  @Override
  public void close() {
    client.close();
    api.close();
  }
}
