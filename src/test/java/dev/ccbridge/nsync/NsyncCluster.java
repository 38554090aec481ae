package dev.ccbridge.nsync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.DesiredLRPStatus;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.kube.Conditions;
import dev.ccbridge.kube.EventRecorder;
import dev.ccbridge.kubernetes.RealApiServer;
import dev.ccbridge.nsync.recipe.RecipeConfig;
import dev.ccbridge.receptor.EgressGaps;
import dev.ccbridge.receptor.FakeReceptor;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * The reconciler at work: a namespace of its own on the real API server, and a fake Receptor. The
 * waits of the reconciler are short here.
 */
final class NsyncCluster implements AutoCloseable {
  static final String CANARY = "canary-7f3a";
  static final Duration PATIENCE = Duration.ofSeconds(20);

  final FakeReceptor receptor = new FakeReceptor();

  /** By how much the reconciler's clock is ahead. */
  volatile Duration ahead = Duration.ZERO;

  final String namespace = "n-" + UUID.randomUUID().toString().substring(0, 8);

  /** Method and path of every write that the operator made, but those of Events. */
  final List<String> writes = new CopyOnWriteArrayList<>();

  final KubernetesClient user = RealApiServer.shared().client();
  private final KubernetesClient client = countingClient();
  private final EventRecorder events = new EventRecorder(client, "cc-bridge", Clock.systemUTC());
  private Operator operator;

  NsyncCluster() {
    installCrds(user);
    user.namespaces()
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
        .create();
  }

  static void installCrds(KubernetesClient client) {
    for (var file :
        List.of("stagingrequests.ccbridge.dev-v1.yml", "desiredlrps.ccbridge.dev-v1.yml")) {
      try {
        var crd =
            Serialization.unmarshal(
                Files.readString(Path.of("crds", file)), CustomResourceDefinition.class);
        client.resource(crd).forceConflicts().serverSideApply();
        client
            .resource(crd)
            .waitUntilCondition(
                c ->
                    c != null
                        && c.getStatus() != null
                        && c.getStatus().getConditions() != null
                        && c.getStatus().getConditions().stream()
                            .anyMatch(
                                x ->
                                    x.getType().equals("Established")
                                        && x.getStatus().equals("True")),
                30,
                TimeUnit.SECONDS);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  NsyncCluster start() {
    return start(Duration.ofHours(1));
  }

  private NsyncConfig config(Duration compareInterval) {
    return new NsyncConfig(
        new RecipeConfig(
            Map.of("buildpack/cflinuxfs4", "bp.tgz", "docker", "docker.tgz"), "http://files.test"),
        1024,
        compareInterval,
        Duration.ofMillis(50),
        Duration.ofMillis(10),
        Duration.ofMillis(100),
        Duration.ofMinutes(3),
        namespace,
        PATIENCE,
        Set.of(namespace),
        EgressGaps.UNKNOWN,
        true);
  }

  /** What Cloud Controller's front door writes to. */
  AppResources apps() {
    return new AppResources(config(Duration.ofHours(1)), user);
  }

  NsyncCluster start(Duration compareInterval) {
    var config = config(compareInterval);
    var reconciler =
        new DesiredLRPReconciler(
            config,
            receptor,
            uri ->
                uri.startsWith("/")
                    ? "http://blobs.test" + uri + "?token=" + UUID.randomUUID()
                    : uri,
            events,
            clock(),
            new SimpleMeterRegistry());
    operator =
        new Operator(
            o ->
                o.withKubernetesClient(client)
                    .withCloseClientOnStop(false)
                    .checkingCRDAndValidateLocalModel(false));
    operator.register(
        reconciler,
        o ->
            o.settingNamespace(namespace)
                .withRetry(
                    new GenericRetry()
                        .withoutMaxAttempts()
                        .setInitialInterval(50)
                        .setMaxInterval(500))
                .withRateLimiter(
                    io.javaoperatorsdk.operator.processing.event.rate.LinearRateLimiter
                        .deactivatedRateLimiter()));
    operator.start();
    return this;
  }

  private Clock clock() {
    InstantSource source = () -> Instant.now().plus(ahead);
    return source.withZone(ZoneOffset.UTC);
  }

  void stop() {
    if (operator != null) {
      operator.stop();
      operator = null;
    }
  }

  @Override
  public void close() {
    stop();
    events.close();
    receptor.close();
    client.close();
    user.close();
  }

  /** Creates a resource from the YAML of its spec. */
  DesiredLRP create(String name, String spec) {
    var lrp =
        Serialization.unmarshal(
            """
            apiVersion: ccbridge.dev/v1alpha1
            kind: DesiredLRP
            metadata: {name: %s, namespace: %s}
            spec:
            """
                    .formatted(name, namespace)
                + spec.indent(2),
            DesiredLRP.class);
    return user.resource(lrp).create();
  }

  DesiredLRP droplet(String name, int instances) {
    return create(
        name,
        """
        source: {droplet: {uri: /droplets/%s}}
        instances: %d
        routes: [{hostname: %s.test}]
        """
            .formatted(name, instances, name));
  }

  Resource<DesiredLRP> lrp(String name) {
    return user.resources(DesiredLRP.class).inNamespace(namespace).withName(name);
  }

  void patchSpec(String name, String mergePatch) {
    lrp(name)
        .patch(
            io.fabric8.kubernetes.client.dsl.base.PatchContext.of(
                io.fabric8.kubernetes.client.dsl.base.PatchType.JSON_MERGE),
            "{\"spec\":" + mergePatch + "}");
  }

  void scale(String name, int instances) {
    lrp(name).scale(instances);
  }

  /** Guids of the desired LRPs at the Receptor. */
  List<String> desired() {
    return receptor.currentDesiredLRPs().stream().map(DesiredLRPResponse::processGuid).toList();
  }

  DesiredLRPResponse onlyDesired() {
    await().atMost(PATIENCE).until(() -> desired().size() == 1);
    return receptor.currentDesiredLRPs().getFirst();
  }

  /** The one that is not {@code old}, once it is there. */
  String awaitOther(String old) {
    await().atMost(PATIENCE).until(() -> desired().stream().anyMatch(g -> !g.equals(old)));
    return desired().stream().filter(g -> !g.equals(old)).findFirst().orElseThrow();
  }

  void awaitReady(String name, String ready) {
    awaitStatus(name, s -> ready.equals(s.ready()) && Conditions.isTrue(s.conditions(), "Ready"));
  }

  /** Waits for the condition of this type to be true with this reason; returns its message. */
  String awaitCondition(String name, String type, String reason) {
    awaitStatus(
        name,
        s ->
            Conditions.isTrue(s.conditions(), type)
                && Conditions.hasReason(s.conditions(), type, reason));
    return Conditions.find(lrp(name).get().getStatus().conditions(), type)
        .orElseThrow()
        .getMessage();
  }

  DesiredLRPStatus awaitStatus(String name, Predicate<DesiredLRPStatus> expected) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              var lrp = lrp(name).get();
              var status = lrp.getStatus();
              assertThat(status).isNotNull();
              assertThat(status.observedGeneration())
                  .as("status %s", status)
                  .isEqualTo(lrp.getMetadata().getGeneration());
              assertThat(expected.test(status)).as("status %s", status).isTrue();
            });
    return lrp(name).get().getStatus();
  }

