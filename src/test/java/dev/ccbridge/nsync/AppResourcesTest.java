package dev.ccbridge.nsync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.api.Api;
import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.DesiredLRPSpec.Route;
import dev.ccbridge.cloudcontroller.model.CloudControllerJson;
import dev.ccbridge.cloudcontroller.model.DesireAppRequestFromCC;
import dev.ccbridge.kube.Labels;
import dev.ccbridge.nsync.recipe.RecipeError;
import dev.ccbridge.nsync.recipe.RecipeException;
import dev.ccbridge.secrets.SecretValues;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AppResourcesTest {
  private static EmbeddedApi api;

  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final String guid = UUID.randomUUID().toString();
  private KubernetesClient client;
  private String namespace;
  private AppResources apps;

  @BeforeAll
  static void startApi() {
    api = EmbeddedApi.start();
  }

  @AfterAll
  static void stopApi() {
    api.close();
  }

  @BeforeEach
  void connect() {
    client = api.client(requests);
    namespace = EmbeddedApi.namespace(client);
    apps = apps(Duration.ofSeconds(10));
    requests.clear();
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  @Test
  void aNewAppIsAResourceWithASecretOfItsOwn() {
    apps.desire(app("\"environment\": [{\"name\": \"A\", \"value\": \"hidden\"}]"), false);

    var lrp = lrp().get();
    assertThat(lrp.getMetadata().getFinalizers()).containsExactly(Api.FINALIZER);
    assertThat(lrp.getMetadata().getLabels()).containsAllEntriesOf(Labels.managed());
    assertThat(lrp.getSpec().processGuid()).isEqualTo(guid);
    assertThat(client.getKubernetesSerialization().asJson(lrp)).doesNotContain("hidden");
    assertThat(secretValue("environment-0")).isEqualTo("hidden");
    assertThat(requests.subList(0, 2)).allMatch(r -> r.startsWith("POST"));
  }

  @Test
  void credentialsAreInTheSecretOnly() {
    apps.desire(app("\"droplet_uri\": \"http://me:hidden@cc.test/d\""), false);

    var droplet = lrp().get().getSpec().source().droplet();
    assertThat(droplet.uri()).isNull();
    assertThat(secretValue(droplet.uriFrom().secretKeyRef().key()))
        .isEqualTo("http://me:hidden@cc.test/d");
    assertThat(client.getKubernetesSerialization().asJson(lrp().get())).doesNotContain("hidden");
  }

  @Test
  void dockerCredentialsAreInTheSecretOnly() {
    apps.desire(docker("\"docker_user\": \"me\", \"docker_password\": \"hidden\""), false);

    var docker = lrp().get().getSpec().source().docker();
    assertThat(docker.credentialsSecretRef().name()).isEqualTo(guid);
    assertThat(secretValue("username")).isEqualTo("me");
    assertThat(secretValue("password")).isEqualTo("hidden");
  }

  @Test
  void anAppWithoutSecretsHasNoSecret() {
    apps.desire(app(""), false);
    assertThat(client.secrets().inNamespace(namespace).list().getItems()).isEmpty();
    assertThat(requests).filteredOn(r -> r.startsWith("POST")).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void ofAnAppThatIsThereOnlyInstancesRoutesAndEtagChange(boolean running) {
    apps.desire(app("\"environment\": [{\"name\": \"A\", \"value\": \"1\"}]"), false);
    apps.desire(
        app(
            """
            "num_instances": 7, "routes": ["b.test"], "etag": "2", "memory_mb": 64,
            "start_command": "other", "environment": [{"name": "B", "value": "2"}]
            """),
        running);

    var spec = lrp().get().getSpec();
    assertThat(spec.instances()).isEqualTo(7);
    assertThat(spec.routes()).containsExactly(new Route("b.test", null));
    assertThat(spec.etag()).isEqualTo("2");
    assertThat(spec.memoryMB()).isEqualTo(1024);
    assertThat(spec.startCommand()).isEqualTo("run");
    assertThat(spec.environment()).extracting(v -> v.name()).containsExactly("A");
    assertThat(secretValue("environment-0")).isEqualTo("1");
  }

  @Test
  void routesAndEtagCanBeTakenAway() {
    apps.desire(app(""));
    apps.desire(app("\"routes\": [], \"etag\": \"\""));
    assertThat(lrp().get().getSpec().routes()).isEmpty();
    assertThat(lrp().get().getSpec().etag()).isNull();
    apps.desire(app("\"routes\": null, \"etag\": \"\""));
    assertThat(lrp().get().getSpec().routes()).isNull();
  }

  @Test
  void dockersMetadataChangesToo() {
    apps.desire(docker(""));
    var metadata = "{\\\"ports\\\":[{\\\"Port\\\":9,\\\"Protocol\\\":\\\"tcp\\\"}]}";
    apps.desire(docker("\"execution_metadata\": \"" + metadata + "\""));
    assertThat(lrp().get().getSpec().executionMetadata()).contains("\"Port\":9");
  }

  @Test
  void nothingIsWrittenWhenNothingDiffers() {
    var app = app("\"environment\": [{\"name\": \"A\", \"value\": \"1\"}]");
    apps.desire(app);
    requests.clear();
    apps.desire(app);
    apps.desire(app, true);
    assertThat(requests).isNotEmpty().allMatch(r -> r.startsWith("GET"));
  }

  @Test
  void aMissingSecretIsMadeAnew() {
    apps.desire(app("\"environment\": [{\"name\": \"A\", \"value\": \"1\"}]"));
    client.secrets().inNamespace(namespace).withName(guid).delete();

    apps.desire(
        app(
            "\"environment\": [{\"name\": \"A\", \"value\": \"2\"}, {\"name\": \"B\", \"value\":"
                + " \"3\"}]"));

    assertThat(lrp().get().getSpec().environment())
        .extracting(v -> v.name())
        .containsExactly("A", "B");
    assertThat(secretValue("environment-0")).isEqualTo("2");
    assertThat(secretValue("environment-1")).isEqualTo("3");
  }

  @Test
  void theSecretOfADeletedNamesakeMakesWay() {
    secret(Labels.managed());
    apps.desire(app("\"environment\": [{\"name\": \"A\", \"value\": \"1\"}]"));
    assertThat(secretValue("environment-0")).isEqualTo("1");
  }

  @Test
  void aSecretOfSomebodyElseIsLeftAlone() {
    secret(Map.of());
    assertThatThrownBy(() -> apps.desire(app("\"environment\": [{\"name\": \"A\"}]")))
        .isInstanceOf(CcBridgeException.class)
        .hasMessageContaining("Secret " + namespace + "/" + guid);
    assertThat(secretValue("theirs")).isEqualTo("kept");
  }

  @Test
  void aResourceOfSomebodyElseIsLeftAlone() {
    var theirs = AppDraft.of(app(""), namespace).resource();
    var json = client.getKubernetesSerialization().convertValue(theirs, ObjectNode.class);
    ((ObjectNode) json.get("spec")).remove("processGuid");
    client
        .resource(client.getKubernetesSerialization().convertValue(json, DesiredLRP.class))
        .create();

    var taken = catchThrowableOfType(CcBridgeException.class, () -> apps.desire(app(""), true));
    assertThat(taken.kind()).isEqualTo(ErrorKind.CONFLICT);
    assertThatThrownBy(() -> apps.desire(app(""), false)).hasMessage(taken.getMessage());
    assertThat(apps.delete(guid)).isFalse();
    assertThat(lrp().get().isMarkedForDeletion()).isFalse();
  }

  @Test
  void whatTheOriginalRefusesIsRefusedBeforeAnythingIsWritten() {
    var none = app("\"droplet_uri\": \"\"");
    var refused = catchThrowableOfType(RecipeException.class, () -> apps.desire(none, false));
    assertThat(refused.error()).isEqualTo(RecipeError.APP_SOURCE_MISSING);
    assertThat(requests).isEmpty();
  }

  @Test
  void anUpdateNeedsNoMoreThanAPort() {
    apps.desire(app(""));
    apps.desire(app("\"droplet_uri\": \"\", \"stack\": \"none\", \"num_instances\": 5"));
    assertThat(lrp().get().getSpec().instances()).isEqualTo(5);
    assertThat(lrp().get().getSpec().stack()).isEqualTo("cflinuxfs2");
  }

  @Test
  void anLRPWithoutAResourceNeedsACompleteMessage() {
    assertThatThrownBy(() -> apps.desire(app("\"stack\": \"none\""), true))
        .isInstanceOf(RecipeException.class);
    apps.desire(app(""), true);
    assertThat(lrp().get()).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"num_instances\": -1", "\"memory_mb\": -1", "\"routes\": [\"\"]"})
  void whatTheSchemaRefusesIsTold(String member) {
    var refused =
        catchThrowableOfType(KubernetesClientException.class, () -> apps.desire(app(member)));
    assertThat(refused.getCode()).isEqualTo(422);
    assertThat(lrp().get()).isNull();
  }

  @Test
  void anAppThatIsBeingDeletedIsNewWhenItIsGone() throws Exception {
    apps.desire(app("\"environment\": [{\"name\": \"A\", \"value\": \"1\"}]"));
    var before = lrp().get().getMetadata().getUid();
    assertThat(apps.delete(guid)).isTrue();
    assertThat(apps.delete(guid)).isTrue();
    requests.clear();

    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      var desired =
          pool.submit(
              () -> apps.desire(app("\"environment\": [{\"name\": \"A\", \"value\": \"2\"}]")));
      await().until(() -> requests.size() > 2);
      lrp()
          .edit(
              l -> {
                l.getMetadata().setFinalizers(List.of());
                return l;
              });
      desired.get();
    }
    assertThat(lrp().get().getMetadata().getUid()).isNotEqualTo(before);
    assertThat(lrp().get().isMarkedForDeletion()).isFalse();
    await().untilAsserted(() -> assertThat(secretValue("environment-0")).isEqualTo("2"));
  }

  @Test
  void aDeletionThatTakesTooLongIsToldAsSuch() {
    apps.desire(app(""));
    apps.delete(guid);
    var late =
        catchThrowableOfType(
            CcBridgeException.class, () -> apps(Duration.ofMillis(300)).desire(app("")));
    assertThat(late.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
    assertThat(late).hasMessageContaining("is still being deleted");
  }

  @Test
  void whatIsNotThereIsNotDeleted() {
    assertThat(apps.delete(guid)).isFalse();
  }

  @Test
  void ofTwoAtOnceOneHoldsAndNoMixture() throws Exception {
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      var both =
          IntStream.range(0, 16)
              .mapToObj(
                  i ->
                      pool.submit(
                          () ->
                              apps.desire(
                                  app(
                                      """
                                      "num_instances": %d, "etag": "%d", "routes": ["r%d.test"],
                                      "environment": [{"name": "A", "value": "%d"}]
                                      """
                                          .formatted(i, i, i, i)),
                                  i % 2 == 0)))
              .toList();
      for (var one : both) {
        one.get();
      }
    }
    var spec = lrp().get().getSpec();
    assertThat(spec.etag()).isEqualTo(String.valueOf(spec.instances()));
    assertThat(spec.routes()).containsExactly(new Route("r" + spec.etag() + ".test", null));
    assertThat(secretValue("environment-0")).isNotBlank();
  }

  @Test
  void manyAtOnceAreAllStored() throws Exception {
    var guids = IntStream.range(0, 100).mapToObj(i -> guid + "-" + i).toList();
    try (var pool = Executors.newFixedThreadPool(50)) {
      var all =
          guids.stream()
              .map(
                  g ->
                      pool.submit(
                          () ->
                              apps.desire(
                                  app(
                                      "\"process_guid\": \""
                                          + g
                                          + "\", \"environment\": [{\"name\": \"A\"}]"),
                                  false)))
              .toList();
      for (var one : all) {
        one.get();
      }
    }
    assertThat(client.resources(DesiredLRP.class).inNamespace(namespace).list().getItems())
        .extracting(l -> l.getSpec().processGuid())
        .containsExactlyInAnyOrderElementsOf(guids);
    assertThat(client.secrets().inNamespace(namespace).list().getItems()).hasSize(100);
  }

  @Test
  void anApiThatIsDownIsToldAsSuchSoon() {
    var other = EmbeddedApi.start();
    try (var lost = other.client()) {
      other.close();
      var resources = new AppResources(config(Duration.ofSeconds(10)), lost);
      var down =
          catchThrowableOfType(
              KubernetesClientException.class, () -> resources.desire(app(""), false));
      assertThat(down.getCode()).isNotPositive();
      assertThatCode(() -> resources.delete(guid)).isInstanceOf(KubernetesClientException.class);
    }
  }

  private void secret(Map<String, String> labels) {
    client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName(guid)
                .withNamespace(namespace)
                .withLabels(labels)
                .endMetadata()
                .withStringData(Map.of("theirs", "kept"))
                .build())
        .create();
  }

  private String secretValue(String key) {
    return new SecretValues(client, namespace).find(guid, key).orElse(null);
  }

  private Resource<DesiredLRP> lrp() {
    return client.resources(DesiredLRP.class).inNamespace(namespace).withName(guid);
  }

  private AppResources apps(Duration deletionPatience) {
    return new AppResources(config(deletionPatience), client);
  }

  private NsyncConfig config(Duration deletionPatience) {
    return NsyncConfig.of(
            Map.of("buildpack/cflinuxfs2", "bp.tgz", "docker", "docker.tgz"), "http://fs.test")
        .withCcNamespace(namespace)
        .withDeletionPatience(deletionPatience);
  }

  private DesireAppRequestFromCC docker(String members) {
    return app(
        "\"droplet_uri\": \"\", \"docker_image\": \"a/b\", \"execution_metadata\": \"{}\""
            + (members.isEmpty() ? "" : ", " + members));
  }

  /** A usual message with these members in place of its own. */
  private DesireAppRequestFromCC app(String members) {
    try {
      var message =
          (ObjectNode)
              CloudControllerJson.mapper()
                  .readTree(
                      """
                      {"process_guid": "%s", "droplet_uri": "http://cc.test/d", "stack": "cflinuxfs2",
                       "start_command": "run", "memory_mb": 1024, "disk_mb": 512, "num_instances": 2,
                       "routes": ["a.test"], "log_guid": "log", "etag": "1"}
                      """
                          .formatted(guid));
      JsonNode other = CloudControllerJson.mapper().readTree("{" + members + "}");
      message.setAll((ObjectNode) other);
      return CloudControllerJson.mapper().convertValue(message, DesireAppRequestFromCC.class);
    } catch (java.io.IOException malformed) {
      throw new IllegalArgumentException(malformed);
    }
  }
}
