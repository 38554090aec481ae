package dev.ccbridge.operator;

import dev.ccbridge.cloudcontroller.client.CloudControllerClient;
import dev.ccbridge.fileserver.BlobStore;
import dev.ccbridge.fileserver.FileServerConfig;
import dev.ccbridge.fileserver.FileServerRoutes;
import dev.ccbridge.fileserver.SignedUrls;
import dev.ccbridge.kube.WatchedNamespaces;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.server.ReceptorServer;
import dev.ccbridge.stager.StagerService;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Router;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All rooms of one process, wired and running against one Kubernetes API. */
final class CcBridge implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CcBridge.class);
  private static final int PASSWORD_BYTES = 24;
  private static final Duration SWEEP_INTERVAL = Duration.ofHours(1);

  private final OperatorConfig config;
  private final DataDirectory data;
  private final Leadership.Leases leases;
  private final MeterRegistry metrics;
  private final Clock clock = Clock.systemUTC();
  private final Started running = new Started();
  private final List<Leadership> duties = new ArrayList<>();
  private final InetSocketAddress address;
  private final URI url;
  private final BlobStore blobs;
  private final SignedUrls urls;
  private final CallbackRelay callbacks = running.keep(new CallbackRelay());
  private final LateRoutes lateRoutes;
  private Optional<URI> receptorApi = Optional.empty();

  private CcBridge(
      OperatorConfig config, DataDirectory data, Leadership.Leases leases, MeterRegistry metrics) {
    this.config = config;
    this.data = data;
    this.leases = leases;
    this.metrics = metrics;
    this.address = data.address("files", config.files().address());
    this.url = config.files().publicUrl().orElseGet(() -> urlOf(address));
    var files =
        new FileServerConfig(List.of(config.files().staticDirectory()), data.resolve("blobs"));
    this.blobs = running.keep(BlobStore.open(files, clock, isOneOfSeveral()));
    var router = new Router();
    this.urls = SignedUrls.open(data.resolve("blobs"), () -> url, clock);
    new FileServerRoutes(files, blobs, urls).addTo(router);
    this.lateRoutes = new LateRoutes(router, callbacks);
  }

  /**
   * Starts everything; when this returns, front doors are open, and resources are reconciled as
   * soon as this process leads: {@link #awaitDuties}.
   *
   * @param leases with a client that stays open when this closes
   */
  static CcBridge start(
      OperatorConfig config, DataDirectory data, Leadership.Leases leases, MeterRegistry metrics) {
    var bridge = new CcBridge(config, data, leases, metrics);
    try {
      bridge.start();
      return bridge;
    } catch (RuntimeException failure) {
      bridge.close();
      throw failure;
    }
  }

  private void start() {
    // Before the Receptor: tasks that it goes on with fetch from here.
    running.keep(HttpService.start(address, new MeteredDoor("files", lateRoutes, metrics)));
    LOG.info("file-server.ready url={}", url);
    var receptor =
        config.leadsPods()
            ? ledReceptor()
            : running.keep(Receptors.start(config, data, clock, metrics));
    receptorApi =
        config.receptor().address().map(a -> publish(data.address("receptor", a), receptor));
    var artifacts =
        new BuiltInArtifacts(
            Blobs.of(blobs),
            urls,
            () -> url,
            leases.kubernetes(),
            WatchedNamespaces.of(config.cluster().namespaces()),
            receptor,
            clock);
    startDuties(
        new Wiring(
            config,
            data,
            leases.kubernetes(),
            receptor,
            artifacts,
            config.files().fileServerUrl().orElse(url).toString(),
            config.staging().stagerUrl().orElse(url).toString(),
            metrics,
            clock));
    sweepRegularly(artifacts);
    var unused = Leadership.allStarted(duties).thenRun(this::sayStarted);
  }

  /** Whether other processes work in the data directory. */
  private boolean isOneOfSeveral() {
    return !leases.identity().equals(data.identity());
  }

  /** Of this process while it leads, else of the one that does. */
  private Receptor ledReceptor() {
    var led = new LedReceptor(url -> Receptors.connect(url, config, metrics));
    running.keep(LeaderAddress.watch(leases, Wiring.RECEPTOR_LEASE, led::follow));
    running.keep(LeaderAddress.watch(leases, Wiring.STAGER_LEASE, callbacks::follow));
    take(Wiring.RECEPTOR_LEASE, () -> leadReceptor(led));
    return running.keep(led);
  }

  private AutoCloseable leadReceptor(LedReceptor led) {
    var started = new Started();
    try {
      var own = started.keep(Receptors.builtIn(config, data, clock, metrics));
      led.lead(own);
      started.keep(led::leave);
      started.keep(Receptors.startRoutes(config, own));
      config.receptor().peerAddress().ifPresent(at -> admitPeers(at, own, started));
      return started;
    } catch (RuntimeException failure) {
      started.close();
      throw failure;
    }
  }

  private void admitPeers(InetSocketAddress at, Receptor own, Started started) {
    // Made anew by each leader, so nobody takes a former one for one that knows of the next.
    var password = newPassword();
    var server = new ReceptorServer(Receptors.peerConfig(config.receptor(), password), own);
    var service = started.keep(HttpService.start(data.address("receptor-peers", at), server));
    // Ended first, while its streams still have a listener.
    started.keep(server);
    var url = reachedAt(service.address().getPort()).toString();
    LeaderAddress.announce(
        leases,
        Wiring.RECEPTOR_LEASE,
        URI.create(url.replaceFirst("//", "//" + Receptors.PEER + ":" + password + "@")));
  }

  private AutoCloseable leadStager(Wiring wiring, StagerService stager) {
    var duty = wiring.leadStager(stager);
    callbacks.lead();
    if (config.leadsPods() && config.receptor().peerAddress().isPresent()) {
      LeaderAddress.announce(leases, Wiring.STAGER_LEASE, reachedAt(address.getPort()));
    }
    return duty;
  }

  /** By the other operators. */
  private URI reachedAt(int port) {
    return urlOf(InetSocketAddress.createUnresolved(config.cell().address(), port));
  }

  private static String newPassword() {
    var password = new byte[PASSWORD_BYTES];
    new SecureRandom().nextBytes(password);
    return HexFormat.of().formatHex(password);
  }

  private void sayStarted() {
    LOG.info(
        "operator.started namespaces={}",
        config.cluster().namespaces().isEmpty() ? "all" : config.cluster().namespaces());
  }

  private void startDuties(Wiring wiring) {
    var events = running.keep(wiring.events());
    var cloudController = running.keep(wiring.cloudController());
    var stager =
        wiring.stager(
            cloudController, events, CallbackKey.of(leases), running.keep(wiring.traces()));
    lateRoutes.add(stager::addRoutes);
    open("stager", config.staging().address(), stager::addRoutes);
    take(Wiring.STAGER_LEASE, () -> leadStager(wiring, stager));
    take(Wiring.NSYNC_LEASE, () -> wiring.leadNsync(events));
    serveCloudController(wiring, cloudController);
  }

  private void serveCloudController(Wiring wiring, CloudControllerClient cloudController) {
    var apps = wiring.apps();
    open("nsync", config.running().address(), wiring.nsyncListener(apps)::addRoutes);
    open(
        "tps",
        config.instances().address(),
        routes -> Wiring.tpsListener(config, wiring.receptor(), clock, running).addRoutes(routes));
    open(
        Wiring.UPLOADER,
        config.uploading().address(),
        routes -> running.keep(Wiring.uploader(config)).addTo(routes));
    if (config.bulk().enabled()) {
      take(Wiring.BULKER_LEASE, () -> wiring.leadBulkSync(apps));
    }
    if (config.instances().crashWatcher()) {
      var ledger = wiring.crashLedger();
      take(Wiring.WATCHER_LEASE, () -> wiring.leadCrashWatcher(cloudController, ledger));
    }
  }

  /** A front door, if there is to be one. */
  private void open(String name, Optional<InetSocketAddress> wanted, Consumer<Router> routes) {
    wanted.ifPresent(
        at -> {
          var router = new Router();
          routes.accept(router);
          var service =
              running.keep(
                  HttpService.start(
                      data.address(name, at), new MeteredDoor(name, router, metrics)));
          LOG.warn(
              "{}.started url={} plain HTTP without authentication, as Diego's",
              name,
              service.uri());
        });
  }

  private void take(String lease, Leadership.Duty duty) {
    duties.add(running.keep(Leadership.strive(leases, lease, duty, metrics)));
  }

  private URI publish(InetSocketAddress at, Receptor receptor) {
    var server = new ReceptorServer(Receptors.serverConfig(config.receptor()), receptor);
    var service = running.keep(HttpService.start(at, new MeteredDoor("receptor", server, metrics)));
    // Ended first, while its streams still have a listener.
    running.keep(server);
    LOG.info("receptor.started url={}", service.uri());
    return service.uri();
  }

  private void sweepRegularly(BuiltInArtifacts artifacts) {
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
    running.keep(timer::shutdownNow);
  }

  static URI urlOf(InetSocketAddress address) {
    var host = address.getHostString();
    return URI.create(
        "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort());
  }

  /**
   * Waits until this process leads and all duties have started.
   *
   * @throws RuntimeException what starting one threw
   */
  void awaitDuties() {
    duties.forEach(Leadership::awaitStarted);
  }

  /** Completes only when a duty could not be started, with the reason. */
  CompletableFuture<RuntimeException> failure() {
    return Leadership.firstFailure(duties);
  }

  /** What keeps this process from its work: nothing, when it leads or knows who does. */
  List<String> lacking() {
    return duties.stream().flatMap(duty -> duty.lacking().stream()).toList();
  }

  BlobStore blobs() {
    return blobs;
  }

  /** Where the built-in Receptor is published, if it is. */
  Optional<URI> receptorApi() {
    return receptorApi;
  }

  /** Tasks, and instances that are Pods, go on and are taken up by the next start or leader. */
  @Override
  public void close() {
    running.close();
  }
}
