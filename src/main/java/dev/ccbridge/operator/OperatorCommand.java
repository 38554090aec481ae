package dev.ccbridge.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.slf4j.LoggerFactory;

/** {@code cc-bridge operator}: works for one cluster until a signal ends it. */
final class OperatorCommand {
  private OperatorCommand() {}

  /**
   * @param settings for the log, without secrets
   */
  static int run(OperatorConfig config, Map<String, String> settings) throws Exception {
    Logging.toStandardError(config.logLevel());
    var log = LoggerFactory.getLogger(OperatorCommand.class);
    log.info("starting settings={}", settings);
    // Held until the process ends, in whatever way.
    var data = DataDirectory.open(config.data());
    var kubernetes = Kubernetes.client(config.kubeconfig());
    Crds.requireInstalled(kubernetes);
    var bridge = CcBridge.start(config, data, kubernetes);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(bridge, kubernetes)));
    new CountDownLatch(1).await();
    return 0;
  }

  private static void end(CcBridge bridge, KubernetesClient kubernetes) {
    LoggerFactory.getLogger(OperatorCommand.class).info("ending");
    bridge.close();
    kubernetes.close();
  }
}
