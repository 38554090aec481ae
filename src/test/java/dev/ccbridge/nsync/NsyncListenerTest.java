package dev.ccbridge.nsync;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.receptor.FakeReceptor;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.DesiredLRPCreateRequest;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import dev.ccbridge.web.Router;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NsyncListenerTest {
  private static EmbeddedApi api;
  private static KubernetesClient client;

  private final String guid = UUID.randomUUID().toString();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final FakeReceptor receptor = new FakeReceptor();
  private String namespace;
  private Router router;

  @BeforeAll
  static void startApi() {
    api = EmbeddedApi.start();
    client = api.client();
  }

  @AfterAll
  static void stopApi() {
    client.close();
    api.close();
  }

  @BeforeEach
  void listen() {
    namespace = EmbeddedApi.namespace(client);
    router = router(client);
  }

  @Test
  void anAppIsAcceptedWithoutABodyAndCounted() throws Exception {
    var response = put(app(""));
    assertThat(response.status()).isEqualTo(202);
    assertThat(body(response)).isEmpty();
    assertThat(lrps()).hasSize(1);
    assertThat(metrics.counter("LRPsDesired").count()).isEqualTo(1);
  }

  @Test
  void whatFollowsTheFirstValueIsIgnored() throws Exception {
    assertThat(put(app("") + " trailing {").status()).isEqualTo(202);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "nope | body: was no JSON object",
        "`` | body: was no JSON object",
        "[] | body: was no JSON object",
        "null | process_guid: was , wanted that of the path",
        "{} | process_guid: was , wanted that of the path",
        "{\"process_guid\": \"other\"} | process_guid: was other, wanted that of the path",
        "{\"num_instances\": \"three\"} | num_instances: wanted an integer",
        "{\"num_instances\": 1.5} | num_instances: was 1.5, wanted an integer",
        "{\"environment\": [{\"name\": \"A\", \"value\": 5}]} | environment.[0].value: wanted a"
            + " text",
        "{\"routes\": \"a.test\"} | routes: wanted a list",
        "{\"file_descriptors\": -1} | file_descriptors: must be from 0 to 2^64-1, was -1",
        "{\"health_check_timeout_in_seconds\": -1}"
            + " | health_check_timeout_in_seconds: must be >= 0, was -1",
      })
  void aMessageThatCannotBeReadIsRefused(String message, String why) throws Exception {
    var response = put(message);
    assertThat(response.status()).isEqualTo(400);
    assertThat(message(response)).startsWith(why);
    assertThat(receptor.calls()).isEmpty();
    assertThat(lrps()).isEmpty();
    assertThat(metrics.counter("LRPsDesired").count()).isZero();
  }

  @Test
  void aHugeMessageIsRefused() throws Exception {
    assertThat(put(" ".repeat(9 << 20)).status()).isEqualTo(413);
  }

  @Test
  void theReasonOfARefusalHasNoSecret() throws Exception {
    var response = put(app("\"environment\": [{\"name\": \"A\", \"value\": {\"s3cret\": 1}}]"));
    assertThat(response.status()).isEqualTo(400);
    assertThat(message(response)).doesNotContain("s3cret");
    response = put(app("\"start_command\": \"" + "s3cret".repeat(2000) + "\""));
    assertThat(response.status()).isEqualTo(503);
    assertThat(message(response)).contains("spec.startCommand").doesNotContain("s3cret");
  }

  @Test
  void whatTheSchemaRefusesIsNamed() throws Exception {
    var response = put(app("\"num_instances\": -1"));
    assertThat(response.status()).isEqualTo(503);
    assertThat(message(response)).contains("spec.instances", "-1");
  }

  @Test
  void whatNoResourceHasWordsForIsNamed() throws Exception {
    var response =
        put(app("\"egress_rules\": [{\"protocol\": \"x\", \"destinations\": [\"1.2.3.4\"]}]"));
    assertThat(response.status()).isEqualTo(503);
    assertThat(message(response)).startsWith("egress_rules.protocol: was x, wanted tcp");
  }

  @Test
  void anApiThatIsDownIsSaidToBe() throws Exception {
    var other = EmbeddedApi.start();
    try (var lost = other.client()) {
      other.close();
      router = router(lost);
      assertThat(put(app("")).status()).isEqualTo(503);
      var stopped = request("DELETE", "/v1/apps/" + guid, "");
      assertThat(stopped.status()).isEqualTo(503);
      assertThat(message(stopped)).isEqualTo("the Kubernetes API does not answer: try again");
    }
  }

  @Test
  void anLRPWithoutAResourceGetsOne() throws Exception {
    desireAtTheReceptor();
    assertThat(put(app("")).status()).isEqualTo(202);
    assertThat(lrps()).hasSize(1);
  }

  @Test
  void anLRPWithoutAResourceNeedsACompleteMessage() throws Exception {
    desireAtTheReceptor();
    var response = put(app("\"stack\": \"none\""));
    assertThat(response.status()).isEqualTo(503);
    assertThat(message(response)).contains("runs without a resource", "none");
    assertThat(lrps()).isEmpty();
  }

  @Test
  void anAppIsStoppedByItsResource() throws Exception {
    put(app(""));
    receptor.resetCalls();
    assertThat(request("DELETE", "/v1/apps/" + guid, "").status()).isEqualTo(202);
    assertThat(lrps()).allMatch(DesiredLRP::isMarkedForDeletion);
    assertThat(receptor.calls()).isEmpty();
  }

  @Test
  void anLRPWithoutAResourceIsStoppedAtTheReceptor() throws Exception {
    desireAtTheReceptor();
    assertThat(request("DELETE", "/v1/apps/" + guid, "").status()).isEqualTo(202);
    assertThat(receptor.findDesiredLRP(guid)).isEmpty();
    assertThat(request("DELETE", "/v1/apps/" + guid, "").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({
    "x,400",
    "1.5,400",
    "٣,400",
    "'',404",
    "99999999999,404",
    "7,404",
    "+7,404",
    "-1,404"
  })
  void anIndexIsAnInteger(String index, int status) throws Exception {
    assertThat(request("DELETE", "/v1/apps/" + guid + "/index/" + index, "").status())
        .isEqualTo(status);
  }

  private void desireAtTheReceptor() {
    receptor.createDesiredLRP(
        new DesiredLRPCreateRequest(
            guid,
            "cf-apps",
            "preloaded:cflinuxfs2",
            1,
            List.of(),
            null,
            Action.run("vcap", "/x", List.of(), List.of(), null, ""),
            null,
            0,
            0,
            0,
            1,
            true,
            List.of(8080),
            Map.of(),
            "",
            "",
            "",
            "old",
            List.of(),
            "",
            ""));
  }

  private List<DesiredLRP> lrps() {
    return client.resources(DesiredLRP.class).inNamespace(namespace).list().getItems();
  }

  private Router router(KubernetesClient of) {
    var config =
        NsyncConfig.of(Map.of("buildpack/cflinuxfs2", "bp.tgz"), "http://fs.test")
            .withCcNamespace(namespace)
            .withDeletionPatience(Duration.ofSeconds(1));
    var routes = new Router();
    new NsyncListener(receptor, new AppResources(config, of), metrics).addRoutes(routes);
    return routes;
  }

  /** A usual message with one member more, which counts where it is there twice. */
  private String app(String member) {
    return """
    {"process_guid": "%s", "droplet_uri": "http://cc.test/d", "stack": "cflinuxfs2",
     "num_instances": 2, "routes": ["a.test"], "etag": "1"%s}\
    """
        .formatted(guid, member.isEmpty() ? "" : ", " + member);
  }

  private Response put(String body) {
    return request("PUT", "/v1/apps/" + guid, body);
  }

  private Response request(String method, String path, String body) {
    return router.handle(
        new Request(
            method,
            URI.create(path),
            Map.of(),
            new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8))));
  }

  private static String message(Response response) throws Exception {
    JsonNode json = new ObjectMapper().readTree(body(response));
    assertThat(json.path("name").asText()).isNotEmpty();
    return json.path("message").asText();
  }

  private static String body(Response response) throws Exception {
    var out = new ByteArrayOutputStream();
    response.writer().writeTo(out);
    return out.toString(StandardCharsets.UTF_8);
  }
}
