package dev.ccbridge.devserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.CcBridgeException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is our server's own: who may ask, what it keeps, what it cleans up, and its limits. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DevServerIT {
  private static final String WIDGETS = "/apis/example.dev/v1alpha1/namespaces/default/widgets";
  private static final String SECRETS = "/api/v1/namespaces/default/secrets";
  private static final String JSON = "application/json";

  @TempDir Path dir;

  @Test
  void servesTheProductsOwnDefinitions() throws Exception {
    var crds =
        List.of(
            Files.readString(Path.of("crds/stagingrequests.ccbridge.dev-v1.yml")),
            Files.readString(Path.of("crds/desiredlrps.ccbridge.dev-v1.yml")));
    try (var api = ApiUnderTest.of(DevServer.start(DevServerConfig.inMemory(crds)))) {
      var resources = api.send("GET", "/apis/ccbridge.dev/v1alpha1").json().path("resources");

      assertThat(resources.findValuesAsText("name"))
          .contains("stagingrequests", "stagingrequests/status", "desiredlrps/scale");
    }
  }

  @Test
  void refusesWhoDoesNotHaveTheToken() throws Exception {
    try (var api = ApiUnderTest.development()) {
      var request =
          HttpRequest.newBuilder(URI.create(api.uri() + "/api/v1/namespaces"))
              .header("Authorization", "Bearer wrong")
              .build();

      var answer = api.http().send(request, BodyHandlers.ofString());

      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(answer.body()).contains("\"reason\":\"Unauthorized\"");
    }
  }

  @Test
  void keepsItsFilesFromOthers() throws Exception {
    var file = dir.resolve("data");
    var kubeconfig = dir.resolve("kubeconfig");
    try (var server = start(file)) {
      server.writeKubeconfig(kubeconfig);
      for (var each : List.of(file, kubeconfig)) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
            .isEqualTo("rw-------");
      }
    }
  }

  @Test
  void goesOnWhereItWasAfterARestart() {
    var file = dir.resolve("data");
    String revision;
    String token;
    try (var server = start(file);
        var api = ApiUnderTest.of(server)) {
      create(
          api, WIDGETS, "w", "\"spec\": {\"size\": \"small\", \"left\": {\"uri\": \"http://a\"}}");
      revision = api.send("GET", WIDGETS).json().at("/metadata/resourceVersion").asText();
      token = server.token();
    }

    try (var server = start(file);
        var api = ApiUnderTest.of(server)) {
      var list = api.send("GET", WIDGETS).json();

      assertThat(list.at("/items/0/metadata/name").asText()).isEqualTo("w");
      assertThat(list.at("/metadata/resourceVersion").asLong())
          .isGreaterThanOrEqualTo(Long.parseLong(revision));
      assertThat(server.token()).as("an old kubeconfig still fits").isEqualTo(token);
    }
  }

  @Test
  void losesNothingWhenItIsKilled() throws Exception {
    var file = dir.resolve("data");
    var kubeconfig = dir.resolve("kubeconfig");
    var process = startProcess(file, kubeconfig);
    var revision = 0L;
    try (var client = client(kubeconfig)) {
      for (var i = 0; i < 50; i++) {
        var created =
            client
                .configMaps()
                .inNamespace("default")
                .resource(
                    new io.fabric8.kubernetes.api.model.ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("c" + i)
                        .endMetadata()
                        .build())
                .create();
        revision = Long.parseLong(created.getMetadata().getResourceVersion());
      }
    } finally {
      process.destroyForcibly().waitFor();
    }

    try (var server = start(file);
        var api = ApiUnderTest.of(server)) {
      var list = api.send("GET", "/api/v1/namespaces/default/configmaps").json();
      assertThat(list.path("items")).hasSize(50);
      assertThat(list.at("/metadata/resourceVersion").asLong()).isGreaterThanOrEqualTo(revision);
      assertThat(
              api.send(
                      "GET",
                      "/api/v1/namespaces/default/configmaps?watch=1&timeoutSeconds=1"
                          + "&resourceVersion=1")
                  .body())
          .as("a watch from before is told to list again")
          .contains("\"code\":410");
    }
  }

  @Test
  void collectsWhatAGoneOwnerLeaves() {
    try (var api = ApiUnderTest.development("widgets.yml")) {
      var owner =
          create(
              api,
              WIDGETS,
              "w",
              "\"spec\": {\"size\": \"small\", \"left\": {\"uri\": \"http://a\"}}");
      createOwned(api, "s", owner);
      createOwned(api, "other", "00000000-0000-0000-0000-000000000000");
      create(api, SECRETS, "free", "\"type\": \"Opaque\"");

      api.send("DELETE", WIDGETS + "/w");

      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(
              () ->
                  assertThat(api.send("GET", SECRETS).json().findValuesAsText("name"))
                      .containsExactly("free"));
    }
  }

  @Test
  void deletesDependentsFirstWhenAskedTo() {
    try (var api = ApiUnderTest.development("widgets.yml")) {
      var owner =
          create(
              api,
              WIDGETS,
              "w",
              "\"spec\": {\"size\": \"small\", \"left\": {\"uri\": \"http://a\"}}");
      createOwned(api, "s", owner);

      api.send("DELETE", WIDGETS + "/w?propagationPolicy=Foreground");

      awaitGone(api, WIDGETS + "/w");
      assertThat(api.send("GET", SECRETS + "/s").status()).isEqualTo(404);
    }
  }

  @Test
  void leavesDependentsAloneWhenAskedTo() {
    try (var api = ApiUnderTest.development("widgets.yml")) {
      var owner =
          create(
              api,
              WIDGETS,
              "w",
              "\"spec\": {\"size\": \"small\", \"left\": {\"uri\": \"http://a\"}}");
      createOwned(api, "s", owner);

      api.send("DELETE", WIDGETS + "/w?propagationPolicy=Orphan");

      awaitGone(api, WIDGETS + "/w");
      assertThat(api.send("GET", SECRETS + "/s").json().path("metadata").has("ownerReferences"))
          .isFalse();
    }
  }

  @Test
  void deletesANamespaceWithItsContent() {
    try (var api = ApiUnderTest.development()) {
      create(api, "/api/v1/namespaces", "n", "\"kind\": \"Namespace\"");
      create(api, "/api/v1/namespaces/n/secrets", "s", "\"type\": \"Opaque\"");

      api.send("DELETE", "/api/v1/namespaces/n");

      awaitGone(api, "/api/v1/namespaces/n");
      assertThat(api.send("GET", "/api/v1/namespaces/n/secrets/s").status()).isEqualTo(404);
    }
  }

  @Test
  void deletesADefinitionWithItsObjects() {
    try (var api = ApiUnderTest.development("widgets.yml")) {
      create(
          api, WIDGETS, "w", "\"spec\": {\"size\": \"small\", \"left\": {\"uri\": \"http://a\"}}");
      var definition =
          "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.dev";

      api.send("DELETE", definition);

      awaitGone(api, definition);
      assertThat(api.send("GET", WIDGETS).status()).isEqualTo(404);
    }
  }

  @Test
  void forgetsEventsAfterAnHour() {
    var clock = new MovingClock();
    var config = new DevServerConfig(DevServerConfig.loopback(0), null, List.of(), clock);
    try (var api = ApiUnderTest.of(DevServer.start(config))) {
      var events = "/api/v1/namespaces/default/events";
      create(api, events, "e", "\"involvedObject\": {\"namespace\": \"default\"}");

      clock.advance(Duration.ofMinutes(61));
      // Any change wakes the housekeeper.
      create(api, SECRETS, "s", "\"type\": \"Opaque\"");

      awaitGone(api, events + "/e");
    }
  }

  @Test
  void refusesABodyThatIsTooLarge() throws Exception {
    try (var api = ApiUnderTest.development()) {
      var body = "{\"data\": {\"a\": \"" + "x".repeat(4 << 20) + "\"}}";

      var answer = api.send("POST", "/api/v1/namespaces/default/configmaps", JSON, body);

      assertThat(answer.status()).isEqualTo(413);
    }
  }

  @Test
  void answersTheNextRequestOfAConnectionWhoseBodyItRefused() throws Exception {
    try (var api = ApiUnderTest.development()) {
      for (var i = 0; i < 50; i++) {
        assertThat(api.send("POST", "/nowhere", JSON, "{\"a\": 1}").status()).isEqualTo(404);
        assertThat(api.send("GET", "/api").status()).isEqualTo(200);
      }
    }
  }

  @Test
  void refusesResourcesThatItDoesNotHave() {
    try (var api = ApiUnderTest.development()) {
      assertThat(api.send("GET", "/api/v1/namespaces/default/pods").status()).isEqualTo(404);
      assertThat(api.send("GET", "/apis/apps/v1").status()).isEqualTo(404);
      assertThat(api.send("GET", "/openapi/v2").status()).isEqualTo(404);
    }
  }

  @Test
  void refusesADefinitionWhoseRuleUsesWhatItDoesNotOffer() {
    var crd =
        ApiUnderTest.text("widgets.yml")
            .replace(
                "has(self.left) != has(self.right)", "quantity('1').isGreaterThan(quantity('2'))");

    assertThatThrownBy(() -> DevServer.start(DevServerConfig.inMemory(List.of(crd))))
        .isInstanceOf(CcBridgeException.class)
        .hasMessageContaining("x-kubernetes-validations[0].rule");
  }

  private DevServer start(Path file) {
    return DevServer.start(
        new DevServerConfig(
            DevServerConfig.loopback(0),
            file,
            ApiUnderTest.texts("widgets.yml"),
            Clock.systemUTC()));
  }

  private static Process startProcess(Path file, Path kubeconfig) throws IOException {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var process =
        new ProcessBuilder(
                java,
                "-cp",
                System.getProperty("java.class.path"),
                DevServerProcess.class.getName(),
                file.toString(),
                kubeconfig.toString())
            .redirectErrorStream(true)
            .start();
    try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.equals("ready")) {
          return process;
        }
      }
    }
    throw new IllegalStateException("the server's process ended");
  }

  private static io.fabric8.kubernetes.client.KubernetesClient client(Path kubeconfig)
      throws IOException {
    return new io.fabric8.kubernetes.client.KubernetesClientBuilder()
        .withConfig(
            io.fabric8.kubernetes.client.Config.fromKubeconfig(Files.readString(kubeconfig)))
        .build();
  }

  private static String create(ApiUnderTest api, String path, String name, String more) {
    var kind =
        path.equals(WIDGETS)
            ? "\"apiVersion\": \"example.dev/v1alpha1\", \"kind\": \"Widget\","
            : "";
    var answer =
        api.send(
            "POST",
            path,
            JSON,
            "{" + kind + "\"metadata\": {\"name\": \"" + name + "\"}, " + more + "}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    return uid(answer.json());
  }

  private static String uid(JsonNode object) {
    return object.at("/metadata/uid").asText();
  }

  private static void createOwned(ApiUnderTest api, String name, String owner) {
    var answer =
        api.send(
            "POST",
            SECRETS,
            JSON,
            """
            {"metadata": {"name": "%s", "ownerReferences": [{"apiVersion": "example.dev/v1alpha1",
              "kind": "Widget", "name": "w", "uid": "%s", "blockOwnerDeletion": true}]}}
            """
                .formatted(name, owner));
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
  }

  private static void awaitGone(ApiUnderTest api, String path) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(15))
        .until(() -> api.send("GET", path).status() == 404);
  }
}
