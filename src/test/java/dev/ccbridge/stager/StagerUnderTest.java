package dev.ccbridge.stager;

import static org.awaitility.Awaitility.await;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus;
import dev.ccbridge.cloudcontroller.client.CloudControllerClient;
import dev.ccbridge.cloudcontroller.client.CloudControllerConfig;
import dev.ccbridge.kube.EventRecorder;
import dev.ccbridge.kube.Names;
import dev.ccbridge.kubernetes.DevCluster;
import dev.ccbridge.receptor.client.ReceptorClient;
import dev.ccbridge.receptor.client.ReceptorClientConfig;
import dev.ccbridge.stager.recipe.RecipeConfig;
import dev.ccbridge.tracing.Traces;
import dev.ccbridge.web.Handler;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Router;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
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
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Predicate;

/**
 * The whole stager over HTTP, with an operator, on the embedded Kubernetes API in a namespace of
 * its own; Receptor, CC and Consul are the caller's handlers.
 */
public final class StagerUnderTest implements AutoCloseable {
  /** Nothing listens there. */
  private static final URI NOWHERE = URI.create("http://127.0.0.1:1");

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final KubernetesClient SHARED = DevCluster.shared().client();

  /**
   * @param recipes as the originals were set up
   * @param stagerUrl base of callbacks
   * @param receptor empty: nothing listens; likewise the others
   * @param consulAgent a real one, in the place of {@code consul}
   */
  public record Setup(
      RecipeConfig recipes,
      String stagerUrl,
      Optional<Handler> receptor,
      Optional<Handler> cc,
      String ccUsername,
      String ccPassword,
      Optional<Handler> consul,
      Optional<URI> consulAgent) {

    /** Without a real Consul agent. */
    public Setup(
        RecipeConfig recipes,
        String stagerUrl,
        Optional<Handler> receptor,
        Optional<Handler> cc,
        String ccUsername,
        String ccPassword,
        Optional<Handler> consul) {
      this(recipes, stagerUrl, receptor, cc, ccUsername, ccPassword, consul, Optional.empty());
    }
  }

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private final HttpService door;
  public final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  public final String namespace = DevCluster.shared().namespace("stager");

  public StagerUnderTest(Setup setup) {
    this(setup, SHARED, Duration.ZERO);
  }

  /**
   * @param doorClient what the stager reaches the Kubernetes API with; the operator's own watches
   *     and writes of statuses do not go through it
   * @param ahead how much later the stager thinks it is
   */
  public StagerUnderTest(Setup setup, KubernetesClient doorClient, Duration ahead) {
    var ccUri = listen(setup.cc());
    var cc =
        keep(
            new CloudControllerClient(
                new CloudControllerConfig(
                    Optional.of(ccUri),
                    setup.ccUsername(),
                    setup.ccPassword(),
                    CloudControllerConfig.DEFAULT_TIMEOUT)));
    var receptor = keep(new ReceptorClient(ReceptorClientConfig.of(listen(setup.receptor()))));
    var events = keep(new EventRecorder(SHARED, "cc-bridge", Clock.systemUTC()));
    var config =
        StagerConfig.of(setup.recipes(), setup.stagerUrl(), new byte[32], List.of("builtin"))
            .withCloudController(ccUri, namespace)
            .withIntervals(Duration.ofMinutes(10), Duration.ofMinutes(10), Duration.ofSeconds(20));
    var service =
        new StagerService(
            consul(setup).map(config::withConsul).orElse(config),
            receptor,
            cc,
            new FakeArtifacts(),
            doorClient,
            events,
            Clock.offset(Clock.systemUTC(), ahead),
            meters,
            Traces.NONE);
    var router = new Router();
    service.addRoutes(router);
    door = keep(HttpService.start(loopback(), router));
    var operator =
        new Operator(
            o ->
                o.withKubernetesClient(SHARED)
                    .withCloseClientOnStop(false)
                    .withReconciliationTerminationTimeout(Duration.ofSeconds(1)));
    operator.register(service.reconciler(), o -> o.settingNamespace(namespace));
    operator.start();
    parts.push(operator::stop);
    keep(service).start();
  }

  private Optional<URI> consul(Setup setup) {
    return setup
        .consulAgent()
        .or(() -> setup.consul().map(handler -> listen(Optional.of(handler))));
  }

  private URI listen(Optional<Handler> handler) {
    return handler.map(h -> keep(HttpService.start(loopback(), h)).uri()).orElse(NOWHERE);
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private <T extends AutoCloseable> T keep(T part) {
    parts.push(part);
    return part;
  }

  /** A request to the front door. */
  public HttpResponse<String> send(String method, String path, String body)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(door.uri() + path))
            .timeout(Duration.ofSeconds(60))
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build();
    return http.send(request, BodyHandlers.ofString());
  }

  /** The resource of a staging guid. */
  public Optional<StagingRequest> find(String guid) {
    return Optional.ofNullable(
        SHARED
            .resources(StagingRequest.class)
            .inNamespace(namespace)
            .withName(Names.fromGuid(guid))
            .get());
  }

  public List<StagingRequest> all() {
    return SHARED.resources(StagingRequest.class).inNamespace(namespace).list().getItems();
  }

  public List<Secret> secrets() {
    return SHARED.secrets().inNamespace(namespace).list().getItems();
  }

  public KubernetesClient kubernetes() {
    return SHARED;
  }

  /** The resource, once its status is as wanted. */
  public StagingRequest awaitStatus(String guid, Predicate<StagingRequestStatus> wanted) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> find(guid),
            found ->
                found.isPresent()
                    && found.get().getStatus() != null
                    && wanted.test(found.get().getStatus()))
        .orElseThrow();
  }

  public void awaitTrue(Callable<Boolean> condition) {
    await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(condition);
  }

  /** Whether somebody was told, or refused to be. */
  public static boolean isDeliveryOver(StagingRequestStatus status) {
    return StagingStatusFactory.deliveryEnded(status);
  }

  /** Nothing is sent out any more after this. */
  @Override
  public void close() {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception failure) {
        throw new IllegalStateException(failure);
      }
    }
    http.close();
  }
}
