package dev.ccbridge.operator;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The value of each setting: of the command line, else of the environment, else of the settings
 * file, else the default. A blank value is as good as none. Their parsers name the place, the value
 * (unless it is a secret) and what was expected.
 */
final class Settings {
  /** Read by the launcher, not by the program. */
  private static final Set<String> LAUNCHER_VARIABLES = Set.of("CC_BRIDGE_JAVA_OPTS");

  private static final int MAX_PORT = 65535;

  private final Map<Setting, Said> values;

  private Settings(Map<Setting, Said> values) {
    this.values = values;
  }

  /**
   * @param environment of the process; its {@code CC_BRIDGE_…} members are settings
   * @param commandLine options or flags
   * @param defaults those that differ from the table's, for a role
   * @throws ConfigException for an unknown setting, one given twice in one place, or a file that
   *     cannot be read
   */
  static Settings read(
      Map<String, String> environment,
      Map<SettingName, Said> commandLine,
      Map<Setting, String> defaults) {
    refuseUnknown(environment);
    var layers = new ArrayList<Map<SettingName, Said>>();
    layers.add(commandLine);
    layers.add(variables(environment));
    var file = pick(Setting.CONFIG, layers);
    if (file.isPresent()) {
      layers.add(SettingsFile.read(Path.of(file.get().text()), file.get().place()));
    }
    var values = new EnumMap<Setting, Said>(Setting.class);
    for (var setting : Setting.values()) {
      var text = defaults.getOrDefault(setting, setting.defaultValue());
      var value = pick(setting, layers).orElse(new Said(text, setting.variable()));
      if (!value.isBlank()) {
        values.put(setting, value);
      }
    }
    return new Settings(values);
  }

  private static Map<SettingName, Said> variables(Map<String, String> environment) {
    var said = new LinkedHashMap<SettingName, Said>();
    for (var name : SettingName.all()) {
      var value = environment.get(name.variable());
      if (value != null) {
        said.put(name, new Said(value, name.variable()));
      }
    }
    return said;
  }

  private static void refuseUnknown(Map<String, String> environment) {
    var known =
        SettingName.all().stream()
            .map(SettingName::variable)
            .collect(Collectors.toCollection(TreeSet::new));
    var unknown =
        environment.keySet().stream()
            .filter(name -> name.startsWith(Setting.PREFIX))
            .filter(name -> !known.contains(name) && !LAUNCHER_VARIABLES.contains(name))
            .collect(Collectors.toCollection(TreeSet::new));
    if (!unknown.isEmpty()) {
      throw new ConfigException(
          "unknown setting "
              + String.join(", ", unknown)
              + "; known are "
              + String.join(", ", known));
    }
  }

  private static Optional<Said> pick(Setting setting, Collection<Map<SettingName, Said>> layers) {
    for (var layer : layers) {
      var said =
          layer.entrySet().stream()
              .filter(e -> e.getKey().setting() == setting && !e.getValue().isBlank())
              .toList();
      if (said.size() > 1) {
        throw new ConfigException(
            said.getFirst().getValue().place()
                + " and "
                + said.getLast().getValue().place()
                + " say the same; expected one of them");
      }
      if (!said.isEmpty()) {
        var one = said.getFirst();
        return Optional.of(one.getKey().ofFile() ? contentOf(one.getValue()) : one.getValue());
      }
    }
    return Optional.empty();
  }

  private static Said contentOf(Said file) {
    try {
      var content = Files.readString(Path.of(file.text())).strip();
      if (content.isEmpty()) {
        throw new ConfigException(
            file.place() + " is \"" + file.text() + "\", which is empty; expected a secret in it");
      }
      return new Said(content, file.place());
    } catch (IOException unreadable) {
      throw new ConfigException(
          file.place()
              + " is \""
              + file.text()
              + "\", which cannot be read; expected a file with the secret in it");
    }
  }

  /** Name and value of every setting that has one, for the log; secrets hidden. */
  Map<String, String> describe() {
    var described = new LinkedHashMap<String, String>();
    values.forEach(
        (setting, said) ->
            described.put(setting.name(), setting.isSecret() ? "(hidden)" : said.text()));
    return described;
  }

