package dev.ccbridge.lifecycle;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * What the Docker builder was told by its flags.
 *
 * <p>Source: dockerapplifecycle builder/main.go. Differs from Diego: the path of a Docker daemon is
 * taken and not looked at, because no daemon is needed.
 *
 * @param repository of the image, as the user wrote it
 * @param version tag, or digest with its algorithm
 * @param cache where to copy the image, if at all
 * @param insecureRegistries as host and port
 * @param login whose images these are, if that matters
 */
record DockerBuilderConfig(
    String repository,
    String version,
    Path outputMetadata,
    Optional<Cache> cache,
    List<String> insecureRegistries,
    Optional<Login> login) {

  private static final String PUBLIC_INDEX = "https://index.docker.io/v1/";
  private static final String SCHEME = "docker://";
  private static final int HIGHEST_PORT = 65_535;

  DockerBuilderConfig {
    insecureRegistries = List.copyOf(insecureRegistries);
  }

  /**
   * The registry that keeps copies.
   *
   * @param addresses of {@code host}, one of which is to be taken
   */
  record Cache(List<String> addresses, String host, int port) {
    Cache {
      addresses = List.copyOf(addresses);
    }

    /** A name that nobody has used yet, without a tag. */
    String newName() {
      return host + ":" + port + "/" + UUID.randomUUID();
    }
  }

  /**
   * @param registry as references write it; empty for the official index
   */
  record Login(String registry, String user, String password) {
    @Override
    public String toString() {
      return "Login[registry=" + registry + ", secret]";
    }
  }

  /**
   * Reads the flags.
   *
   * @throws LifecycleException with exit code 2 for what Go's flag package refuses, 1 for values
   *     that do not fit together
   */
  static DockerBuilderConfig parse(String program, List<String> arguments) {
    var flags = flags(program).parse(arguments);
    var insecure = list(flags, "insecureDockerRegistries", DockerBuilderConfig::problemOfInsecure);
    var addresses = list(flags, "dockerRegistryIPs", DockerBuilderConfig::problemOfAddress);
    var port = port(flags);
    var image = image(flags);
    var caches = flags.isSet("cacheDockerImage");
    var cache = caches ? Optional.of(cache(flags, addresses, port)) : Optional.<Cache>empty();
    if (caches) {
      checkCredentials(flags);
    }
    return new DockerBuilderConfig(
        image.repository(),
        image.version(),
        Path.of(flags.value("outputMetadataJSONFilename")).toAbsolutePath().normalize(),
        cache,
        insecure,
        login(flags));
  }

  private static GoFlags flags(String program) {
    return new GoFlags(program)
        .string("dockerRef", "", "docker image reference in standard docker string format")
        .string(
            "dockerImageURL",
            "",
            "docker image uri in docker://[registry/][scope/]repository[#tag] format")
        .string(
            "outputMetadataJSONFilename",
            "/tmp/result/result.json",
            "filename in which to write the app metadata")
        .bool("cacheDockerImage", "copies the image to the private docker registry")
        .string("dockerRegistryHost", "", "host name of the private docker registry")
        .string("dockerRegistryPort", "8080", "port of the private docker registry")
        .string("dockerRegistryIPs", "", "addresses of the private docker registry (ip,ip)")
        .string("insecureDockerRegistries", "", "insecure docker registries (host:port,...)")
        .string("dockerDaemonExecutablePath", "/tmp/docker_app_lifecycle/docker", "not used")
        .string("dockerLoginServer", PUBLIC_INDEX, "server that knows the user")
        .string("dockerUser", "", "user for pulling")
        .string("dockerPassword", "", "password for pulling")
        .string("dockerEmail", "", "e-mail for pulling");
  }

  private record Image(String repository, String version) {}

  private static Image image(GoFlags flags) {
    if (!flags.value("dockerImageURL").isEmpty()) {
      return imageOfUrl(flags.value("dockerImageURL"));
    }
    if (!flags.value("dockerRef").isEmpty()) {
      return imageOfReference(flags.value("dockerRef"));
    }
    throw failed("missing flag: dockerImageURL or dockerRef required");
  }

  private static Image imageOfUrl(String url) {
    if (!url.startsWith(SCHEME)) {
      throw failed("invalid dockerImageURL: " + url);
    }
    var hash = url.indexOf('#');
    var path = url.substring(SCHEME.length(), hash < 0 ? url.length() : hash);
    var tag = hash < 0 ? "" : url.substring(hash + 1);
    return new Image(path.replaceFirst("^/", ""), tag.isEmpty() ? "latest" : tag);
  }

  private static Image imageOfReference(String reference) {
    var at = reference.indexOf('@');
    if (at >= 0) {
      return new Image(reference.substring(0, at), reference.substring(at + 1));
    }
    var colon = reference.lastIndexOf(':');
    if (colon < 0 || reference.indexOf('/', colon) >= 0) {
      return new Image(reference, "latest");
    }
    var tag = reference.substring(colon + 1);
    return new Image(reference.substring(0, colon), tag.isEmpty() ? "latest" : tag);
  }

  /** The image as {@code docker_image} names it, and as registries are asked for it. */
  String image() {
    return repository + (version.contains(":") ? "@" : ":") + version;
  }

  /** Elements without surrounding blanks; {@code problem} says what is wrong with one, or "". */
  private static List<String> list(GoFlags flags, String name, Function<String, String> problem) {
    var elements = new ArrayList<String>();
    if (flags.value(name).isEmpty()) {
      return elements;
    }
    for (var element : flags.value(name).split(",", -1)) {
      var found = problem.apply(element.strip());
      if (!found.isEmpty()) {
        throw invalidValue(flags, name, found);
      }
      elements.add(element.strip());
    }
    return elements;
  }

  private static LifecycleException invalidValue(GoFlags flags, String name, String problem) {
    return new LifecycleException(
        LifecycleException.BAD_FLAG,
        "invalid value \"" + flags.value(name) + "\" for flag -" + name + ": " + problem);
  }

  private static String problemOfInsecure(String registry) {
    if (registry.contains("://")) {
      return "no scheme allowed for Docker Registry [" + registry + "]";
    }
    return registry.contains(":") ? "" : "ip:port expected for Docker Registry [" + registry + "]";
  }

  private static String problemOfAddress(String address) {
    return address.contains(":") ? "invalid Docker Registry address [" + address + "]" : "";
  }

  private static int port(GoFlags flags) {
    try {
      return Integer.parseInt(flags.value("dockerRegistryPort"));
    } catch (NumberFormatException e) {
      throw invalidValue(flags, "dockerRegistryPort", "invalid syntax, want a number");
    }
  }

  private static Cache cache(GoFlags flags, List<String> addresses, int port) {
    var host = flags.value("dockerRegistryHost");
    if (addresses.isEmpty()) {
      throw failed("missing flag: dockerRegistryIPs required");
    }
    if (host.isEmpty()) {
      throw failed("missing flag: dockerRegistryHost required");
    }
    if (host.contains(":")) {
      throw failed("invalid host format " + host);
    }
    if (port < 0) {
      throw failed("negative port number " + port);
    }
    if (port > HIGHEST_PORT) {
      throw failed("port number too big " + port);
    }
    return new Cache(addresses, host, port);
  }

  private static void checkCredentials(GoFlags flags) {
    var user = flags.value("dockerUser");
    var password = flags.value("dockerPassword");
    var email = flags.value("dockerEmail");
    if (user.isEmpty() && password.isEmpty() && email.isEmpty()) {
      return;
    }
    if (user.isEmpty() || password.isEmpty() || email.isEmpty()) {
      throw failed(
          "missing flags: dockerUser, dockerPassword and dockerEmail required simultaneously");
    }
    if (!email.contains("@") || !email.contains(".")) {
      throw failed("invalid dockerEmail [" + email + "]");
    }
  }

  private static Optional<Login> login(GoFlags flags) {
    var user = flags.value("dockerUser");
    var password = flags.value("dockerPassword");
    var registry = registryOf(flags.value("dockerLoginServer"));
    return user.isEmpty() || password.isEmpty()
        ? Optional.empty()
        : Optional.of(new Login(registry, user, password));
  }

  private static String registryOf(String server) {
    try {
      var url = new URI(server.contains("://") ? server : "https://" + server);
      var host = url.getHost();
      if (host == null || url.getRawUserInfo() != null) {
        throw failed("invalid dockerLoginServer [" + server + "]");
      }
      var official = host.equals("docker.io") || host.endsWith(".docker.io");
      return official ? "" : url.getAuthority();
    } catch (URISyntaxException e) {
      throw failed("invalid dockerLoginServer [" + server + "]");
    }
  }

  private static LifecycleException failed(String message) {
    return new LifecycleException(LifecycleException.FAILED, message);
  }
}
