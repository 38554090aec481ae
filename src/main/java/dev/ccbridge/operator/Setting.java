package dev.ccbridge.operator;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Everything that can be set, in one table: as environment variable {@code CC_BRIDGE_<NAME>}, as
 * option {@code --<name>} of the command line, as key of a YAML file, and some as flags of the
 * original programs ({@link Role}). docs/settings.md is made from it.
 */
enum Setting {
  CONFIG(Form.FILE, "YAML file with settings, by their keys; variables and options win", ""),
  DATA(
      Form.DIR,
      "where state is kept; default: cc-bridge below XDG_STATE_HOME or ~/.local/state",
      ""),
  LOG_LEVEL(Form.LEVEL, "debug, info, warn, error or fatal", "info"),
  LOG_FORMAT(
      Form.LOG_FORMAT,
      "lines for people, or JSON objects as Diego's programs wrote them (lager's form)",
      "text"),
  DEBUG_ADDRESS(
      Form.ADDRESS,
      "where metrics, threads and the log level are served; without a host on loopback; default:"
          + " nowhere",
      ""),
  PAGE_ADDRESS(
      Form.ADDRESS,
      "where a page shows resources, their steps and instances, to everybody who reaches it;"
          + " without a host on loopback; default: nowhere, with quickstart a free port of"
          + " loopback",
      ""),
  OTLP_ENDPOINT(
      Form.URL,
      "OpenTelemetry collector that gets the traces of stagings, OTLP over HTTP, such as"
          + " http://collector:4318; default: none are made",
      ""),

  KUBECONFIG(
      Form.FILE,
      "Kubernetes to work with; default: the usual places (KUBECONFIG, ~/.kube/config, the service"
          + " account)",
      ""),
  NAMESPACES(Form.NAMES, "namespaces to watch; default: all", ""),
  CC_NAMESPACE(Form.NAME, "namespace of the resources that Cloud Controller asks for", "default"),
  LEASE_NAMESPACE(
      Form.NAME,
      "namespace of the leases by which one of several processes leads; default: that of the"
          + " kubeconfig or the service account",
      ""),
  LEASE_IDENTITY(
      Form.NAME,
      "who this process is in leases, such as its Pod's name; operators with Pods that have one"
          + " share a data directory; default: the data directory is who it is",
      ""),

  LISTEN_ADDRESS(
      Form.ADDRESS,
      "where the file server and the completion callbacks are served; port 0: a free one, kept"
          + " across restarts",
      "127.0.0.1:0"),
  PUBLIC_URL(Form.URL, "how containers reach LISTEN_ADDRESS; default: http://LISTEN_ADDRESS", ""),
  STATIC(
      Form.DIR,
      "lifecycle archives, buildpacks and samples to serve; default: those of this program",
      ""),
  FILE_SERVER_URL(
      Form.URL,
      "how containers reach another file server that has the lifecycles; default: our own",
      ""),

