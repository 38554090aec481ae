package dev.ccbridge.operator;

import dev.ccbridge.cloudcontroller.client.CloudControllerClient;
import dev.ccbridge.cloudcontroller.client.CloudControllerConfig;
import dev.ccbridge.kube.EventRecorder;
import dev.ccbridge.nsync.DesiredLRPReconciler;
import dev.ccbridge.nsync.NsyncConfig;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.stager.StagerConfig;
import dev.ccbridge.stager.StagerService;
import dev.ccbridge.stager.recipe.RecipeConfig;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
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

  static final String NSYNC_LEASE = "cc-bridge-nsync";
  static final String BULKER_LEASE = "nsync-bulker-lock";
  static final String WATCHER_LEASE = "tps-watcher-lock";

  CloudControllerClient cloudController() {
    var cloudController = config.cloudController();
    return new CloudControllerClient(
        new CloudControllerConfig(
            cloudController.baseUrl(),
            cloudController.username(),
            cloudController.password(),
            CloudControllerConfig.DEFAULT_TIMEOUT));
  }

  EventRecorder events() {
    return new EventRecorder(kubernetes, "cc-bridge", clock);
  }

  /** Its routes may be served at once; its reconciler is for who leads. */
  StagerService stager(CloudControllerClient cloudController, EventRecorder events) {
    var staging = config.staging();
    return new StagerService(
        StagerConfig.of(
            new RecipeConfig(
                staging.lifecycles(),
                fileServerUrl,
                staging.ccUploaderUrl().map(Object::toString).orElse(""),
                config.cloudController().skipCertVerify(),
                staging.dockerStagingStack()),
            stagerUrl,
            data.secret("callback.key"),
            BUILDPACKS),
        receptor,
        cloudController,
        artifacts,
        kubernetes,
        events,
        clock,
        metrics);
  }

  /** For who leads. */
  DesiredLRPReconciler nsync(EventRecorder events) {
    var settings =
        NsyncConfig.of(config.staging().lifecycles(), fileServerUrl)
            .withSshKeyBits(config.running().sshKeyBits())
            .withNamespaces(Set.copyOf(config.cluster().namespaces()));
    return new DesiredLRPReconciler(settings, receptor, artifacts, events, clock);
  }

  /** Reconciles StagingRequests. */
  AutoCloseable leadStager(StagerService stager) {
    var controllers = new Controllers(kubernetes, config.cluster().namespaces());
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
    var controllers = new Controllers(kubernetes, config.cluster().namespaces());
    try {
      controllers.start(List.of(nsync(events)));
      return controllers;
    } catch (RuntimeException failure) {
      controllers.close();
      throw failure;
    }
  }
}
