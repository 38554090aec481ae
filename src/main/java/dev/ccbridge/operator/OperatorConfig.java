package dev.ccbridge.operator;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * All settings of the operator, read once at the start.
 *
 * @param namespaces to watch; empty: all
 * @param staticDirectory where lifecycles, buildpacks and samples are
 * @param receptorUrl a remote Receptor; empty: the built-in one
 * @param receptorAddress where the built-in Receptor is published; empty: nowhere
 * @param cellMemoryMb, cellDiskMb empty: what the machine has
 */
record OperatorConfig(
    Optional<Path> kubeconfig,
    List<String> namespaces,
    Path data,
    InetSocketAddress listenAddress,
    Optional<URI> publicUrl,
    Path staticDirectory,
    Optional<URI> receptorUrl,
    Optional<InetSocketAddress> receptorAddress,
    Optional<Integer> cellMemoryMb,
    Optional<Integer> cellDiskMb,
    String cellAddress,
    List<String> stacks,
    Optional<URI> ccBaseUrl,
    String ccUsername,
    String ccPassword,
    String logLevel) {

  private static final Set<String> LOG_LEVELS = Set.of("debug", "info", "warn", "error");

  /** Read by the launcher, not by the program. */
  private static final Set<String> LAUNCHER_VARIABLES = Set.of("CC_BRIDGE_JAVA_OPTS");

  /**
   * @param environment of the process; its {@code CC_BRIDGE_…} members are the settings
   * @param options from the command line; they win
   * @param home where this program is installed
   * @throws ConfigException for an unknown setting, or a value that is not of its form
   */
  static OperatorConfig from(
      Map<String, String> environment, Map<Setting, String> options, Path home) {
    refuseUnknown(environment);
    var values = new Values(environment, options);
    return new OperatorConfig(
        values.text(Setting.KUBECONFIG).map(Path::of),
        values.list(Setting.NAMESPACES),
        values.text(Setting.DATA).map(Path::of).orElseGet(() -> stateDirectory(environment)),
        values.address(Setting.LISTEN_ADDRESS).orElseThrow(),
        values.url(Setting.PUBLIC_URL),
        values.text(Setting.STATIC).map(Path::of).orElse(home.resolve("target/static")),
        values.url(Setting.RECEPTOR_URL),
        values.address(Setting.RECEPTOR_ADDRESS),
        values.positive(Setting.CELL_MEMORY_MB),
        values.positive(Setting.CELL_DISK_MB),
        values.text(Setting.CELL_ADDRESS).orElseThrow(),
        values.list(Setting.STACKS),
        values.url(Setting.CC_BASE_URL),
        values.text(Setting.CC_USERNAME).orElse(""),
        values.text(Setting.CC_PASSWORD).orElse(""),
        values.oneOf(Setting.LOG_LEVEL, LOG_LEVELS));
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

  /** Name and value of every setting, for the log; secrets hidden. */
  static Map<String, String> describe(
      Map<String, String> environment, Map<Setting, String> options) {
    var values = new Values(environment, options);
    var described = new LinkedHashMap<String, String>();
    for (var setting : Setting.values()) {
      values
          .text(setting)
          .ifPresent(v -> described.put(setting.name(), setting.isSecret() ? "(hidden)" : v));
    }
    return described;
  }

  private static void refuseUnknown(Map<String, String> environment) {
    var unknown = new TreeSet<String>();
    for (var name : environment.keySet()) {
      if (name.startsWith(Setting.PREFIX)
          && !LAUNCHER_VARIABLES.contains(name)
          && Setting.ofVariable(name).isEmpty()) {
        unknown.add(name);
      }
    }
    if (!unknown.isEmpty()) {
      var known =
          Arrays.stream(Setting.values()).map(Setting::variable).collect(Collectors.joining(", "));
      throw new ConfigException(
          "unknown setting " + String.join(", ", unknown) + "; known are " + known);
    }
  }

  /** The settings as text, and their parsers. */
  private record Values(Map<String, String> environment, Map<Setting, String> options) {

    Optional<String> text(Setting setting) {
      var value =
          options.getOrDefault(
              setting, environment.getOrDefault(setting.variable(), setting.defaultValue()));
      return value.isBlank() ? Optional.empty() : Optional.of(value.strip());
    }

    List<String> list(Setting setting) {
      return text(setting).stream()
          .flatMap(t -> Arrays.stream(t.split(",")))
          .map(String::strip)
          .filter(t -> !t.isEmpty())
          .toList();
    }

    String oneOf(Setting setting, Set<String> allowed) {
      var value = text(setting).orElse("");
      if (!allowed.contains(value)) {
        throw wrong(setting, value);
      }
      return value;
    }

    Optional<Integer> positive(Setting setting) {
      return text(setting)
          .map(
              value -> {
                try {
                  var number = Integer.parseInt(value);
                  if (number > 0) {
                    return number;
                  }
                } catch (NumberFormatException notANumber) {
                  throw wrong(setting, value);
                }
                throw wrong(setting, value);
              });
    }

    Optional<URI> url(Setting setting) {
      return text(setting)
          .map(
              value -> {
                try {
                  var url =
                      URI.create(
                          value.endsWith("/") ? value.substring(0, value.length() - 1) : value);
                  if (("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
                      && url.getHost() != null) {
                    return url;
                  }
                } catch (IllegalArgumentException notAUrl) {
                  throw wrong(setting, value);
                }
                throw wrong(setting, value);
              });
    }

    Optional<InetSocketAddress> address(Setting setting) {
      return text(setting)
          .map(
              value -> {
                var colon = value.lastIndexOf(':');
                try {
                  var port = Integer.parseInt(value.substring(colon + 1));
                  if (colon > 0 && port >= 0 && port <= 65535) {
                    return new InetSocketAddress(value.substring(0, colon), port);
                  }
                } catch (NumberFormatException notAPort) {
                  throw wrong(setting, value);
                }
                throw wrong(setting, value);
              });
    }

    private static ConfigException wrong(Setting setting, String value) {
      return new ConfigException(
          "%s (%s) is %s; expected %s: %s"
              .formatted(
                  setting.variable(),
                  setting.option(),
                  setting.isSecret() ? "not of the right form" : "\"" + value + "\"",
                  setting.form(),
                  setting.description()));
    }
  }
}