  RECEPTOR_URL(
      Form.SECRET_URL, "a Receptor to use instead of the built-in one; may hold user:password", ""),
  RECEPTOR_ADDRESS(
      Form.ADDRESS, "where the built-in Receptor is published as API v1; default: nowhere", ""),
  RECEPTOR_PEER_ADDRESS(
      Form.ADDRESS,
      "where other operators reach the built-in Receptor while this one leads, with Pods, at the"
          + " host CELL_ADDRESS; default: nowhere",
      ""),
  RECEPTOR_USERNAME(
      Form.NAME,
      "user that the published Receptor asks for; default: everybody may do everything",
      ""),
  RECEPTOR_PASSWORD(Form.SECRET, "password that the published Receptor asks for", ""),
  RECEPTOR_CORS(
      Form.SWITCH, "whether pages of other origins may call the published Receptor", "false"),
  RECEPTOR_VERSION_FILES(
      Form.DIR,
      "files CF_LATTICE_RELEASE, LTC, RECEPTOR and so on, whose content /v1/version tells; default:"
          + " none",
      ""),
  RECEPTOR_ARTIFACTS(
      Form.DIR, "what /v1/sync hands out, as ARCH/ARTIFACT, to everybody; default: nothing", ""),
  REGISTER_WITH_ROUTER(
      Form.SWITCH, "whether the published Receptor is announced to CF's router over NATS", "false"),
  RECEPTOR_DOMAIN_NAMES(
      Form.NAMES, "host names under which CF's router shall know the published Receptor", ""),
  NATS_ADDRESSES(Form.NAMES, "NATS servers of CF's router, HOST:PORT each", ""),
  NATS_USERNAME(Form.NAME, "user for NATS; default: none is told", ""),
  NATS_PASSWORD(Form.SECRET, "password for NATS", ""),
  CELL_MEMORY_MB(
      Form.MB, "memory that containers may have together; default: what the machine has", ""),
  CELL_DISK_MB(
      Form.MB, "disk that containers may have together; default: what is free at the start", ""),
  CELL_MAX_PROCESSES(
      Form.NUMBER, "processes, threads included, that one container may have", "1024"),
  CELL_ADDRESS(Form.HOST, "where the ports of containers are reached", "127.0.0.1"),
  STACKS(Form.NAMES, "root filesystems that apps may ask for", "cflinuxfs4,cflinuxfs3,cflinuxfs2"),
  BACKEND(
      Form.BACKEND,
      "what the built-in Receptor runs containers as: processes of this machine, or Pods of the"
          + " cluster",
      "process"),
  POD_NAMESPACE(
      Form.NAME,
      "namespace of the Pods; default: that of the kubeconfig or the service account",
      ""),
  POD_RUNTIME_IMAGE(
      Form.IMAGE, "image with the program that performs a container's actions in its Pod", ""),
  POD_RUNTIME_DELIVERY(
      Form.DELIVERY,
      "how that program comes into a Pod: mounted, or, where Kubernetes has no image volumes,"
          + " copied",
      "image-volume"),
  POD_STACK_IMAGES(Form.IMAGES, "image of each root filesystem, for Pods", ""),
  POD_PULL_SECRETS(Form.NAMES, "Secrets in POD_NAMESPACE for pulling images", ""),
  POD_REACHABLE(
      Form.DESTINATIONS,
      "what Pods with egress rules reach besides: the operator's own Pods, a blobstore",
      ""),
  POD_GATEWAY(
      Form.GATEWAY,
      "Gateway that apps' host names are attached to by an HTTPRoute each; default: none, each app"
          + " has a Service",
      ""),
  POD_USER_ID(
      Form.NUMBER, "user that programs in Pods run as; vcap of Cloud Foundry's stacks", "2000"),

  CC_BASE_URL(
      Form.URL, "Cloud Controller's internal API; the only place that gets the credentials", ""),
  CC_USERNAME(Form.NAME, "user for Cloud Controller's internal API", ""),
  CC_PASSWORD(Form.SECRET, "password for Cloud Controller's internal API", ""),
  SKIP_CERT_VERIFY(
      Form.SWITCH,
      "whether certificates of Cloud Controller, and in stagings those of others, are not checked",
      "false"),
  COMMUNICATION_TIMEOUT(
      Form.DURATION,
      "of a request to a remote Receptor, and of the bulk sync or the uploader to others",
      "30s"),

  LIFECYCLES(
      Form.LIFECYCLES,
      "lifecycle archives at the file server, or with full URLs; a key is lifecycle or"
          + " lifecycle/stack; default: the built-in one for STACKS",
      ""),
  STAGER_ADDRESS(
      Form.ADDRESS,
      "where Cloud Controller asks for stagings: plain HTTP without authentication; default:"
          + " nowhere",
      ""),
  STAGER_URL(
      Form.URL, "how the Receptor reaches the completion callbacks; default: PUBLIC_URL", ""),
  DOCKER_STAGING_STACK(
      Form.NAME, "root filesystem of docker stagings; default: the first of STACKS", ""),
  CC_UPLOADER_URL(
      Form.URL,
      "how containers reach the uploader; default: they upload straight to where it is wanted",
      ""),
  CONSUL_URL(Form.URL, "Consul agent that knows the nodes of the caching docker registry", ""),
  DOCKER_REGISTRY_ADDRESS(Form.ADDRESS, "the caching docker registry", ""),
  INSECURE_DOCKER_REGISTRY(
      Form.SWITCH, "whether the caching docker registry needs no trusted certificate", "false"),

  NSYNC_ADDRESS(
      Form.ADDRESS,
      "where Cloud Controller asks for apps: plain HTTP without authentication; default: nowhere",
      ""),
  SSH_KEY_BITS(Form.NUMBER, "size of the RSA keys of apps with an ssh server", "2048"),
  BULK_SYNC(
      Form.SWITCH,
      "whether apps are regularly compared with Cloud Controller's; default: true with CC_BASE_URL",
      ""),
  BULK_BATCH_SIZE(Form.NUMBER, "apps in one page of Cloud Controller's", "500"),
  BULK_POLLING_INTERVAL(Form.DURATION, "between two comparisons", "30s"),
  DOMAIN_TTL(Form.DURATION, "how long the Receptor takes a comparison for complete", "2m"),

