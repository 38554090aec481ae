package dev.ccbridge.operator;

import static dev.ccbridge.operator.RoleFlag.Type.ADDRESS;
import static dev.ccbridge.operator.RoleFlag.Type.BOOL;
import static dev.ccbridge.operator.RoleFlag.Type.DURATION;
import static dev.ccbridge.operator.RoleFlag.Type.INT;
import static dev.ccbridge.operator.RoleFlag.Type.LIFECYCLE;
import static dev.ccbridge.operator.RoleFlag.Type.OWN_URL;
import static dev.ccbridge.operator.RoleFlag.Type.STRING;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The programs of the original cc_bridge, each with its own flags and their defaults, and what of
 * the same kind belongs to them. Sources: the main.go of stager, nsync, tps, cc-uploader,
 * fileserver, receptor.
 */
enum Role {
  STAGER(
      "stager",
      "Stages what Cloud Controller asks for.",
      ccFlags(),
      List.of(
          receptor(),
          skipCertVerify(),
          RoleFlag.of(
              "stagerURL",
              STRING,
              "",
              "URL of the stager; its port is listened at",
              Setting.STAGER_URL),
          fileServer(),
          RoleFlag.of(
              "ccUploaderURL", STRING, "", "URL of the cc-uploader", Setting.CC_UPLOADER_URL),
          RoleFlag.of(
              "dockerRegistryAddress",
              STRING,
              "",
              "host:port of the caching docker registry",
              Setting.DOCKER_REGISTRY_ADDRESS),
          RoleFlag.of(
              "insecureDockerRegistry",
              BOOL,
              "false",
              "the caching docker registry has no trusted certificate",
              Setting.INSECURE_DOCKER_REGISTRY),
          RoleFlag.of("consulCluster", STRING, "", "Consul agent URL", Setting.CONSUL_URL),
          RoleFlag.of(
              "dockerStagingStack",
              STRING,
              "",
              "stack of docker stagings; must not be blank",
              Setting.DOCKER_STAGING_STACK),
          lifecycle()),
      kubernetesFlags()),

  NSYNC_LISTENER(
      "nsync-listener",
      "Runs the apps that Cloud Controller asks for.",
      List.of(
          receptor(),
          RoleFlag.of(
              "nsyncURL",
              OWN_URL,
              "",
              "URL of the nsync listener; its port is listened at",
              Setting.NSYNC_ADDRESS),
          fileServer(),
          timeout(),
          lifecycle()),
      kubernetesFlags()),

  NSYNC_BULKER(
      "nsync-bulker",
      "Keeps the running apps in step with Cloud Controller.",
      ccFlags(),
      lockFlags(),
      List.of(
          receptor(),
          timeout(),
          RoleFlag.of(
              "pollingInterval",
              DURATION,
              "30s",
              "between two comparisons",
              Setting.BULK_POLLING_INTERVAL),
          RoleFlag.of(
              "domainTTL",
              DURATION,
              "2m0s",
              "how long a comparison is taken for complete",
              Setting.DOMAIN_TTL),
          RoleFlag.of("bulkBatchSize", INT, "500", "apps in one page", Setting.BULK_BATCH_SIZE),
          skipCertVerify(),
          fileServer(),
          lifecycle()),
      kubernetesFlags()),

  TPS_LISTENER(
      "tps-listener",
      "Tells Cloud Controller of instances.",
      List.of(
          RoleFlag.of(
              "listenAddr", ADDRESS, "0.0.0.0:1518", "where to listen", Setting.TPS_ADDRESS),
          receptor(),
          RoleFlag.of(
              "trafficControllerURL",
              STRING,
              "",
              "URL of the traffic controller",
              Setting.TRAFFIC_CONTROLLER_URL),
          RoleFlag.of(
              "skipSSLVerification",
              BOOL,
              "true",
              "skip SSL certificate verification",
              Setting.TRAFFIC_CONTROLLER_SKIP_CERT_VERIFY),
          RoleFlag.of(
              "maxInFlightRequests",
              INT,
              "200",
              "requests at a time",
              Setting.MAX_IN_FLIGHT_REQUESTS)),
      kubernetesFlags()),

  TPS_WATCHER(
      "tps-watcher",
      "Tells Cloud Controller of crashes.",
      ccFlags(),
      lockFlags(),
      List.of(receptor(), skipCertVerify()),
      kubernetesFlags()),

  CC_UPLOADER(
      "cc-uploader",
      "Carries droplets to Cloud Controller.",
      List.of(
          RoleFlag.of(
              "address", ADDRESS, "0.0.0.0:9090", "where to listen", Setting.CC_UPLOADER_ADDRESS),
          skipCertVerify(),
          RoleFlag.of(
              "ccJobPollingInterval",
              DURATION,
              "1s",
              "between two looks at a job",
              Setting.CC_JOB_POLLING_INTERVAL),
          timeout()),
      dataFlags()),

