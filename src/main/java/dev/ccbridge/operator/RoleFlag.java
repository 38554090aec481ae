package dev.ccbridge.operator;

import java.util.Optional;

/**
 * A flag of an original program.
 *
 * @param defaultValue as Go prints it; empty: none
 * @param setting what it sets; empty: it is taken and has no effect here
 */
record RoleFlag(
    String name, Type type, String defaultValue, String meaning, Optional<Setting> setting) {

  /** How Go reads a value. */
  enum Type {
    STRING("string"),
    BOOL(""),
    INT("int"),
    DURATION("duration"),
    /** {@code HOST:PORT}; without a host all of the machine's addresses, as in Go. */
    ADDRESS("string"),
    /** A URL of its own; what counts is the port, which all of the machine's addresses get. */
    OWN_URL("string"),
    /** May be given several times. */
    LIFECYCLE("value");

    private final String label;

    Type(String label) {
      this.label = label;
    }

    /** As in a usage text of Go; empty for what needs no value. */
    String label() {
      return label;
    }
  }

  static RoleFlag of(String name, Type type, String defaultValue, String meaning, Setting setting) {
    return new RoleFlag(name, type, defaultValue, meaning, Optional.of(setting));
  }

  static RoleFlag withoutEffect(String name, Type type, String defaultValue) {
    return new RoleFlag(name, type, defaultValue, "taken, without effect here", Optional.empty());
  }
}
