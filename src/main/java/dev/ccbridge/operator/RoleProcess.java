package dev.ccbridge.operator;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.cloudcontroller.fake.Credentials;
import dev.ccbridge.cloudcontroller.fake.FakeCloudControllerConfig;
import dev.ccbridge.cloudcontroller.fake.MemoryCloudController;
import dev.ccbridge.fileserver.BlobStore;
import dev.ccbridge.fileserver.FileServerConfig;
import dev.ccbridge.fileserver.FileServerRoutes;
import dev.ccbridge.fileserver.SignedUrls;
import dev.ccbridge.kube.WatchedNamespaces;
import dev.ccbridge.operator.Leadership.Leases;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.server.ReceptorServer;
import dev.ccbridge.router.RouterRegistrar;
import dev.ccbridge.web.Handler;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Router;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one role runs, and nothing else. */
final class RoleProcess {
  private static final Logger LOG = LoggerFactory.getLogger(RoleProcess.class);
  private static final String ALL_ADDRESSES = "0.0.0.0";

  private final Role role;
  private final OperatorConfig config;
  private final Map<String, String> environment;
  private final Path home;
  private final DataDirectory data;
  private final Clock clock = Clock.systemUTC();
  private final Started running = new Started();
  private final List<Leadership> duties = new ArrayList<>();
  private final CompletableFuture<RuntimeException> failure = new CompletableFuture<>();
  private final Debugging debugging;
  private final MeterRegistry metrics;
  private boolean ended;

  /** Takes the data directory; starts the debug server only. */
  RoleProcess(Role role, OperatorConfig config, Map<String, String> environment, Path home) {
    this.role = role;
    this.config = config;
    this.environment = environment;
    this.home = home;
    // Before everything else, and ended after it.
    this.debugging = running.keep(Debugging.start(config.debugAddress()));
    this.metrics = debugging.registry();
    this.data = running.keep(DataDirectory.share(config.data()));
  }

  /**
   * Returns when the role serves; what needs a lease goes on in the background.
   *
   * @throws CcBridgeException UNAVAILABLE when an address or the Kubernetes API cannot be had
   */
  void start() {
    try {
      startRole();
    } catch (RuntimeException couldNot) {
      failure.complete(couldNot);
      throw couldNot;
    }
    var unused = Leadership.firstFailure(duties).thenAccept(failure::complete);
    debugging.started(() -> duties.stream().flatMap(duty -> duty.lacking().stream()).toList());
  }

  private void startRole() {
    switch (role) {
      case STAGER -> startStager();
      case NSYNC_LISTENER -> startNsyncListener();
      case FILE_SERVER -> startFileServer();
      case RECEPTOR -> startReceptor();
      case NSYNC_BULKER -> startNsyncBulker();
      case TPS_LISTENER -> startTpsListener();
      case TPS_WATCHER -> startTpsWatcher();
      case CC_UPLOADER -> startCcUploader();
      case FAKE_CC -> startFakeCC();
    }
  }

  /** Completes only when the role cannot go on, with the reason. */
  CompletableFuture<RuntimeException> failure() {
    return failure;
  }

  /** Ends everything, the last started first; false when that has been done already. */
  synchronized boolean end() {
    if (ended) {
      return false;
    }
    ended = true;
    running.close();
    return !failure.isDone();
  }

  private void startStager() {
    var url = config.staging().stagerUrl();
    var wiring = wiring(url.map(URI::toString).orElse(""));
    var events = running.keep(wiring.events());
    var cloudController = running.keep(wiring.cloudController());
    var stager =
        wiring.stager(
            cloudController, events, CallbackKey.of(leases(wiring)), running.keep(wiring.traces()));
    var address =
        config
            .staging()
            .address()
            .orElseGet(() -> new InetSocketAddress(ALL_ADDRESSES, url.orElseThrow().getPort()));
    open(address, stager::addRoutes);
    take(wiring, Wiring.STAGER_LEASE, () -> wiring.leadStager(stager));
    LOG.info("stager.Listening for staging requests!");
  }

  private void startNsyncListener() {
    var wiring = wiring("");
    var events = running.keep(wiring.events());
    open(config.running().address().orElseThrow(), wiring.nsyncListener(wiring.apps())::addRoutes);
    take(wiring, Wiring.NSYNC_LEASE, () -> wiring.leadNsync(events));
    LOG.info("nsync-listener.started");
  }

  private void startNsyncBulker() {
    var wiring = wiring("");
    var events = running.keep(wiring.events());
    var apps = wiring.apps();
    // What a round writes is carried out by whoever leads; this process alone must do, too.
    take(wiring, Wiring.NSYNC_LEASE, () -> wiring.leadNsync(events));
    waitForLock();
    take(wiring, Wiring.BULKER_LEASE, () -> started(wiring.leadBulkSync(apps)));
  }

  private void startTpsListener() {
    var listener = Wiring.tpsListener(config, running.keep(receptor()), clock, running);
    open(config.instances().address().orElseThrow(), listener::addRoutes);
    LOG.info("tps-listener.started");
  }

  private void startTpsWatcher() {
    var wiring = wiring("");
    var cloudController = running.keep(wiring.cloudController());
    var ledger = wiring.crashLedger();
    waitForLock();
    take(
        wiring,
        Wiring.WATCHER_LEASE,
        () -> started(wiring.leadCrashWatcher(cloudController, ledger)));
  }