  TPS_ADDRESS(
      Form.ADDRESS,
      "where Cloud Controller asks for instances: plain HTTP without authentication; default:"
          + " nowhere",
      ""),
  TRAFFIC_CONTROLLER_URL(
      Form.WS_URL, "traffic controller that knows what instances use; default: none is asked", ""),
  TRAFFIC_CONTROLLER_SKIP_CERT_VERIFY(
      Form.SWITCH, "whether the traffic controller's certificate is not checked", "false"),
  MAX_IN_FLIGHT_REQUESTS(Form.NUMBER, "requests to TPS_ADDRESS at a time; more get 503", "200"),
  CRASH_WATCHER(
      Form.SWITCH,
      "whether crashes are told to Cloud Controller; default: true with CC_BASE_URL",
      ""),

  CC_UPLOADER_ADDRESS(
      Form.ADDRESS,
      "where containers upload droplets for Cloud Controller: plain HTTP without authentication;"
          + " default: nowhere",
      ""),
  CC_JOB_POLLING_INTERVAL(Form.DURATION, "between two looks at a job of Cloud Controller's", "1s"),

  FAKE_CC_ADDRESS(Form.ADDRESS, "where the fake Cloud Controller listens", "127.0.0.1:9022"),
  FAKE_CC_STAGER_URL(
      Form.URL, "stager that the fake Cloud Controller asks", "http://127.0.0.1:8888"),
  FAKE_CC_NSYNC_URL(
      Form.URL, "nsync listener that the fake Cloud Controller asks", "http://127.0.0.1:8787"),
  FAKE_CC_TPS_URL(
      Form.URL, "tps listener that the fake Cloud Controller asks", "http://127.0.0.1:1518"),
  FAKE_CC_FILE_SERVER_URL(
      Form.URL,
      "file server that has the buildpacks of the fake Cloud Controller",
      "http://127.0.0.1:8080"),
  FAKE_CC_STACK(
      Form.NAME, "stack of the fake Cloud Controller's apps that name none", "cflinuxfs2");

  /** What a value looks like. */
  enum Form {
    FILE("FILE"),
    DIR("DIR"),
    NAME("NAME"),
    NAMES("NAME[,NAME…]"),
    LIFECYCLES("KEY:PATH[,KEY:PATH…]"),
    IMAGE("IMAGE"),
    IMAGES("STACK:IMAGE[,STACK:IMAGE…]"),
    DESTINATIONS("CIDR|NAMESPACE[?LABEL=VALUE&…][,…]"),
    GATEWAY("NAMESPACE/NAME"),
    BACKEND("process|pod"),
    DELIVERY("image-volume|init-container"),
    HOST("HOST"),
    ADDRESS("HOST:PORT"),
    URL("URL"),
    WS_URL("URL"),
    SECRET_URL("URL"),
    SECRET("PASSWORD"),
    MB("MB"),
    NUMBER("NUMBER"),
    /** As Go writes it. */
    DURATION("DURATION"),
    SWITCH("true|false"),
    LEVEL("LEVEL"),
    LOG_FORMAT("text|json");

    private final String label;

    Form(String label) {
      this.label = label;
    }

    /** For people. */
    String label() {
      return label;
    }
  }

  static final String PREFIX = "CC_BRIDGE_";

  private final Form form;
  private final String description;
  private final String defaultValue;

  Setting(Form form, String description, String defaultValue) {
    this.form = form;
    this.description = description;
    this.defaultValue = defaultValue;
  }

  /** Itself, and for a secret the file that holds it. */
  List<SettingName> names() {
    var itself = new SettingName(this, false);
    return isSecret() ? List.of(itself, new SettingName(this, true)) : List.of(itself);
  }

  /** As environment variable. */
  String variable() {
    return PREFIX + name();
  }

  /** As option of the command line. */
  String option() {
    return "--" + name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** As key of a settings file: the name in lowerCamelCase. */
  String key() {
    var words = name().toLowerCase(Locale.ROOT).split("_");
    var key = new StringBuilder(words[0]);
    for (var word : Arrays.asList(words).subList(1, words.length)) {
      key.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
    }
    return key.toString();
  }

  Form form() {
    return form;
  }

  String description() {
    return description;
  }

  /** As text; empty: none. */
  String defaultValue() {
    return defaultValue;
  }

  boolean isSecret() {
    return form == Form.SECRET || form == Form.SECRET_URL;
  }

  /** Whether a value is several, separated by commas. */
  boolean isList() {
    return form == Form.NAMES
        || form == Form.LIFECYCLES
        || form == Form.IMAGES
        || form == Form.DESTINATIONS;
  }

  static Optional<Setting> ofVariable(String variable) {
    return Arrays.stream(values()).filter(s -> s.variable().equals(variable)).findFirst();
  }
}