  /** How the one who gave the setting calls it; else its variable. */
  String placeOf(Setting setting) {
    var said = values.get(setting);
    return said == null ? setting.variable() : said.place();
  }

  Optional<String> text(Setting setting) {
    return Optional.ofNullable(values.get(setting)).map(Said::text);
  }

  Optional<Path> path(Setting setting) {
    return text(setting).map(Path::of);
  }

  List<String> list(Setting setting) {
    var said = values.get(setting);
    return said == null ? List.of() : said.list();
  }

  /**
   * @param parse throws IllegalArgumentException for a text that is not of the right form
   */
  <T> List<T> list(Setting setting, Function<String, T> parse) {
    try {
      return list(setting).stream().map(parse).toList();
    } catch (IllegalArgumentException e) {
      throw wrong(setting);
    }
  }

  String oneOf(Setting setting, Set<String> allowed) {
    var value = text(setting).orElse("");
    if (!allowed.contains(value)) {
      throw wrong(setting);
    }
    return value;
  }

  Optional<Boolean> flag(Setting setting) {
    return text(setting)
        .map(
            value ->
                switch (value) {
                  case "true" -> true;
                  case "false" -> false;
                  default -> throw wrong(setting);
                });
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
                throw wrong(setting);
              }
              throw wrong(setting);
            });
  }

  /** Longer than zero. */
  Optional<Duration> duration(Setting setting) {
    return text(setting)
        .map(
            value -> {
              try {
                var duration = GoDurations.parse(value);
                if (duration.isPositive()) {
                  return duration;
                }
              } catch (IllegalArgumentException notADuration) {
                throw wrong(setting);
              }
              throw wrong(setting);
            });
  }

  /** Without a slash at the end. */
  Optional<URI> url(Setting setting) {
    var schemes =
        setting.form() == Setting.Form.WS_URL
            ? Set.of("ws", "wss", "http", "https")
            : Set.of("http", "https");
    return text(setting)
        .map(
            value -> {
              try {
                var url =
                    URI.create(
                        value.endsWith("/") ? value.substring(0, value.length() - 1) : value);
                if (url.getScheme() != null
                    && schemes.contains(url.getScheme())
                    && url.getHost() != null) {
                  return url;
                }
              } catch (IllegalArgumentException notAUrl) {
                throw wrong(setting);
              }
              throw wrong(setting);
            });
  }

  /** Where to listen; without a host on loopback. */
  Optional<InetSocketAddress> address(Setting setting) {
    return text(setting)
        .map(
            value -> {
              var colon = value.lastIndexOf(':');
              try {
                var port = Integer.parseInt(value.substring(colon + 1));
                if (colon >= 0 && port >= 0 && port <= MAX_PORT) {
                  return colon == 0
                      ? new InetSocketAddress(InetAddress.getLoopbackAddress(), port)
                      : new InetSocketAddress(value.substring(0, colon), port);
                }
              } catch (NumberFormatException notAPort) {
                throw wrong(setting);
              }
              throw wrong(setting);
            });
  }

  /** By lifecycle; of two values for one the later counts. */
  Map<String, String> lifecycles() {
    return pairs(Setting.LIFECYCLES);
  }

  /** What stands before the first colon of each item, to what stands after it; in order. */
  Map<String, String> pairs(Setting setting) {
    var pairs = new LinkedHashMap<String, String>();
    for (var item : list(setting)) {
      var colon = item.indexOf(':');
      if (colon <= 0 || colon == item.length() - 1) {
        throw wrong(setting);
      }
      pairs.put(item.substring(0, colon), item.substring(colon + 1));
    }
    return pairs;
  }

  /** To be thrown for a value that is not what it should be. */
  ConfigException wrong(Setting setting) {
    var value = text(setting).orElse("");
    return new ConfigException(
        "%s is %s; expected %s: %s"
            .formatted(
                placeOf(setting),
                setting.isSecret() ? "not of the right form" : "\"" + value + "\"",
                setting.form().label(),
                setting.description()));
  }
}
