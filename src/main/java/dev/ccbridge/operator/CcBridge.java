package dev.ccbridge.operator;

import dev.ccbridge.cloudcontroller.client.CloudControllerClient;
import dev.ccbridge.cloudcontroller.client.CloudControllerConfig;
import dev.ccbridge.fileserver.BlobStore;
import dev.ccbridge.fileserver.FileServerConfig;
import dev.ccbridge.fileserver.FileServerRoutes;
import dev.ccbridge.fileserver.SignedUrls;
import dev.ccbridge.kube.EventRecorder;
import dev.ccbridge.nsync.DesiredLRPReconciler;
import dev.ccbridge.nsync.NsyncConfig;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.server.ReceptorServer;
import dev.ccbridge.receptor.server.ReceptorServerConfig;
import dev.ccbridge.stager.StagerConfig;
import dev.ccbridge.stager.StagerService;
import dev.ccbridge.stager.recipe.RecipeConfig;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Router;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.Metrics;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All rooms of one process, wired and running against one Kubernetes API. */
final class CcBridge implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CcBridge.class);
  private static final String LIFECYCLE = "buildpack_app_lifecycle/buildpack_app_lifecycle.tgz";
  private static final List<String> BUILDPACKS =
      List.of("java_buildpack", "static_buildpack", "binary_buildpack");
  private static final Duration SWEEP_INTERVAL = Duration.ofHours(1);

  /** What was started, the last first: so it is ended. */
  private final Deque<AutoCloseable> running = new ArrayDeque<>();

  private final BlobStore blobs;
  private final URI fileServer;
  private final Optional<URI> receptorApi;

  private CcBridge(BlobStore blobs, URI fileServer, Optional<URI> receptorApi) {
    this.blobs = blobs;
    this.fileServer = fileServer;
    this.receptorApi = receptorApi;
  }

  /**
   * Starts everything; when this returns, resources are reconciled.
   *
   * @param kubernetes stays open when this closes
   */
  static CcBridge start(OperatorConfig config, DataDirectory data, KubernetesClient kubernetes) {
    var started = new ArrayDeque<AutoCloseable>();
    try {
      return start(config, data, kubernetes, started);
    } catch (RuntimeException failure) {
      closeAll(started);
      throw failure;
    }
  }

  private static CcBridge start(
      OperatorConfig config,
      DataDirectory data,
      KubernetesClient kubernetes,
      Deque<AutoCloseable> started) {
    var clock = Clock.systemUTC();
    var address = data.address("files", config.listenAddress());
    var url = config.publicUrl().orElseGet(() -> urlOf(address));

    var files = new FileServerConfig(List.of(config.staticDirectory()), data.resolve("blobs"));
    var blobs = keep(started, BlobStore.open(files, clock));
    var urls = SignedUrls.open(data.resolve("blobs"), () -> url, clock);
    var router = new Router();
    new FileServerRoutes(files, blobs, urls).addTo(router);
    // Before the Receptor: tasks that it goes on with fetch from here.
    var lateRoutes = new LateRoutes(router);
    keep(started, HttpService.start(address, lateRoutes));
    LOG.info("file-server.ready url={}", url);

    var receptor = keep(started, Receptors.start(config, data, clock));
    var published =
        config.receptorAddress().map(a -> publish(started, data.address("receptor", a), receptor));
    var artifacts = new BuiltInArtifacts(blobs, urls, () -> url, kubernetes, receptor, clock);
    startControllers(
        config, data, kubernetes, started, new Wiring(url, lateRoutes, receptor, artifacts, clock));
    sweepRegularly(started, artifacts);

    var bridge = new CcBridge(blobs, url, published);
    bridge.running.addAll(started);
    return bridge;
  }

  /** What the controllers are put together from. */
  private record Wiring(
      URI url, LateRoutes routes, Receptor receptor, BuiltInArtifacts artifacts, Clock clock) {}

  private static void startControllers(
      OperatorConfig config,
      DataDirectory data,
      KubernetesClient kubernetes,
      Deque<AutoCloseable> started,
      Wiring wiring) {
    var events = keep(started, new EventRecorder(kubernetes, "cc-bridge", wiring.clock));
    var cloudController =
        keep(
            started,
            new CloudControllerClient(
                new CloudControllerConfig(
                    config.ccBaseUrl(),
                    config.ccUsername(),
                    config.ccPassword(),
                    CloudControllerConfig.DEFAULT_TIMEOUT)));
    var lifecycles =
        config.stacks().stream().collect(Collectors.toMap(s -> "buildpack/" + s, s -> LIFECYCLE));
    var stager =
        new StagerService(
            StagerConfig.of(
                new RecipeConfig(
                    lifecycles, wiring.url.toString(), "", false, config.stacks().getFirst()),
                wiring.url.toString(),
                data.secret("callback.key"),
                BUILDPACKS),
            wiring.receptor,
            cloudController,
            wiring.artifacts,
            kubernetes,
            events,
            wiring.clock,
            Metrics.globalRegistry);
    var nsync =
        new DesiredLRPReconciler(
            NsyncConfig.of(lifecycles, wiring.url.toString())
                .withNamespaces(Set.copyOf(config.namespaces())),
            wiring.receptor,
            wiring.artifacts,
            events,
            wiring.clock);
    wiring.routes.add(stager::addRoutes);
    var controllers = keep(started, new Controllers(kubernetes, config.namespaces()));
    controllers.start(List.of(stager.reconciler(), nsync));
    keep(started, stager).start();
    LOG.info(
        "operator.started namespaces={}",
        config.namespaces().isEmpty() ? "all" : config.namespaces());
  }

  private static URI publish(
      Deque<AutoCloseable> started, InetSocketAddress address, Receptor receptor) {
    var service =
        keep(
            started,
            HttpService.start(
                address, new ReceptorServer(ReceptorServerConfig.defaults(), receptor)));
    LOG.info("receptor.started url={}", service.uri());
    return service.uri();
  }

  private static void sweepRegularly(Deque<AutoCloseable> started, BuiltInArtifacts artifacts) {
    var timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("droplet-sweep").factory());
    var unused =
        timer.scheduleWithFixedDelay(
            () -> {
              try {
                artifacts.sweep();
              } catch (RuntimeException failure) {
                LOG.warn("droplet sweep failed, tried again later error={}", failure.toString());
              }
            },
            SWEEP_INTERVAL.toSeconds(),
            SWEEP_INTERVAL.toSeconds(),
            TimeUnit.SECONDS);
    started.push(timer::shutdownNow);
  }

  private static <T extends AutoCloseable> T keep(Deque<AutoCloseable> started, T part) {
    started.push(part);
    return part;
  }

  private static URI urlOf(InetSocketAddress address) {
    var host = address.getHostString();
    return URI.create(
        "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort());
  }

  BlobStore blobs() {
    return blobs;
  }

  /** Base of the file server, as containers reach it. */
  URI fileServer() {
    return fileServer;
  }

  /** Where the built-in Receptor is published, if it is. */
  Optional<URI> receptorApi() {
    return receptorApi;
  }

  /** Ends LRP instances; tasks go on and are taken up at the next start. */
  @Override
  public void close() {
    closeAll(running);
  }

  private static void closeAll(Deque<AutoCloseable> parts) {
    @Nullable AutoCloseable part;
    while ((part = parts.poll()) != null) {
      try {
        part.close();
      } catch (Exception failure) {
        LOG.error("part={} could not be closed", part.getClass().getSimpleName(), failure);
      }
    }
  }
}
