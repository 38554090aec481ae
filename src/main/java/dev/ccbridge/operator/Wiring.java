package dev.ccbridge.operator;

import dev.ccbridge.cloudcontroller.client.BulkClient;
import dev.ccbridge.cloudcontroller.client.CloudControllerClient;
import dev.ccbridge.cloudcontroller.client.CloudControllerConfig;
import dev.ccbridge.cloudcontroller.model.BuildpackStagingData;
import dev.ccbridge.kube.EventRecorder;
import dev.ccbridge.kube.WatchedNamespaces;
import dev.ccbridge.nsync.AppResources;
import dev.ccbridge.nsync.DesiredLRPReconciler;
import dev.ccbridge.nsync.NsyncConfig;
import dev.ccbridge.nsync.NsyncListener;
import dev.ccbridge.nsync.bulk.AppWriter;
import dev.ccbridge.nsync.bulk.BulkSync;
import dev.ccbridge.nsync.bulk.BulkSyncConfig;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.stager.ArtifactUrls;
import dev.ccbridge.stager.StagerConfig;
import dev.ccbridge.stager.StagerService;
import dev.ccbridge.stager.recipe.RecipeConfig;
import dev.ccbridge.tps.CrashLedger;
import dev.ccbridge.tps.CrashWatcher;
import dev.ccbridge.tps.CrashWatcherConfig;
import dev.ccbridge.tps.KubernetesCrashLedger;
import dev.ccbridge.tps.MetricsSource;
import dev.ccbridge.tps.TpsListener;
import dev.ccbridge.tps.TpsListenerConfig;
import dev.ccbridge.tps.TrafficControllerConfig;
import dev.ccbridge.tps.TrafficControllerMetrics;
import dev.ccbridge.tracing.Traces;
import dev.ccbridge.uploader.UploaderConfig;
import dev.ccbridge.uploader.UploaderRoutes;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * How rooms are put together from the settings, the same in a process that does everything and in
 * one with a single role. Starts nothing.
 *
 * @param fileServerUrl base of the file server that has the lifecycles, as containers reach it
 * @param stagerUrl base of the completion callbacks, as the Receptor reaches it
 * @param artifacts blobs, for what comes without URLs of its own
 */