  private void startCcUploader() {
    var uploader = running.keep(Wiring.uploader(config));
    open(config.uploading().address().orElseThrow(), uploader::addTo);
    LOG.info("cc-uploader.ready");
  }

  private void startFakeCC() {
    var fake = config.fakeCC();
    var credentials =
        new Credentials(config.cloudController().username(), config.cloudController().password());
    var controller =
        running.keep(
            MemoryCloudController.start(
                new FakeCloudControllerConfig(
                    fake.address(),
                    Optional.empty(),
                    data.resolve("fake-cc"),
                    fake.stagerUrl(),
                    fake.nsyncUrl(),
                    fake.tpsUrl(),
                    credentials,
                    credentials,
                    fake.stack(),
                    Wiring.buildpacksAt(fake.fileServerUrl()),
                    FakeCloudControllerConfig.DEFAULT_STAGING_TIMEOUT)));
    LOG.info("fake-cc.ready url={}", controller.uri());
  }

  private void waitForLock() {
    LOG.info("{}.waiting-for-lock", role.command());
  }

  private AutoCloseable started(AutoCloseable duty) {
    LOG.info("{}.started", role.command());
    return duty;
  }

  private void startFileServer() {
    var address = data.address("files", config.files().address());
    var files =
        new FileServerConfig(List.of(config.files().staticDirectory()), data.resolve("blobs"));
    var blobs = running.keep(BlobStore.open(files, clock));
    var urls = signedUrls(CcBridge.urlOf(address));
    open(address, router -> new FileServerRoutes(files, blobs, urls).addTo(router));
    LOG.info("file-server.ready");
  }

  private void startReceptor() {
    var access = config.receptor();
    var receptor =
        running.keep(
            Receptors.builtIn(
                config, data, clock, config.cloudController().communicationTimeout(), metrics));
    running.keep(Receptors.startRoutes(config, receptor));
    var server = new ReceptorServer(Receptors.serverConfig(access), receptor);
    var service = serveReceptor(data.address("receptor", access.address().orElseThrow()), server);
    // Ended first, while its streams still have a listener.
    running.keep(server);
    LOG.info("receptor.started url={}", service.uri());
    if (access.registration().wanted()) {
      running.keep(RouterRegistrar.start(Receptors.registration(access, service.address())));
    }
  }

  private HttpService serveReceptor(InetSocketAddress address, Handler handler) {
    try {
      return serve(address, handler);
    } catch (CcBridgeException taken) {
      throw new CcBridgeException(
          taken.kind(),
          "-address (" + Setting.RECEPTOR_ADDRESS.variable() + "): " + taken.message(),
          taken);
    }
  }

  /** A front door like the original's. */
  private void open(InetSocketAddress address, Consumer<Router> routes) {
    var router = new Router();
    routes.accept(router);
    var service = serve(address, router);
    LOG.warn(
        "{}.listening url={} plain HTTP without authentication, as the original",
        role.command(),
        service.uri());
  }

  private HttpService serve(InetSocketAddress address, Handler handler) {
    return running.keep(
        HttpService.start(address, new MeteredDoor(role.command(), handler, metrics)));
  }

  private void take(Wiring wiring, String lease, Leadership.Duty duty) {
    duties.add(running.keep(Leadership.strive(leases(wiring), lease, duty, metrics)));
  }

  private Leases leases(Wiring wiring) {
    return new Leases(
        wiring.kubernetes(),
        Kubernetes.leaseNamespace(config.cluster(), wiring.kubernetes()),
        data,
        !Kubernetes.isGiven(config.cluster(), environment));
  }

  /** The rooms of a role that works with resources, over a Receptor elsewhere. */
  private Wiring wiring(String stagerUrl) {
    var kubernetes = kubernetes();
    var receptor = running.keep(receptor());
    var fileServer = config.files().fileServerUrl().orElse(URI.create(""));
    var urls = signedUrls(fileServer);
    var blobs = running.keep(new RemoteBlobs(urls));
    return new Wiring(
        config,
        data,
        kubernetes,
        receptor,
        new BuiltInArtifacts(
            blobs,
            urls,
            () -> fileServer,
            kubernetes,
            WatchedNamespaces.of(config.cluster().namespaces()),
            receptor,
            clock),
        fileServer.toString(),
        stagerUrl,
        metrics,
        clock);
  }

  private Receptor receptor() {
    return Receptors.connect(config.receptor().url().orElseThrow(), config, metrics);
  }

  /** The file server of this data directory has the same key. */
  private SignedUrls signedUrls(URI fileServer) {
    return data.exclusively(() -> SignedUrls.open(data.resolve("blobs"), () -> fileServer, clock));
  }

  private KubernetesClient kubernetes() {
    var definitions = Crds.read(home);
    if (Kubernetes.isGiven(config.cluster(), environment)) {
      var client = running.keep(Kubernetes.client(config.cluster().kubeconfig()));
      Crds.requireInstalled(client);
      return client;
    }
    var embedded = running.keep(SharedKubernetes.join(data, definitions));
    var client = running.keep(Kubernetes.client(Optional.of(embedded.kubeconfig())));
    Crds.requireInstalled(client);
    return client;
  }
}