  FILE_SERVER(
      "file-server",
      "Hands out lifecycle archives.",
      List.of(
          RoleFlag.of(
              "address", ADDRESS, "0.0.0.0:8080", "where to listen", Setting.LISTEN_ADDRESS),
          RoleFlag.of(
              "staticDirectory", STRING, "", "what to serve; must be given", Setting.STATIC),
          RoleFlag.withoutEffect("skipCertVerify", BOOL, "false"),
          RoleFlag.withoutEffect("communicationTimeout", DURATION, "30s")),
      dataFlags()),

  RECEPTOR(
      "receptor",
      "Runs tasks and LRPs as local processes, behind Diego's API v1.",
      List.of(
          RoleFlag.of(
              "address",
              ADDRESS,
              "127.0.0.1:8887",
              "where to listen; port 0: a free one, kept across restarts",
              Setting.RECEPTOR_ADDRESS),
          RoleFlag.of(
              "username",
              STRING,
              "",
              "user of basic authentication; none: everybody may do everything",
              Setting.RECEPTOR_USERNAME),
          RoleFlag.of(
              "password",
              STRING,
              "",
              "password of basic authentication",
              Setting.RECEPTOR_PASSWORD),
          RoleFlag.of(
              "corsEnabled",
              BOOL,
              "false",
              "let pages of other origins call",
              Setting.RECEPTOR_CORS),
          RoleFlag.of(
              "registerWithRouter",
              BOOL,
              "false",
              "announce the Receptor to CF's router",
              Setting.REGISTER_WITH_ROUTER),
          RoleFlag.of(
              "domainNames",
              STRING,
              "",
              "names under which the router shall know it, separated by commas",
              Setting.RECEPTOR_DOMAIN_NAMES),
          RoleFlag.of(
              "natsAddresses",
              STRING,
              "",
              "host:port of the router's NATS servers, separated by commas",
              Setting.NATS_ADDRESSES),
          RoleFlag.of("natsUsername", STRING, "", "user for NATS", Setting.NATS_USERNAME),
          RoleFlag.of("natsPassword", STRING, "", "password for NATS", Setting.NATS_PASSWORD),
          RoleFlag.of(
              "communicationTimeout",
              DURATION,
              "10s",
              "of an attempt of a completion callback",
              Setting.COMMUNICATION_TIMEOUT),
          RoleFlag.of(
              "versionFilesPath",
              STRING,
              "",
              "directory with the files that /v1/version tells of",
              Setting.RECEPTOR_VERSION_FILES),
          RoleFlag.of(
              "artifactPath",
              STRING,
              "",
              "directory that /v1/sync hands out, as ARCH/ARTIFACT",
              Setting.RECEPTOR_ARTIFACTS),
          RoleFlag.of(
              "stacks",
              STRING,
              "cflinuxfs4,cflinuxfs3,cflinuxfs2",
              "root filesystems that may be asked for",
              Setting.STACKS),
          RoleFlag.of(
              "cellAddress",
              STRING,
              "127.0.0.1",
              "where the ports of containers are reached",
              Setting.CELL_ADDRESS),
          RoleFlag.of(
              "cellMemoryMB",
              STRING,
              "",
              "memory for containers, in MB (default: what the machine has)",
              Setting.CELL_MEMORY_MB),
          RoleFlag.of(
              "cellDiskMB",
              STRING,
              "",
              "disk for containers, in MB (default: what is free)",
              Setting.CELL_DISK_MB),
          RoleFlag.of(
              "cellMaxProcesses",
              STRING,
              "1024",
              "processes, threads included, that one container may have",
              Setting.CELL_MAX_PROCESSES)),
      storeFlags(),
      dataFlags()),

  FAKE_CC(
      "fake-cc",
      "A Cloud Controller in memory, for trying.",
      List.of(
          RoleFlag.of(
              "address", ADDRESS, "127.0.0.1:9022", "where to listen", Setting.FAKE_CC_ADDRESS),
          RoleFlag.of("username", STRING, "", "user that it asks for", Setting.CC_USERNAME),
          RoleFlag.of("password", STRING, "", "password that it asks for", Setting.CC_PASSWORD),
          fakeCC("stagerURL", "http://127.0.0.1:8888", "stager", Setting.FAKE_CC_STAGER_URL),
          fakeCC("nsyncURL", "http://127.0.0.1:8787", "nsync listener", Setting.FAKE_CC_NSYNC_URL),
          fakeCC("tpsURL", "http://127.0.0.1:1518", "tps listener", Setting.FAKE_CC_TPS_URL),
          fakeCC(
              "fileServerURL",
              "http://127.0.0.1:8080",
              "file server, which has the buildpacks",
              Setting.FAKE_CC_FILE_SERVER_URL),
          RoleFlag.of(
              "stack", STRING, "cflinuxfs2", "of apps that name none", Setting.FAKE_CC_STACK)),
      dataFlags());

