package dev.ccbridge.receptor.backend.pod.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.kubernetes.RealApiServer;
import dev.ccbridge.receptor.FakeReceptor;
import dev.ccbridge.receptor.Requests;
import dev.ccbridge.receptor.backend.pod.PodBackendConfig;
import dev.ccbridge.receptor.model.DesiredLRPUpdateRequest;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/** Services and HTTPRoutes at a real API server; no controller of the Gateway API is here. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(120)
class RouteEmitterIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String CRD =
      """
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata:
        name: httproutes.gateway.networking.k8s.io
        annotations: {api-approved.kubernetes.io: unapproved-for-a-test}
      spec:
        group: gateway.networking.k8s.io
        scope: Namespaced
        names: {plural: httproutes, singular: httproute, kind: HTTPRoute}
        versions:
          - name: v1
            served: true
            storage: true
            schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
      """;

  private final FakeReceptor receptor = new FakeReceptor();
  private KubernetesClient client;
  private String namespace;
  private RouteEmitter emitter;

  @BeforeAll
  void connect() {
    client = RealApiServer.shared().client();
    client
        .load(new java.io.ByteArrayInputStream(CRD.getBytes()))
        .forceConflicts()
        .serverSideApply();
    await().atMost(PATIENCE).ignoreExceptions().until(() -> hosts("default").isEmpty());
  }

  @AfterAll
  void disconnect() {
    if (client != null) {
      client
          .apiextensions()
          .v1()
          .customResourceDefinitions()
          .withName("httproutes.gateway.networking.k8s.io")
          .delete();
      client.close();
    }
  }

  @BeforeEach
  void start() {
    namespace = "routes-" + UUID.randomUUID().toString().substring(0, 8);
    client
        .namespaces()
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
        .create();
    startEmitter();
  }

  private void startEmitter() {
    var pods = PodBackendConfig.defaults(namespace, "runtime:1", Map.of());
    var gateway = Optional.of(new RouteConfig.Gateway("infra", "web"));
    emitter =
        new RouteEmitter(
            client,
            new RouteConfig(pods, gateway, Duration.ofMillis(500), Duration.ofMillis(100)),
            receptor);
    emitter.start();
  }

  @AfterEach
  void stop() {
    emitter.close();
  }

  private List<Service> services() {
    return client.services().inNamespace(namespace).list().getItems();
  }

  private List<String> names() {
    return services().stream().map(s -> s.getMetadata().getName()).toList();
  }

  private List<GenericKubernetesResource> hosts(String in) {
    return client
        .genericKubernetesResources(RouteManifests.HTTP_ROUTES)
        .inNamespace(in)
        .list()
        .getItems();
  }

  private String backends() {
    var all = hosts(namespace);
    return all.isEmpty() ? "" : all.getFirst().get("spec", "rules").toString();
  }

  private String guid() {
    return "p" + UUID.randomUUID().toString().substring(0, 8);
  }

  @Test
  void lrpHasItsServiceAndItsHostNameARouteAsLongAsItIsDesired() {
    var guid = guid();
    receptor.createDesiredLRP(Requests.lrp(guid, 1));

    await().atMost(PATIENCE).until(() -> names().contains(guid));
    await().atMost(PATIENCE).until(() -> backends().contains(guid));
    receptor.deleteDesiredLRP(guid);

    await().atMost(PATIENCE).until(() -> services().isEmpty());
    await().atMost(PATIENCE).until(() -> hosts(namespace).isEmpty());
  }

  @Test
  void changedRoutesAreFollowed() {
    var guid = guid();
    receptor.createDesiredLRP(Requests.lrp(guid, 1));
    await().atMost(PATIENCE).until(() -> hosts(namespace).size() == 1);

    receptor.updateDesiredLRP(
        guid,
        new DesiredLRPUpdateRequest(
            null,
            Requests.routes(
                "{\"cf-router\":[{\"port\":8080,\"hostnames\":[\"new.example.com\"]}]}"),
            null));

    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(hosts(namespace))
                    .singleElement()
                    .satisfies(
                        route ->
                            assertThat(route.<Object>get("spec", "hostnames"))
                                .isEqualTo(List.of("new.example.com"))));
    receptor.deleteDesiredLRP(guid);
  }

  @Test
  void hostNameOfTwoLrpsLeadsToBothAndThenToTheOneThatIsLeft() {
    var one = guid();
    var other = guid();
    receptor.createDesiredLRP(Requests.lrp(one, 1));
    receptor.createDesiredLRP(Requests.lrp(other, 1));
    await().atMost(PATIENCE).until(() -> backends().contains(one) && backends().contains(other));

    receptor.deleteDesiredLRP(one);

    await().atMost(PATIENCE).until(() -> !backends().contains(one) && backends().contains(other));
    receptor.deleteDesiredLRP(other);
  }

  @Test
  void whatIsNoLongerDesiredByTheNextLifeIsRemoved() {
    var gone = guid();
    var kept = guid();
    receptor.createDesiredLRP(Requests.lrp(gone, 1));
    receptor.createDesiredLRP(Requests.lrp(kept, 1));
    await().atMost(PATIENCE).until(() -> services().size() == 2);
    emitter.close();
    receptor.deleteDesiredLRP(gone);

    startEmitter();

    await().atMost(PATIENCE).until(() -> names().equals(List.of(kept)));
    await().atMost(PATIENCE).until(() -> !backends().contains(gone));
    receptor.deleteDesiredLRP(kept);
  }

  @Test
  void serviceOfSomebodyElseStaysAsItIs() throws Exception {
    var guid = guid();
    var foreign =
        new ServiceBuilder()
            .withNewMetadata()
            .withName(guid)
            .endMetadata()
            .withNewSpec()
            .addToSelector("other", "app")
            .addNewPort()
            .withPort(1)
            .endPort()
            .endSpec()
            .build();
    client.services().inNamespace(namespace).resource(foreign).create();

    receptor.createDesiredLRP(Requests.lrp(guid, 1));
    await().atMost(PATIENCE).until(() -> backends().contains(guid));
    receptor.deleteDesiredLRP(guid);
    await().atMost(PATIENCE).until(() -> hosts(namespace).isEmpty());

    assertThat(services())
        .singleElement()
        .satisfies(
            service ->
                assertThat(service.getSpec().getSelector()).isEqualTo(Map.of("other", "app")));
  }

  @Test
  void nothingIsWrittenWhereNothingHasChanged() {
    var guid = guid();
    receptor.createDesiredLRP(Requests.lrp(guid, 1));
    await().atMost(PATIENCE).until(() -> names().contains(guid));
    var version = services().getFirst().getMetadata().getResourceVersion();
    int lists = receptor.calls("desiredLRPs");

    await().atMost(PATIENCE).until(() -> receptor.calls("desiredLRPs") > lists + 2);

    assertThat(services().getFirst().getMetadata().getResourceVersion()).isEqualTo(version);
    receptor.deleteDesiredLRP(guid);
  }
}