  void awaitGone(String name) {
    await().atMost(PATIENCE).until(() -> lrp(name).get() == null);
  }

  /** Nothing is written and the Receptor is asked nothing, for a while. */
  void assertIdle() {
    await()
        .during(Duration.ofMillis(700))
        .atMost(PATIENCE)
        .until(
            new java.util.concurrent.Callable<Boolean>() {
              private int calls = -1;
              private int written = -1;

              @Override
              public Boolean call() {
                var still = receptor.calls().size() == calls && writes.size() == written;
                calls = receptor.calls().size();
                written = writes.size();
                return still;
              }
            });
  }

  StagingRequest stagingRequest(String name) {
    return user.resource(
            Serialization.unmarshal(
                """
                apiVersion: ccbridge.dev/v1alpha1
                kind: StagingRequest
                metadata: {name: %s, namespace: %s}
                spec: {lifecycle: buildpack, appId: app-1, buildpack: {appBits: {uri: "http://bits.test/a.zip"}}}
                """
                    .formatted(name, namespace),
                StagingRequest.class))
        .create();
  }

  void stagingStatus(String name, String status) {
    user.resources(StagingRequest.class)
        .inNamespace(namespace)
        .withName(name)
        .subresource("status")
        .patch(
            io.fabric8.kubernetes.client.dsl.base.PatchContext.of(
                io.fabric8.kubernetes.client.dsl.base.PatchType.JSON_MERGE),
            "{\"status\":" + status + "}");
  }

  private KubernetesClient countingClient() {
    return new KubernetesClientBuilder()
        .withConfig(RealApiServer.shared().config())
        .withHttpClientBuilderConsumer(
            b ->
                b.addOrReplaceInterceptor(
                    "writes",
                    new Interceptor() {
                      @Override
                      public void before(
                          BasicBuilder builder, HttpRequest request, RequestTags tags) {
                        var path = request.uri().getPath();
                        if (!request.method().equals("GET") && !path.contains("/events")) {
                          writes.add(request.method() + " " + path);
                        }
                      }
                    }))
        .build();
  }
}