  private final String command;
  private final String description;
  private final List<RoleFlag> flags;

  @SafeVarargs
  @SuppressWarnings("varargs")
  Role(String command, String description, List<RoleFlag>... flags) {
    this.command = command;
    this.description = description;
    this.flags = Stream.concat(Arrays.stream(flags).flatMap(List::stream), commonFlags()).toList();
  }

  private static RoleFlag fakeCC(String name, String url, String whose, Setting setting) {
    return RoleFlag.of(name, STRING, url, "URL of the " + whose, setting);
  }

  private static RoleFlag receptor() {
    return RoleFlag.of("diegoAPIURL", STRING, "", "URL of the Receptor", Setting.RECEPTOR_URL);
  }

  private static RoleFlag fileServer() {
    return RoleFlag.of(
        "fileServerURL", STRING, "", "URL of the file server", Setting.FILE_SERVER_URL);
  }

  private static RoleFlag skipCertVerify() {
    return RoleFlag.of(
        "skipCertVerify",
        BOOL,
        "false",
        "skip SSL certificate verification",
        Setting.SKIP_CERT_VERIFY);
  }

  private static RoleFlag timeout() {
    return RoleFlag.of(
        "communicationTimeout",
        DURATION,
        "30s",
        "of all outgoing HTTP requests",
        Setting.COMMUNICATION_TIMEOUT);
  }

  private static RoleFlag lifecycle() {
    return RoleFlag.of(
        "lifecycle",
        LIFECYCLE,
        "",
        "lifecycle[/stack]:bundle-path-in-file-server; may be given several times",
        Setting.LIFECYCLES);
  }

  private static List<RoleFlag> ccFlags() {
    return List.of(
        RoleFlag.of(
            "ccBaseURL", STRING, "", "URL of Cloud Controller's internal API", Setting.CC_BASE_URL),
        RoleFlag.of("ccUsername", STRING, "", "user for Cloud Controller", Setting.CC_USERNAME),
        RoleFlag.of(
            "ccPassword", STRING, "", "password for Cloud Controller", Setting.CC_PASSWORD));
  }

  /** The store is in the process: there is no BBS, etcd or Consul to be reached. */
  private static List<RoleFlag> storeFlags() {
    return Stream.concat(
            Stream.of(
                    "bbsAddress",
                    "bbsCACert",
                    "bbsClientCert",
                    "bbsClientKey",
                    "consulCluster",
                    "taskHandlerAddress",
                    "etcdCluster",
                    "etcdCertFile",
                    "etcdKeyFile",
                    "etcdCaFile")
                .map(name -> RoleFlag.withoutEffect(name, STRING, "")),
            Stream.of(RoleFlag.withoutEffect("lockTTL", DURATION, "10s")))
        .toList();
  }

  /** A Kubernetes lease stands in the place of Consul's lock. */
  private static List<RoleFlag> lockFlags() {
    return List.of(
        RoleFlag.withoutEffect("consulCluster", STRING, ""),
        RoleFlag.withoutEffect("lockTTL", DURATION, "10s"),
        RoleFlag.withoutEffect("lockRetryInterval", DURATION, "5s"));
  }

  /** Ours: where the resources are that the role writes. */
  private static List<RoleFlag> kubernetesFlags() {
    return Stream.concat(
            dataFlags().stream(),
            Stream.of(
                RoleFlag.of(
                    "kubeconfig",
                    STRING,
                    "",
                    "Kubernetes to work with (default: KUBECONFIG, the service account, else an embedded one in the data directory)",
                    Setting.KUBECONFIG)))
        .toList();
  }

  /** Ours: what the originals kept elsewhere. */
  private static List<RoleFlag> dataFlags() {
    return List.of(
        RoleFlag.of(
            "data",
            STRING,
            "",
            "directory for state (default: cc-bridge below XDG_STATE_HOME or ~/.local/state)",
            Setting.DATA),
        RoleFlag.of(
            "config",
            STRING,
            "",
            "YAML file with settings; flags and CC_BRIDGE_ variables win",
            Setting.CONFIG));
  }

  private static Stream<RoleFlag> commonFlags() {
    return Stream.of(
        RoleFlag.of(
            "debugAddr",
            STRING,
            "",
            "host:port of the debug server; without a host on loopback",
            Setting.DEBUG_ADDRESS),
        RoleFlag.of(
            "logLevel",
            STRING,
            "info",
            "log level: debug, info, error or fatal",
            Setting.LOG_LEVEL));
  }

  /** The word after {@code cc-bridge}; also its name in log lines. */
  String command() {
    return command;
  }

  String description() {
    return description;
  }

  List<RoleFlag> flags() {
    return flags;
  }

  static Optional<Role> ofCommand(String command) {
    return Arrays.stream(values()).filter(role -> role.command.equals(command)).findFirst();
  }
}
