package dev.ccbridge.operator;

import dev.ccbridge.receptor.EgressGaps;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.backend.Backend;
import dev.ccbridge.receptor.backend.pod.PodBackend;
import dev.ccbridge.receptor.backend.pod.PodBackendConfig;
import dev.ccbridge.receptor.backend.pod.PodBackendConfig.Delivery;
import dev.ccbridge.receptor.backend.pod.route.RouteConfig;
import dev.ccbridge.receptor.backend.pod.route.RouteEmitter;
import dev.ccbridge.receptor.backend.process.ProcessBackend;
import dev.ccbridge.receptor.backend.process.ProcessBackendConfig;
import dev.ccbridge.receptor.client.ReceptorClient;
import dev.ccbridge.receptor.client.ReceptorClientConfig;
import dev.ccbridge.receptor.model.CellResponse.Capacity;
import dev.ccbridge.receptor.server.ReceptorServerConfig;
import dev.ccbridge.receptor.store.ReceptorStore;
import dev.ccbridge.receptor.store.ReceptorStoreConfig;
import dev.ccbridge.receptor.store.Records;
import dev.ccbridge.receptor.store.kubernetes.KubernetesRecords;
import dev.ccbridge.receptor.store.kubernetes.KubernetesRecordsConfig;
import dev.ccbridge.router.RegistrationConfig;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Receptor that the settings ask for: a remote one, or the built-in one, with local processes
 * or with Pods.
 */
final class Receptors {
  private static final Logger LOG = LoggerFactory.getLogger(Receptors.class);
  private static final String FILE = "receptor.mv";
  private static final int LOST = 1;

  /** Who the other operators are to the one that leads. */
  static final String PEER = "cc-bridge";

  private static final int MB = 1 << 20;
  private static final int MAX_CONTAINERS = 256;

  /**
   * An outcome that the stager could not store yet must not be lost: the original's two minutes are
   * short for that.
   */
  private static final Duration EXPIRE_COMPLETED = Duration.ofDays(7);

  private static final String SHARED_NETWORK =
      "processes have the network of their machine, where no rule is enforced";

  private Receptors() {}

  static Receptor start(
      OperatorConfig config, DataDirectory data, Clock clock, MeterRegistry metrics) {
    var remote = config.receptor().url();
    return remote.isPresent()
        ? connect(remote.get(), config, metrics)
        : builtIn(config, data, clock, metrics);
  }

  /** A remote one, which need not be there yet. */
  static Receptor connect(URI url, OperatorConfig config, MeterRegistry metrics) {
    return MeteredReceptor.of(
        new ReceptorClient(
            ReceptorClientConfig.of(url)
                .withRequestTimeout(config.cloudController().communicationTimeout())),
        metrics);
  }

  /** The one of this process, going on with what an earlier life left. */
  static Receptor builtIn(
      OperatorConfig config, DataDirectory data, Clock clock, MeterRegistry metrics) {
    return builtIn(config, data, clock, ReceptorStoreConfig.DEFAULT_CALLBACK_TIMEOUT, metrics);
  }

  /**
   * The same.
   *
   * @param callbackTimeout for one attempt of a completion callback
   */
  static Receptor builtIn(
      OperatorConfig config,
      DataDirectory data,
      Clock clock,
      Duration callbackTimeout,
      MeterRegistry metrics) {
    var settings =
        ReceptorStoreConfig.defaults()
            .withExpireCompleted(EXPIRE_COMPLETED)
            .withCallbackTimeout(callbackTimeout);
    var store =
        config.pods().enabled()
            ? new ReceptorStore(settings, inCluster(config), pods(config, clock), clock)
            : new ReceptorStore(
                settings, Records.inFile(data.resolve(FILE)), processes(config, data), clock);
    try {
      store.start();
    } catch (RuntimeException failure) {
      store.close();
      throw failure;
    }
    ReceptorMetrics.bind(store::census, metrics);
    return MeteredReceptor.of(store, metrics);
  }

  /** What is known of egress rules where the Receptor's containers run. */
  static EgressGaps egressGaps(OperatorConfig config) {
    if (config.receptor().url().isPresent()) {
      return EgressGaps.UNKNOWN;
    }
    return config.pods().enabled()
        ? PodBackend::egressGaps
        : rules -> rules.isEmpty() ? List.of() : List.of(SHARED_NETWORK);
  }

  /** With a client of their own, which they close. Whoever loses them ends at once. */
  private static Records inCluster(OperatorConfig config) {
    var kubernetes = Kubernetes.impatientClient(config.cluster().kubeconfig());
    var namespace = Kubernetes.leaseNamespace(config.cluster(), kubernetes);
    return KubernetesRecords.open(
        kubernetes,
        KubernetesRecordsConfig.defaults(namespace),
        () -> {
          LOG.error("receptor.lost error=\"the records have another owner\" the process ends");
          Runtime.getRuntime().halt(LOST);
        });
  }

  /** With a client of its own, which it closes. */
  private static Backend pods(OperatorConfig config, Clock clock) {
    var kubernetes = Kubernetes.client(config.cluster().kubeconfig());
    return new PodBackend(kubernetes, podConfig(config, kubernetes), clock);
  }

  /**
   * Services for the LRPs of {@link #builtIn}, with a client of its own; nothing without Pods.
   *
   * @return what ends it
   */
  static AutoCloseable startRoutes(OperatorConfig config, Receptor receptor) {
    var started = new Started();
    if (!config.leadsPods()) {
      return started;
    }
    var kubernetes = started.keep(Kubernetes.client(config.cluster().kubeconfig()));
    var routes = RouteConfig.of(podConfig(config, kubernetes), config.pods().gateway());
    started.keep(new RouteEmitter(kubernetes, routes, receptor)).start();
    return started;
  }

  private static PodBackendConfig podConfig(OperatorConfig config, KubernetesClient kubernetes) {
    var pods = config.pods();
    var own = kubernetes.getNamespace();
    var defaults =
        PodBackendConfig.defaults(
            pods.namespace().orElse(own == null || own.isBlank() ? "default" : own),
            pods.runtimeImage().orElseThrow(),
            pods.stackImages());
    return defaults
        .withDelivery(pods.mountsRuntime() ? Delivery.IMAGE_VOLUME : Delivery.INIT_CONTAINER)
        .withPullSecrets(pods.pullSecrets())
        .withReachable(pods.reachable())
        .withUserId(pods.userId());
  }

  private static Backend processes(OperatorConfig config, DataDirectory data) {
    var capacity =
        new Capacity(
            config.cell().memoryMb().orElseGet(Receptors::machineMemoryMb),
            config.cell().diskMb().orElseGet(() -> freeDiskMb(data)),
            MAX_CONTAINERS);
    return new ProcessBackend(
        ProcessBackendConfig.defaults(data.resolve("cell").toAbsolutePath())
            .withCapacity(capacity)
            .withRootfsNames(config.cell().stacks())
            .withAddress(config.cell().address())
            .withMaxProcesses(config.cell().maxProcesses()));
  }

  /** How the other operators reach it. */
  static ReceptorServerConfig peerConfig(OperatorConfig.ReceptorAccess access, String password) {
    return ReceptorServerConfig.defaults()
        .withVersions(access.versionFiles().map(VersionFiles::read).orElse(Map.of()))
        .withCredentials(PEER, password);
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
