package dev.ccbridge.lifecycle;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Command-line flags by the rules of Go's flag package, which the original programs use: one or two
 * dashes, {@code -name=value} or {@code -name value}, a boolean needs no value, {@code --} or the
 * first word without a dash ends the flags. A later value replaces an earlier one.
 *
 * <p>Used by one thread.
 */
final class GoFlags {
  private static final List<String> TRUE = List.of("1", "t", "T", "TRUE", "true", "True");
  private static final List<String> FALSE = List.of("0", "f", "F", "FALSE", "false", "False");

  private final String program;
  private final Map<String, Flag> flags = new TreeMap<>();

  GoFlags(String program) {
    this.program = program;
  }

  GoFlags string(String name, String defaultValue, String meaning) {
    flags.put(name, new Flag(false, defaultValue, defaultValue, meaning));
    return this;
  }

  GoFlags bool(String name, String meaning) {
    flags.put(name, new Flag(true, "false", "false", meaning));
    return this;
  }

  /**
   * Reads {@code arguments}.
   *
   * @throws LifecycleException with exit code 2 and the usage text for an unknown flag, a missing
   *     or unreadable value
   */
  GoFlags parse(List<String> arguments) {
    var rest = arguments.iterator();
    while (rest.hasNext()) {
      var word = rest.next();
      if (word.length() < 2 || word.charAt(0) != '-' || word.equals("--")) {
        return this;
      }
      var text = word.substring(word.startsWith("--") ? 2 : 1);
      if (text.startsWith("-") || text.startsWith("=")) {
        throw refused("bad flag syntax: " + word);
      }
      var equals = text.indexOf('=');
      var name = equals < 0 ? text : text.substring(0, equals);
      var flag = flags.get(name);
      if (flag == null) {
        throw unknown(name);
      }
      if (equals >= 0) {
        set(name, flag, text.substring(equals + 1));
      } else if (flag.isBoolean()) {
        set(name, flag, "true");
      } else if (rest.hasNext()) {
        set(name, flag, rest.next());
      } else {
        throw refused("flag needs an argument: -" + name);
      }
    }
    return this;
  }

  private void set(String name, Flag flag, String value) {
    if (flag.isBoolean() && !TRUE.contains(value) && !FALSE.contains(value)) {
      throw refused(
          "invalid boolean value \"" + value + "\" for -" + name + ": want true or false");
    }
    flags.put(name, new Flag(flag.isBoolean(), flag.defaultValue(), value, flag.meaning()));
  }

  String value(String name) {
    return flag(name).value();
  }

  boolean isSet(String name) {
    return TRUE.contains(flag(name).value());
  }

  /** Flags without a value, in order. */
  List<String> missing() {
    return flags.entrySet().stream()
        .filter(entry -> entry.getValue().value().isEmpty())
        .map(entry -> "-" + entry.getKey())
        .toList();
  }

  private Flag flag(String name) {
    var flag = flags.get(name);
    if (flag == null) {
      throw new IllegalArgumentException("no flag is called " + name);
    }
    return flag;
  }

  private LifecycleException unknown(String name) {
    var asksForHelp = name.equals("h") || name.equals("help");
    return asksForHelp
        ? new LifecycleException(LifecycleException.BAD_FLAG, usage())
        : refused("flag provided but not defined: -" + name);
  }

  private LifecycleException refused(String problem) {
    return new LifecycleException(LifecycleException.BAD_FLAG, problem + "\n" + usage());
  }

  private String usage() {
    var text = new StringBuilder("Usage of ").append(program).append(':');
    flags.forEach(
        (name, flag) ->
            text.append("\n  -")
                .append(name)
                .append('=')
                .append(flag.isBoolean() ? flag.defaultValue() : "\"" + flag.defaultValue() + "\"")
                .append(": ")
                .append(flag.meaning()));
    return text.toString();
  }

  private record Flag(boolean isBoolean, String defaultValue, String value, String meaning) {}
}
