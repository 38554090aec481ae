package dev.ccbridge.stager;

import static org.awaitility.Awaitility.await;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus.Phase;
import dev.ccbridge.cloudcontroller.client.CloudControllerClient;
import dev.ccbridge.cloudcontroller.client.CloudControllerConfig;
import dev.ccbridge.kube.EventRecorder;
import dev.ccbridge.kubernetes.RealApiServer;
import dev.ccbridge.receptor.FakeReceptor;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.receptor.model.TaskResponse;
import dev.ccbridge.stager.recipe.RecipeConfig;
import dev.ccbridge.tracing.Traces;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Response;
import dev.ccbridge.web.Router;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.javaoperatorsdk.operator.Operator;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * The stager on a real API server, in a namespace of its own, between a fake Receptor and a fake
 * CC.
 */
final class StagerBench implements AutoCloseable {
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Router UNAVAILABLE =
      new Router().route("POST", "/*all", r -> Response.empty(503));

  final String namespace =
      "stager-" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();
  final FakeReceptor receptor = new FakeReceptor();
  final FakeCloudController cc = new FakeCloudController();
  final FakeArtifacts artifacts = new FakeArtifacts();
  final KubernetesClient client = RealApiServer.shared().client();
  private final HttpClient http = HttpClient.newHttpClient();
  private final HttpService callbacks;
  private volatile Router router = UNAVAILABLE;
  private Instance instance;

  /** One life of the operator. */
  private record Instance(
      KubernetesClient client,
      Operator operator,
      StagerService service,
      EventRecorder events,
      CloudControllerClient cc) {
    void stop() {
      service.close();
      operator.stop();
      events.close();
      cc.close();
      client.close();
    }
  }

  StagerBench() {
    client.load(crd()).forceConflicts().serverSideApply();
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> client.resources(StagingRequest.class).inAnyNamespace().list() != null);
    client
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
        .create();
    callbacks =
        HttpService.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), r -> router.handle(r));
  }

  private static InputStream crd() {
    try {
      return Files.newInputStream(Path.of("crds", "stagingrequests.ccbridge.dev-v1.yml"));
    } catch (IOException missing) {
      throw new UncheckedIOException(missing);
    }
  }

  /** Starts the operator; again after {@link #stop}, as a new process would. */
  StagerBench start() {
    return start(Duration.ofMillis(200));
  }

  synchronized StagerBench start(Duration pollInterval) {
    var own = RealApiServer.shared().client();
    var events = new EventRecorder(own, "cc-bridge", Clock.systemUTC());
    var ccClient = new CloudControllerClient(CloudControllerConfig.NONE);
    var service =
        new StagerService(
            config(pollInterval),
            receptor,
            ccClient,
            artifacts,
            own,
            events,
            Clock.systemUTC(),
            new SimpleMeterRegistry(),
            Traces.NONE);
    var operator =
        new Operator(
            o ->
                o.withKubernetesClient(own)
                    .withCloseClientOnStop(false)
                    .withReconciliationTerminationTimeout(Duration.ofSeconds(1)));
    operator.register(service.reconciler(), o -> o.settingNamespace(namespace));
    var routes = new Router();
    service.addRoutes(routes);
    router = routes;
    operator.start();
    service.start();
    instance = new Instance(own, operator, service, events, ccClient);
    return this;
  }

  synchronized void stop() {
    if (instance != null) {
      router = UNAVAILABLE;
      instance.stop();
      instance = null;
    }
  }

  /** The reconciler of this life. */
  StagingRequestReconciler reconciler() {
    return instance.service().reconciler();
  }

  private StagerConfig config(Duration pollInterval) {
    return StagerConfig.of(
            new RecipeConfig(
                Map.of("buildpack/cflinuxfs4", "bp.tgz"), "http://files", "", false, "cflinuxfs4"),
            callbacks.uri().toString(),
            new byte[32],
            List.of("static_buildpack", "java_buildpack"))
        .withIntervals(pollInterval, pollInterval, Duration.ofSeconds(5));
  }

  StagingRequest create(Requests request) {
    return client.resource(request.in(namespace).build()).create();
  }

  StagingRequest get(StagingRequest request) {
    return client.resource(request).get();
  }

  /** Changes the request as it is now, whoever else changes it. */
  void edit(StagingRequest request, UnaryOperator<StagingRequest> change) {
    named(request).edit(change);
  }

  void editStatus(StagingRequest request, UnaryOperator<StagingRequest> change) {
    named(request).editStatus(change);
  }

  private Resource<StagingRequest> named(StagingRequest request) {
    return client
        .resources(StagingRequest.class)
        .inNamespace(namespace)
        .withName(request.getMetadata().getName());
  }

  StagingRequest awaitPhase(StagingRequest request, Phase phase) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> get(request),
            r -> r != null && r.getStatus() != null && r.getStatus().phase() == phase);
  }

  /** Waits for the request's task and returns its guid. */
  String awaitTask(StagingRequest request) {
    var guid = request.getMetadata().getUid();
    await()
        .atMost(PATIENCE)
        .until(() -> receptor.currentTasks().stream().anyMatch(t -> t.taskGuid().equals(guid)));
    return guid;
  }

  void awaitGone(StagingRequest request) {
    await().atMost(PATIENCE).until(() -> get(request) == null);
  }

  void awaitNoTasks() {
    await().atMost(PATIENCE).until(() -> receptor.currentTasks().isEmpty());
  }

  /** Calls the task's completion callback as a Receptor does. */
  int callBack(TaskResponse task) {
    return post(task.completionCallbackUrl(), task);
  }

  int post(String url, TaskResponse task) {
    try {
      var body = ReceptorJson.mapper().writeValueAsString(task);
      var request =
          HttpRequest.newBuilder(URI.create(url))
              .timeout(Duration.ofSeconds(20))
              .POST(BodyPublishers.ofString(body))
              .build();
      return http.send(request, BodyHandlers.discarding()).statusCode();
    } catch (IOException broken) {
      return 503;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopped);
    }
  }

  @Override
  public void close() {
    stop();
    callbacks.close();
    cc.close();
    http.close();
    client.close();
  }
}
