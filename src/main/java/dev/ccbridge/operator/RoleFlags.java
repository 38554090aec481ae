package dev.ccbridge.operator;

import dev.ccbridge.operator.RoleFlag.Type;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The command line of a role, by the rules of Go's flag package: one dash or two, {@code
 * -name=value} or {@code -name value}, a switch needs no value, a later value replaces an earlier
 * one. Words that are no flags are refused, where the originals overlooked them and all behind.
 */
final class RoleFlags {
  private static final Set<String> TRUE = Set.of("1", "t", "T", "TRUE", "true", "True");
  private static final Set<String> FALSE = Set.of("0", "f", "F", "FALSE", "false", "False");
  private static final Set<String> LEVELS = Set.of("debug", "info", "error", "fatal");

  /** The command line is wrong; the message is Go's. */
  static final class WrongUsageException extends Exception {
    private static final long serialVersionUID = 1L;

    private WrongUsageException(String message) {
      super(message);
    }
  }

  /**
   * @param settings what flags said
   * @param withoutEffect names of those that were given and have none
   * @param asksForHelp whether there was {@code -h}; then nothing else was read
   */
  record Parsed(Map<SettingName, Said> settings, Set<String> withoutEffect, boolean asksForHelp) {}

  private final Role role;
  private final Map<String, RoleFlag> flags = new LinkedHashMap<>();
  private final Map<SettingName, Said> settings = new HashMap<>();
  private final Set<String> withoutEffect = new LinkedHashSet<>();
  private final List<String> lifecycles = new ArrayList<>();

  RoleFlags(Role role) {
    this.role = role;
    role.flags().forEach(flag -> flags.put(flag.name(), flag));
  }

  /** Used once. */
  Parsed parse(List<String> arguments) throws WrongUsageException {
    var rest = arguments.iterator();
    while (rest.hasNext()) {
      var word = rest.next();
      if (word.length() < 2 || word.charAt(0) != '-' || word.equals("--")) {
        throw new WrongUsageException("unexpected argument: " + word);
      }
      var text = word.substring(word.startsWith("--") ? 2 : 1);
      if (text.startsWith("-") || text.startsWith("=")) {
        throw new WrongUsageException("bad flag syntax: " + word);
      }
      var equals = text.indexOf('=');
      var name = equals < 0 ? text : text.substring(0, equals);
      var flag = flags.get(name);
      if (flag == null) {
        if (name.equals("h") || name.equals("help")) {
          return new Parsed(Map.of(), Set.of(), true);
        }
        throw new WrongUsageException("flag provided but not defined: -" + name);
      }
      if (equals >= 0) {
        set(flag, text.substring(equals + 1));
      } else if (flag.type() == Type.BOOL) {
        set(flag, "true");
      } else if (rest.hasNext()) {
        set(flag, rest.next());
      } else {
        throw new WrongUsageException("flag needs an argument: -" + name);
      }
    }
    return new Parsed(Map.copyOf(settings), withoutEffect, false);
  }

  /** What flags set that were not given: their defaults, as this program writes them. */
  static Map<Setting, String> defaults(Role role) {
    var defaults = new EnumMap<Setting, String>(Setting.class);
    for (var flag : role.flags()) {
      if (!flag.defaultValue().isEmpty()) {
        flag.setting().ifPresent(setting -> defaults.put(setting, flag.defaultValue()));
      }
    }
    return defaults;
  }

  private void set(RoleFlag flag, String value) throws WrongUsageException {
    var read = read(flag, value);
    if (flag.setting().isEmpty()) {
      withoutEffect.add("-" + flag.name());
      return;
    }
    var place = "-" + flag.name();
    var name = new SettingName(flag.setting().get(), false);
    settings.put(
        name,
        flag.type() == Type.LIFECYCLE ? Said.items(lifecycles, place) : new Said(read, place));
  }