record Wiring(
    OperatorConfig config,
    DataDirectory data,
    KubernetesClient kubernetes,
    Receptor receptor,
    BuiltInArtifacts artifacts,
    String fileServerUrl,
    String stagerUrl,
    MeterRegistry metrics,
    Clock clock) {
  private static final List<String> BUILDPACKS =
      List.of("java_buildpack", "static_buildpack", "binary_buildpack");

  /** Leases, by which one of several processes has a duty. */
  static final String STAGER_LEASE = "cc-bridge-stager";

  /** Of the built-in Receptor, where several processes can lead it. */
  static final String RECEPTOR_LEASE = "cc-bridge-receptor";

  static final String NSYNC_LEASE = "cc-bridge-nsync";
  static final String BULKER_LEASE = "nsync-bulker-lock";
  static final String WATCHER_LEASE = "tps-watcher-lock";

  /** Under which the uploader's address is kept. */
  static final String UPLOADER = "cc-uploader";

  CloudControllerClient cloudController() {
    return new CloudControllerClient(cloudController(CloudControllerConfig.DEFAULT_TIMEOUT));
  }

  private CloudControllerConfig cloudController(Duration timeout) {
    var cloudController = config.cloudController();
    return new CloudControllerConfig(
        cloudController.baseUrl(), cloudController.username(), cloudController.password(), timeout);
  }

  EventRecorder events() {
    return new EventRecorder(kubernetes, "cc-bridge", clock);
  }

  /** Its routes may be served at once; its reconciler is for who leads. */
  StagerService stager(
      CloudControllerClient cloudController,
      EventRecorder events,
      byte[] callbackKey,
      Traces traces) {
    return new StagerService(
        stagerConfig(callbackKey),
        receptor,
        cloudController,
        artifacts,
        kubernetes,
        events,
        clock,
        metrics,
        traces);
  }

  /** To be closed; loads nothing of OpenTelemetry when no collector is named. */
  Traces traces() {
    return config.otlpEndpoint().map(Traces::to).orElse(Traces.NONE);
  }

  private StagerConfig stagerConfig(byte[] callbackKey) {
    var staging = config.staging();
    var recipes =
        new RecipeConfig(
            staging.lifecycles(),
            fileServerUrl,
            ccUploaderUrl(),
            config.cloudController().skipCertVerify(),
            staging.dockerStagingStack(),
            staging.dockerRegistryAddress(),
            staging.insecureDockerRegistry());
    var settings =
        StagerConfig.of(recipes, stagerUrl, callbackKey, BUILDPACKS)
            .withNamespaces(WatchedNamespaces.of(config.cluster().namespaces()))
            .withEgressGaps(Receptors.egressGaps(config));
    var baseUrl = config.cloudController().baseUrl();
    if (baseUrl.isPresent()) {
      settings = settings.withCloudController(baseUrl.get(), config.cluster().ccNamespace());
    }
    return staging.consulUrl().isPresent()
        ? settings.withConsul(staging.consulUrl().get())
        : settings;
  }

  /** One that is named, else our own, if there is one. */
  private String ccUploaderUrl() {
    return config
        .staging()
        .ccUploaderUrl()
        .or(
            () ->
                config
                    .uploading()
                    .address()
                    .map(at -> data.address(UPLOADER, at))
                    .map(CcBridge::urlOf))
        .map(URI::toString)
        .orElse("");
  }

  private NsyncConfig nsyncConfig() {
    return NsyncConfig.of(config.staging().lifecycles(), fileServerUrl)
        .withSshKeyBits(config.running().sshKeyBits())
        .withCcNamespace(config.cluster().ccNamespace())
        .withNamespaces(Set.copyOf(config.cluster().namespaces()))
        .withEgressGaps(Receptors.egressGaps(config))
        .withImageCredentials(config.receptor().url().isEmpty());
  }

  /** The one writer of Cloud Controller's apps. */
  AppResources apps() {
    return new AppResources(nsyncConfig(), kubernetes);
  }

  NsyncListener nsyncListener(AppResources apps) {
    return new NsyncListener(receptor, apps, metrics);
  }

  /** Needs no Kubernetes. What instances use is only known with a traffic controller. */
  static TpsListener tpsListener(
      OperatorConfig config, Receptor receptor, Clock clock, Started running) {
    var instances = config.instances();
    var usage =
        instances
            .trafficControllerUrl()
            .<MetricsSource>map(
                url ->
                    running.keep(
                        new TrafficControllerMetrics(
                            new TrafficControllerConfig(
                                url,
                                instances.skipCertVerify(),
                                TrafficControllerConfig.DEFAULT_TIMEOUT))))
            .orElse(MetricsSource.NONE);
    var settings =
        new TpsListenerConfig(
            instances.maxInFlightRequests(), TpsListenerConfig.DEFAULT.bulkCallsAtATime());
    return new TpsListener(settings, receptor, usage, clock);
  }

  /** Needs nothing but its settings. */
  static UploaderRoutes uploader(OperatorConfig config) {
    return new UploaderRoutes(
        new UploaderConfig(
            config.cloudController().skipCertVerify(),
            config.uploading().jobPollingInterval(),
            config.cloudController().communicationTimeout(),
            UploaderConfig.DEFAULT_MAX_CONCURRENT_UPLOADS));
  }

  /** Compares apps with Cloud Controller's. */
  AutoCloseable leadBulkSync(AppResources apps) {
    var bulk = config.bulk();
    var started = new Started();
    var client =
        started.keep(
            new BulkClient(cloudController(config.cloudController().communicationTimeout())));
    started
        .keep(
            new BulkSync(
                BulkSyncConfig.of(config.cluster().ccNamespace())
                    .withBatchSize(bulk.batchSize())
                    .withTimes(bulk.pollingInterval(), bulk.domainTtl()),
                client,
                kubernetes,
                receptor,
                AppWriter.of(apps),
                metrics,
                clock))
        .start();
    return started;
  }

  /** Of a process; it outlives the watchers that use it one after the other. */
  CrashLedger crashLedger() {
    return new KubernetesCrashLedger(kubernetes, config.cluster().ccNamespace());
  }

  /** Tells Cloud Controller of crashes. */
  AutoCloseable leadCrashWatcher(CloudControllerClient cloudController, CrashLedger ledger) {
    var instancesRunWithoutUs = config.receptor().url().isPresent() || config.leadsPods();
    var watcher =
        new CrashWatcher(
            CrashWatcherConfig.of(instancesRunWithoutUs),
            receptor,
            cloudController,
            ledger,
            metrics);
    watcher.start();
    return watcher;
  }

  private DesiredLRPReconciler nsync(EventRecorder events) {
    return new DesiredLRPReconciler(nsyncConfig(), receptor, artifacts, events, clock, metrics);
  }

  /** The built-in ones, at a file server that has our static files. */
  static List<BuildpackStagingData.Buildpack> buildpacksAt(URI fileServer) {
    return BUILDPACKS.stream()
        .map(
            name ->
                new BuildpackStagingData.Buildpack(
                    name, name, fileServer + ArtifactUrls.BUILDPACKS + name + ".tgz", false))
        .toList();
  }

  /** Reconciles StagingRequests. */
  AutoCloseable leadStager(StagerService stager) {
    var controllers =
        new Controllers("staging-request", kubernetes, config.cluster().namespaces(), metrics);
    var started = new Started();
    started.keep(controllers);
    try {
      controllers.start(List.of(stager.reconciler()));
      started.keep(stager).start();
      return started;
    } catch (RuntimeException failure) {
      started.close();
      throw failure;
    }
  }

  /** Reconciles DesiredLRPs. */
  AutoCloseable leadNsync(EventRecorder events) {
    var controllers =
        new Controllers("desired-lrp", kubernetes, config.cluster().namespaces(), metrics);
    try {
      controllers.start(List.of(nsync(events)));
      return controllers;
    } catch (RuntimeException failure) {
      controllers.close();
      throw failure;
    }
  }
}
