package dev.ccbridge.operator;

import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.backend.Backend;
import dev.ccbridge.receptor.backend.pod.PodBackend;
import dev.ccbridge.receptor.backend.pod.PodBackendConfig;
import dev.ccbridge.receptor.backend.pod.PodBackendConfig.Delivery;
import dev.ccbridge.receptor.backend.process.ProcessBackend;
import dev.ccbridge.receptor.backend.process.ProcessBackendConfig;
import dev.ccbridge.receptor.client.ReceptorClient;
import dev.ccbridge.receptor.client.ReceptorClientConfig;
import dev.ccbridge.receptor.model.CellResponse.Capacity;
import dev.ccbridge.receptor.server.ReceptorServerConfig;
import dev.ccbridge.receptor.store.ReceptorStore;
import dev.ccbridge.receptor.store.ReceptorStoreConfig;
import dev.ccbridge.router.RegistrationConfig;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The Receptor that the settings ask for: a remote one, or the built-in one, with local processes
 * or with Pods.
 */
final class Receptors {
  private static final int MB = 1 << 20;
  private static final int MAX_CONTAINERS = 256;

  /**
   * An outcome that the stager could not store yet must not be lost: the original's two minutes are
   * short for that.
   */
  private static final Duration EXPIRE_COMPLETED = Duration.ofDays(7);

  private Receptors() {}

  static Receptor start(OperatorConfig config, DataDirectory data, Clock clock) {
    var remote = config.receptor().url();
    return remote.isPresent() ? connect(remote.get(), config) : builtIn(config, data, clock);
  }

  /** A remote one, which need not be there yet. */
  static Receptor connect(URI url, OperatorConfig config) {
    return new ReceptorClient(
        ReceptorClientConfig.of(url)
            .withRequestTimeout(config.cloudController().communicationTimeout()));
  }

  /** The one of this process, going on with what an earlier life left. */
  static Receptor builtIn(OperatorConfig config, DataDirectory data, Clock clock) {
    return builtIn(config, data, clock, ReceptorStoreConfig.DEFAULT_CALLBACK_TIMEOUT);
  }

  /**
   * The same.
   *
   * @param callbackTimeout for one attempt of a completion callback
   */
  static Receptor builtIn(
      OperatorConfig config, DataDirectory data, Clock clock, Duration callbackTimeout) {
    var store =
        new ReceptorStore(
            ReceptorStoreConfig.defaults(data.resolve("receptor.mv"))
                .withExpireCompleted(EXPIRE_COMPLETED)
                .withCallbackTimeout(callbackTimeout),
            config.pods().enabled() ? pods(config, clock) : processes(config, data),
            clock);
    store.start();
    return store;
  }

  /** With a client of its own, which it closes. */
  private static Backend pods(OperatorConfig config, Clock clock) {
    var kubernetes = Kubernetes.client(config.cluster().kubeconfig());
    var pods = config.pods();
    var own = kubernetes.getNamespace();
    var defaults =
        PodBackendConfig.defaults(
            pods.namespace().orElse(own == null || own.isBlank() ? "default" : own),
            pods.runtimeImage().orElseThrow(),
            pods.stackImages());
    return new PodBackend(
        kubernetes,
        defaults
            .withDelivery(pods.mountsRuntime() ? Delivery.IMAGE_VOLUME : Delivery.INIT_CONTAINER)
            .withPullSecrets(pods.pullSecrets())
            .withUserId(pods.userId()),
        clock);
  }

  private static Backend processes(OperatorConfig config, DataDirectory data) {
    var defaults = ProcessBackendConfig.defaults(data.resolve("cell").toAbsolutePath());
    var capacity =
        new Capacity(
            config.cell().memoryMb().orElseGet(Receptors::machineMemoryMb),
            config.cell().diskMb().orElseGet(() -> freeDiskMb(data)),
            MAX_CONTAINERS);
    return new ProcessBackend(
        new ProcessBackendConfig(
            defaults.dataDirectory(),
            defaults.cellId(),
            defaults.zone(),
            capacity,
            config.cell().stacks(),
            config.cell().address(),
            defaults.ports(),
            defaults.cacheBytes(),
            defaults.allowLoopback(),
            config.cell().maxProcesses(),
            Optional.empty(),
            defaults.timing()));
  }

  /** How the settings want it published. */
  static ReceptorServerConfig serverConfig(OperatorConfig.ReceptorAccess access) {
    var config =
        ReceptorServerConfig.defaults()
            .withVersions(access.versionFiles().map(VersionFiles::read).orElse(Map.of()))
            .withArtifacts(access.artifacts());
    if (!access.username().isEmpty()) {
      config = config.withCredentials(access.username(), access.password());
    }
    return access.cors() ? config.withCors() : config;
  }

  /** With CF's router, which is told an address of this machine that others can reach. */
  static RegistrationConfig registration(
      OperatorConfig.ReceptorAccess access, InetSocketAddress listening) {
    var wanted = access.registration();
    return RegistrationConfig.of(
        wanted.nats(), wanted.username(), wanted.password(), wanted.names(), listening);
  }

  private static int machineMemoryMb() {
    var machine =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return (int) Math.min(Integer.MAX_VALUE, machine.getTotalMemorySize() / MB);
  }

  private static int freeDiskMb(DataDirectory data) {
    return (int) Math.min(Integer.MAX_VALUE, data.resolve(".").toFile().getUsableSpace() / MB);
  }
}