  private String read(RoleFlag flag, String value) throws WrongUsageException {
    return switch (flag.type()) {
      case STRING -> flag.name().equals("logLevel") ? level(value) : value;
      case BOOL -> bool(flag, value);
      case INT -> integer(flag, value);
      case DURATION -> duration(flag, value);
      case ADDRESS -> value.startsWith(":") ? "0.0.0.0" + value : value;
      case OWN_URL -> value.isBlank() ? "" : "0.0.0.0:" + port(value, "Invalid nsync URL");
      case LIFECYCLE -> lifecycle(flag, value);
    };
  }

  private static String level(String value) throws WrongUsageException {
    if (!LEVELS.contains(value)) {
      throw new WrongUsageException("unknown log level: " + value);
    }
    return value;
  }

  private static String bool(RoleFlag flag, String value) throws WrongUsageException {
    if (!TRUE.contains(value) && !FALSE.contains(value)) {
      throw new WrongUsageException(
          "invalid boolean value \"%s\" for -%s: strconv.ParseBool: parsing \"%s\": invalid syntax"
              .formatted(value, flag.name(), value));
    }
    return String.valueOf(TRUE.contains(value));
  }

  private static String integer(RoleFlag flag, String value) throws WrongUsageException {
    try {
      return String.valueOf(Integer.decode(value));
    } catch (NumberFormatException notANumber) {
      throw invalid(flag, value, "strconv.ParseInt: parsing \"" + value + "\": invalid syntax");
    }
  }

  private static String duration(RoleFlag flag, String value) throws WrongUsageException {
    try {
      GoDurations.parse(value);
      return value;
    } catch (IllegalArgumentException notADuration) {
      throw invalid(flag, value, "time: invalid duration " + value);
    }
  }

  private String lifecycle(RoleFlag flag, String value) throws WrongUsageException {
    var colon = value.indexOf(':');
    if (colon < 0) {
      throw invalid(flag, value, "Invalid lifecycle value: not of the form 'lifecycle-name:path'");
    }
    if (colon == 0) {
      throw invalid(flag, value, "Invalid lifecycle value: empty lifecycle name");
    }
    if (colon == value.length() - 1) {
      throw invalid(flag, value, "Invalid lifecycle value: empty path");
    }
    lifecycles.add(value);
    return value;
  }

  private static WrongUsageException invalid(RoleFlag flag, String value, String why) {
    return new WrongUsageException(
        "invalid value \"%s\" for flag -%s: %s".formatted(value, flag.name(), why));
  }

  /**
   * The port of a role's own URL.
   *
   * @throws WrongUsageException beginning with {@code what}, when there is none
   */
  static int port(String url, String what) throws WrongUsageException {
    try {
      var parsed = new URI(url);
      if (parsed.getHost() != null && parsed.getPort() >= 0) {
        return parsed.getPort();
      }
      throw new WrongUsageException(
          what
              + ": missing port in address "
              + Optional.ofNullable(parsed.getAuthority()).orElse(""));
    } catch (URISyntaxException malformed) {
      throw new WrongUsageException(what + ": parse " + url + ": " + malformed.getReason());
    }
  }

  /** As Go prints it. */
  String usage() {
    var text = new StringBuilder("Usage of ").append(role.command()).append(":\n");
    flags.values().stream()
        .sorted(Comparator.comparing(RoleFlag::name))
        .forEach(
            flag -> {
              var label = flag.type().label();
              text.append("  -").append(flag.name());
              text.append(label.isEmpty() ? "" : " " + label).append("\n    \t");
              text.append(flag.meaning()).append(defaultOf(flag)).append('\n');
            });
    return text.toString();
  }

  private static String defaultOf(RoleFlag flag) {
    var value = flag.defaultValue();
    if (value.isEmpty() || value.equals("false")) {
      return "";
    }
    return " (default "
        + (flag.type().label().equals("string") ? "\"" + value + "\"" : value)
        + ")";
  }
}
