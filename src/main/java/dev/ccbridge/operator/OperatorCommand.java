package dev.ccbridge.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;
import org.slf4j.LoggerFactory;

/** {@code cc-bridge operator}: works for one cluster until a signal ends it. */
final class OperatorCommand {
  private OperatorCommand() {}

  /**
   * @param settings for the log, without secrets
   */
  static int run(OperatorConfig config, Map<String, String> settings) throws Exception {
    Logging.toStandardError(config, Main.COMPONENT);
    var log = LoggerFactory.getLogger(OperatorCommand.class);
    log.info("starting settings={}", settings);
    // Held until the process ends, in whatever way.
    var data =
        config.leadsPods() && config.cluster().leaseIdentity().isPresent()
            ? DataDirectory.share(config.data())
            : DataDirectory.open(config.data());
    var running = new Started();
    var debugging = running.keep(Debugging.start(config.debugAddress()));
    var kubernetes = running.keep(Kubernetes.client(config.cluster().kubeconfig()));
    Crds.requireInstalled(kubernetes);
    var bridge =
        running.keep(
            CcBridge.start(config, data, leases(config, data, kubernetes), debugging.registry()));
    config
        .pageAddress()
        .map(at -> PageDoor.open(at, config, config.cluster().kubeconfig(), debugging.registry()))
        .ifPresent(running::keep);
    debugging.started(bridge::lacking);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(running)));
    throw bridge.failure().get();
  }

  private static Leadership.Leases leases(
      OperatorConfig config, DataDirectory data, KubernetesClient kubernetes) {
    return new Leadership.Leases(
        kubernetes,
        Kubernetes.leaseNamespace(config.cluster(), kubernetes),
        data,
        config.cluster().leaseIdentity().orElseGet(data::identity),
        false);
  }

  private static void end(Started running) {
    LoggerFactory.getLogger(OperatorCommand.class).info("ending");
    running.close();
  }
}
