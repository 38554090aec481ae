package dev.ccbridge.devserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The operator's client library, unchanged, on ours and on a real server. */
abstract class ClientContract {
  private static final ResourceDefinitionContext WIDGETS =
      new ResourceDefinitionContext.Builder()
          .withGroup("example.dev")
          .withVersion("v1alpha1")
          .withPlural("widgets")
          .withKind("Widget")
          .withNamespaced(true)
          .build();

  private KubernetesClient client;
  private String namespace;

  abstract ApiUnderTest api();

  @BeforeEach
  void prepare() {
    client = api().client();
    var crd =
        client
            .getKubernetesSerialization()
            .unmarshal(ApiUnderTest.text("widgets.yml"), CustomResourceDefinition.class);
    client.resource(crd).createOr(existing -> existing.update());
    client
        .resource(crd)
        .waitUntilCondition(
            seen ->
                seen.getStatus() != null
                    && seen.getStatus().getConditions() != null
                    && seen.getStatus().getConditions().stream()
                        .anyMatch(c -> c.getType().equals("Established")),
            20,
            TimeUnit.SECONDS);
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> api().send("GET", "/apis/example.dev/v1alpha1/widgets").status() == 200);
    namespace = "client-" + UUID.randomUUID().toString().substring(0, 8);
    client
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
        .create();
  }

  @AfterEach
  void close() {
    client.close();
  }

  @Test
  void createsReadsAndDeletes() {
    var created = create("a");

    assertThat(created.getMetadata().getUid()).isNotEmpty();
    assertThat(created.<Object>get("spec", "mode")).isEqualTo("auto");
    widget("a").withTimeout(10, TimeUnit.SECONDS).delete();
    assertThat(widget("a").get()).isNull();
  }

  @Test
  void refusesAnInvalidObjectWithTheFieldsName() {
    var invalid = resource("a", Map.of("size", "huge"));

    assertThatThrownBy(() -> widgets().resource(invalid).create())
        .isInstanceOf(KubernetesClientException.class)
        .hasMessageContaining("spec.size: Unsupported value: \"huge\"");
  }

  @Test
  void anInformerFollowsEveryChange() throws Exception {
    create("a");
    var seen = new CopyOnWriteArrayList<String>();
    try (var informer =
        widgets()
            .inform(
                new io.fabric8.kubernetes.client.informers.ResourceEventHandler<>() {
                  @Override
                  public void onAdd(GenericKubernetesResource added) {
                    seen.add("added " + added.getMetadata().getName());
                  }

                  @Override
                  public void onUpdate(
                      GenericKubernetesResource before, GenericKubernetesResource after) {
                    seen.add("updated " + after.getMetadata().getName());
                  }

                  @Override
                  public void onDelete(GenericKubernetesResource gone, boolean unknown) {
                    seen.add("deleted " + gone.getMetadata().getName());
                  }
                })) {
      create("b");
      widget("b").patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"mode\": \"m\"}}");
      widget("a").delete();

      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () ->
                  assertThat(seen)
                      .containsSubsequence("added a", "added b", "updated b", "deleted a"));
      assertThat(informer.getStore().list()).hasSize(1);
    }
  }

  @Test
  void appliesAStatusOnTheServersSide() {
    create("a");
    var status = resource("a", null);
    status.setAdditionalProperty("status", Map.of("phase", "Done"));

    var applied =
        widget("a")
            .subresource("status")
            .patch(
                new PatchContext.Builder()
                    .withPatchType(PatchType.SERVER_SIDE_APPLY)
                    .withFieldManager("tester")
                    .withForce(true)
                    .build(),
                status);

    assertThat(applied.<Object>get("status", "phase")).isEqualTo("Done");
    assertThat(applied.getMetadata().getGeneration()).isEqualTo(1);
  }

  @Test
  void keepsAnObjectUntilItsLastFinalizerIsGone() {
    create("a");
    widget("a")
        .edit(
            w -> {
              w.getMetadata().setFinalizers(List.of("example.dev/test"));
              return w;
            });

    widget("a").delete();

    assertThat(widget("a").get().getMetadata().getDeletionTimestamp()).isNotEmpty();
    widget("a")
        .edit(
            w -> {
              w.getMetadata().setFinalizers(List.of());
              return w;
            });
    assertThat(widget("a").get()).isNull();
  }

  @Test
  void refusesAnUpdateOfAnOldVersion() {
    var old = create("a");
    widget("a").patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"mode\": \"m\"}}");

    assertThatThrownBy(() -> widgets().resource(old).update())
        .isInstanceOfSatisfying(
            KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(409));
  }

  @Test
  void scales() {
    create("a");

    widgets().withName("a").scale(4);

    assertThat(widget("a").get().<Object>get("spec", "replicas")).isEqualTo(4);
  }

  @Test
  void storesSecretsAndTheirOwners() {
    var owner = create("a");
    var secret =
        new SecretBuilder()
            .withNewMetadata()
            .withName("s")
            .withNamespace(namespace)
            .withOwnerReferences(
                new OwnerReferenceBuilder()
                    .withApiVersion("example.dev/v1alpha1")
                    .withKind("Widget")
                    .withName("a")
                    .withUid(owner.getMetadata().getUid())
                    .build())
            .endMetadata()
            .addToStringData("k", "v")
            .build();

    client.resource(secret).serverSideApply();

    var stored = client.secrets().inNamespace(namespace).withName("s").get();
    assertThat(stored.getData()).containsEntry("k", "dg==");
    assertThat(stored.getMetadata().getOwnerReferences()).hasSize(1);
  }

  @Test
  void electsALeader() throws Exception {
    var leading = new CountDownLatch(1);
    var elector =
        client
            .leaderElector()
            .withConfig(
                new LeaderElectionConfigBuilder()
                    .withName("test")
                    .withLock(new LeaseLock(namespace, "lock", "me"))
                    .withLeaseDuration(Duration.ofSeconds(15))
                    .withRenewDeadline(Duration.ofSeconds(10))
                    .withRetryPeriod(Duration.ofSeconds(2))
                    .withReleaseOnCancel(true)
                    .withLeaderCallbacks(
                        new LeaderCallbacks(leading::countDown, () -> {}, leader -> {}))
                    .build())
            .build();

    var running = elector.start();

    assertThat(leading.await(20, TimeUnit.SECONDS)).isTrue();
    var lease = client.leases().inNamespace(namespace).withName("lock").get();
    assertThat(lease.getSpec().getHolderIdentity()).isEqualTo("me");
    running.cancel(true);
  }

  private io.fabric8.kubernetes.client.dsl.NonNamespaceOperation<
          GenericKubernetesResource,
          io.fabric8.kubernetes.api.model.GenericKubernetesResourceList,
          io.fabric8.kubernetes.client.dsl.Resource<GenericKubernetesResource>>
      widgets() {
    return client.genericKubernetesResources(WIDGETS).inNamespace(namespace);
  }

  private io.fabric8.kubernetes.client.dsl.Resource<GenericKubernetesResource> widget(String name) {
    return widgets().withName(name);
  }

  private GenericKubernetesResource create(String name) {
    return widgets()
        .resource(resource(name, Map.of("size", "small", "left", Map.of("uri", "http://a"))))
        .create();
  }

  private GenericKubernetesResource resource(String name, Map<String, Object> spec) {
    var builder =
        new GenericKubernetesResourceBuilder()
            .withApiVersion("example.dev/v1alpha1")
            .withKind("Widget")
            .withNewMetadata()
            .withName(name)
            .withNamespace(namespace)
            .endMetadata();
    return (spec == null ? builder : builder.addToAdditionalProperties("spec", spec)).build();
  }
}
