package dev.ccbridge.operator;

import dev.ccbridge.receptor.backend.pod.Reachable;
import dev.ccbridge.receptor.backend.pod.route.RouteConfig;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All settings of a process, read once at the start.
 *
 * @param debugAddress of the debug server; empty: there is none
 * @param pageAddress of the page for people; empty: there is none
 */
record OperatorConfig(
    Path data,
    String logLevel,
    boolean logsAsJson,
    Optional<InetSocketAddress> debugAddress,
    Optional<InetSocketAddress> pageAddress,
    Optional<URI> otlpEndpoint,
    Cluster cluster,
    Files files,
    ReceptorAccess receptor,
    Cell cell,
    Pods pods,
    CloudController cloudController,
    Staging staging,
    Running running,
    Bulk bulk,
    Instances instances,
    Uploading uploading,
    FakeCC fakeCC) {

  private static final Set<String> LOG_LEVELS = Set.of("debug", "info", "warn", "error", "fatal");
  private static final String LIFECYCLE = "buildpack_app_lifecycle/buildpack_app_lifecycle.tgz";
  private static final String DOCKER_LIFECYCLE = "docker_app_lifecycle/docker_app_lifecycle.tgz";

  /** Whether the built-in Receptor runs Pods: another process can go on with them, so one leads. */
  boolean leadsPods() {
    return pods.enabled() && receptor.url().isEmpty();
  }

  /**
   * @param kubeconfig empty: the usual places
   * @param namespaces to watch; empty: all
   * @param ccNamespace of what Cloud Controller asks for
   * @param leaseNamespace empty: the namespace of the kubeconfig or the service account
   * @param leaseIdentity empty: that of the data directory
   */
  record Cluster(
      Optional<Path> kubeconfig,
      List<String> namespaces,
      String ccNamespace,
      Optional<String> leaseNamespace,
      Optional<String> leaseIdentity) {}

  /**
   * @param address of the file server and the completion callbacks
   * @param publicUrl how containers reach it; empty: by its address
   * @param staticDirectory where lifecycles, buildpacks and samples are
   * @param fileServerUrl another one that has the lifecycles; empty: our own
   */
  record Files(
      InetSocketAddress address,
      Optional<URI> publicUrl,
      Path staticDirectory,
      Optional<URI> fileServerUrl) {}

  /**
   * With CF's router.
   *
   * @param names host names of the Receptor
   * @param nats servers, {@code host:port}
   * @param username for NATS; empty: none
   */
  record Registration(
      boolean wanted, List<String> names, List<String> nats, String username, String password) {

    /** Without the secrets. */
    @Override
    public String toString() {
      return "Registration[" + wanted + ", " + names + ", " + nats + "]";
    }
  }

  /**
   * @param url a remote Receptor; empty: the built-in one
   * @param address where the built-in Receptor is published; empty: nowhere
   * @param peerAddress where other operators reach it while this one leads; empty: nowhere
   * @param username that it asks for; empty: none
   * @param versionFiles directory with a file for each component's version
   * @param artifacts directory behind {@code /v1/sync}
   */
  record ReceptorAccess(
      Optional<URI> url,
      Optional<InetSocketAddress> address,
      Optional<InetSocketAddress> peerAddress,
      String username,
      String password,
      boolean cors,
      Optional<Path> versionFiles,
      Optional<Path> artifacts,
      Registration registration) {

    /** Without the secrets. */
    @Override
    public String toString() {
      return "ReceptorAccess[" + address + ", " + username + "]";
    }
  }

  /**
   * @param memoryMb, diskMb empty: what the machine has
   * @param maxProcesses of one container, threads included
   */
  record Cell(
      Optional<Integer> memoryMb,
      Optional<Integer> diskMb,
      int maxProcesses,
      String address,
      List<String> stacks) {}

  /**
   * Containers as Pods.
   *
   * @param enabled instead of processes
   * @param namespace empty: that of the kubeconfig or the service account
   * @param runtimeImage empty: none is named
   * @param mountsRuntime whether it is mounted, not copied
   * @param stackImages by the name of the root filesystem
   * @param gateway that host names of apps are attached to; empty: none
   * @param reachable what Pods with egress rules reach besides
   */
  record Pods(
      boolean enabled,
      Optional<String> namespace,
      Optional<String> runtimeImage,
      boolean mountsRuntime,
      Map<String, String> stackImages,
      List<String> pullSecrets,
      List<Reachable> reachable,
      Optional<RouteConfig.Gateway> gateway,
      int userId) {}

  /**
   * @param baseUrl of the internal API; empty: there is none
   * @param communicationTimeout of a request in bulk sync, nsync and uploads
   */
  record CloudController(
      Optional<URI> baseUrl,
      String username,
      String password,
      boolean skipCertVerify,
      Duration communicationTimeout) {

    /** Without the password. */
    @Override
    public String toString() {
      return "CloudController[" + baseUrl + ", " + username + "]";
    }
  }

  /**
   * @param address of the stager's front door; empty: there is none
   * @param stagerUrl base of the completion callbacks; empty: where the file server is
   * @param lifecycles by {@code lifecycle} or {@code lifecycle/stack}
   */
  record Staging(
      Optional<InetSocketAddress> address,
      Optional<URI> stagerUrl,
      Map<String, String> lifecycles,
      String dockerStagingStack,
      Optional<URI> ccUploaderUrl,
      Optional<URI> consulUrl,
      String dockerRegistryAddress,
      boolean insecureDockerRegistry) {}

  /**
   * @param address of nsync's front door; empty: there is none
   */
  record Running(Optional<InetSocketAddress> address, int sshKeyBits) {}

  /**
   * @param enabled whether apps are compared with Cloud Controller's
   */
  record Bulk(boolean enabled, int batchSize, Duration pollingInterval, Duration domainTtl) {}

  /**
   * @param address of the tps front door; empty: there is none
   * @param crashWatcher whether crashes are told to Cloud Controller
   */
  record Instances(
      Optional<InetSocketAddress> address,
      Optional<URI> trafficControllerUrl,
      boolean skipCertVerify,
      int maxInFlightRequests,
      boolean crashWatcher) {}

  /**
   * @param address of the uploader; empty: there is none
   */
  record Uploading(Optional<InetSocketAddress> address, Duration jobPollingInterval) {}

  /**
   * The Cloud Controller for trying.
   *
   * @param stagerUrl which it asks, as the others; {@code fileServerUrl} has its buildpacks
   * @param stack of apps that name none
   */
  record FakeCC(
      InetSocketAddress address,
      URI stagerUrl,
      URI nsyncUrl,
      URI tpsUrl,
      URI fileServerUrl,
      String stack) {}

  /**
   * @param environment of the process, for where state is kept by default
   * @param home where this program is installed
   * @throws ConfigException for a value that is not of its form
   */
  static OperatorConfig from(Settings settings, Map<String, String> environment, Path home) {
    var stacks = settings.list(Setting.STACKS);
    if (stacks.isEmpty()) {
      throw settings.wrong(Setting.STACKS);
    }
    var ccBaseUrl = settings.url(Setting.CC_BASE_URL);
    return new OperatorConfig(
        settings.path(Setting.DATA).orElseGet(() -> stateDirectory(environment)),
        settings.oneOf(Setting.LOG_LEVEL, LOG_LEVELS),
        settings.oneOf(Setting.LOG_FORMAT, Set.of("text", "json")).equals("json"),
        settings.address(Setting.DEBUG_ADDRESS),
        settings.address(Setting.PAGE_ADDRESS),
        settings.url(Setting.OTLP_ENDPOINT),
        new Cluster(
            settings.path(Setting.KUBECONFIG),
            settings.list(Setting.NAMESPACES),
            settings.text(Setting.CC_NAMESPACE).orElseThrow(),
            settings.text(Setting.LEASE_NAMESPACE),
            settings.text(Setting.LEASE_IDENTITY)),
        new Files(
            settings.address(Setting.LISTEN_ADDRESS).orElseThrow(),
            settings.url(Setting.PUBLIC_URL),
            settings.path(Setting.STATIC).orElse(home.resolve("target/static")),
            settings.url(Setting.FILE_SERVER_URL)),
        receptorAccess(settings),
        new Cell(
            settings.positive(Setting.CELL_MEMORY_MB),
            settings.positive(Setting.CELL_DISK_MB),
            settings.positive(Setting.CELL_MAX_PROCESSES).orElseThrow(),
            settings.text(Setting.CELL_ADDRESS).orElseThrow(),
            stacks),
        pods(settings),
        new CloudController(
            ccBaseUrl,
            settings.text(Setting.CC_USERNAME).orElse(""),
            settings.text(Setting.CC_PASSWORD).orElse(""),
            settings.flag(Setting.SKIP_CERT_VERIFY).orElseThrow(),
            settings.duration(Setting.COMMUNICATION_TIMEOUT).orElseThrow()),
        staging(settings, stacks),
        new Running(
            settings.address(Setting.NSYNC_ADDRESS),
            settings.positive(Setting.SSH_KEY_BITS).orElseThrow()),
        new Bulk(
            settings.flag(Setting.BULK_SYNC).orElse(ccBaseUrl.isPresent()),
            settings.positive(Setting.BULK_BATCH_SIZE).orElseThrow(),
            settings.duration(Setting.BULK_POLLING_INTERVAL).orElseThrow(),
            settings.duration(Setting.DOMAIN_TTL).orElseThrow()),
        instances(settings, ccBaseUrl),
        new Uploading(
            settings.address(Setting.CC_UPLOADER_ADDRESS),
            settings.duration(Setting.CC_JOB_POLLING_INTERVAL).orElseThrow()),
        fakeCC(settings));
  }

  private static FakeCC fakeCC(Settings settings) {
    return new FakeCC(
        settings.address(Setting.FAKE_CC_ADDRESS).orElseThrow(),
        settings.url(Setting.FAKE_CC_STAGER_URL).orElseThrow(),
        settings.url(Setting.FAKE_CC_NSYNC_URL).orElseThrow(),
        settings.url(Setting.FAKE_CC_TPS_URL).orElseThrow(),
        settings.url(Setting.FAKE_CC_FILE_SERVER_URL).orElseThrow(),
        settings.text(Setting.FAKE_CC_STACK).orElseThrow());
  }

  private static ReceptorAccess receptorAccess(Settings settings) {
    return new ReceptorAccess(
        settings.url(Setting.RECEPTOR_URL),
        settings.address(Setting.RECEPTOR_ADDRESS),
        settings.address(Setting.RECEPTOR_PEER_ADDRESS),
        settings.text(Setting.RECEPTOR_USERNAME).orElse(""),
        settings.text(Setting.RECEPTOR_PASSWORD).orElse(""),
        settings.flag(Setting.RECEPTOR_CORS).orElseThrow(),
        settings.path(Setting.RECEPTOR_VERSION_FILES),
        settings.path(Setting.RECEPTOR_ARTIFACTS),
        registration(settings));
  }

  private static Registration registration(Settings settings) {
    return new Registration(
        settings.flag(Setting.REGISTER_WITH_ROUTER).orElseThrow(),
        settings.list(Setting.RECEPTOR_DOMAIN_NAMES),
        settings.list(Setting.NATS_ADDRESSES),
        settings.text(Setting.NATS_USERNAME).orElse(""),
        settings.text(Setting.NATS_PASSWORD).orElse(""));
  }

  private static Pods pods(Settings settings) {
    return new Pods(
        settings.oneOf(Setting.BACKEND, Set.of("process", "pod")).equals("pod"),
        settings.text(Setting.POD_NAMESPACE),
        settings.text(Setting.POD_RUNTIME_IMAGE),
        settings
            .oneOf(Setting.POD_RUNTIME_DELIVERY, Set.of("image-volume", "init-container"))
            .equals("image-volume"),
        settings.pairs(Setting.POD_STACK_IMAGES),
        settings.list(Setting.POD_PULL_SECRETS),
        settings.list(Setting.POD_REACHABLE, Reachable::parse),
        settings.list(Setting.POD_GATEWAY, RouteConfig.Gateway::parse).stream().findFirst(),
        settings.positive(Setting.POD_USER_ID).orElseThrow());
  }

  private static Staging staging(Settings settings, List<String> stacks) {
    var lifecycles = settings.lifecycles();
    var registry = settings.text(Setting.DOCKER_REGISTRY_ADDRESS).orElse("");
    return new Staging(
        settings.address(Setting.STAGER_ADDRESS),
        settings.url(Setting.STAGER_URL),
        lifecycles.isEmpty() ? builtInLifecycles(stacks) : lifecycles,
        settings.text(Setting.DOCKER_STAGING_STACK).orElse(stacks.getFirst()),
        settings.url(Setting.CC_UPLOADER_URL),
        settings.url(Setting.CONSUL_URL),
        registry,
        settings.flag(Setting.INSECURE_DOCKER_REGISTRY).orElseThrow());
  }

  private static Map<String, String> builtInLifecycles(List<String> stacks) {
    var lifecycles = new LinkedHashMap<String, String>();
    stacks.forEach(stack -> lifecycles.put("buildpack/" + stack, LIFECYCLE));
    lifecycles.put("docker", DOCKER_LIFECYCLE);
    return lifecycles;
  }

  private static Instances instances(Settings settings, Optional<URI> ccBaseUrl) {
    return new Instances(
        settings.address(Setting.TPS_ADDRESS),
        settings.url(Setting.TRAFFIC_CONTROLLER_URL),
        settings.flag(Setting.TRAFFIC_CONTROLLER_SKIP_CERT_VERIFY).orElseThrow(),
        settings.positive(Setting.MAX_IN_FLIGHT_REQUESTS).orElseThrow(),
        settings.flag(Setting.CRASH_WATCHER).orElse(ccBaseUrl.isPresent()));
  }

  /** The directory for state that is used when none is named. */
  static Path stateDirectory(Map<String, String> environment) {
    var state = environment.getOrDefault("XDG_STATE_HOME", "");
    var base =
        state.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".local", "state")
            : Path.of(state);
    return base.resolve("cc-bridge");
  }
}
