package dev.ccbridge.operator;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Everything that can be set, in one list: as environment variable {@code CC_BRIDGE_<NAME>}, or as
 * option {@code --<name>} of the command line, which wins.
 */
enum Setting {
  KUBECONFIG(
      "FILE",
      "Kubernetes to work with; default: the usual places (KUBECONFIG, ~/.kube/config, the service account)",
      ""),
  NAMESPACES("NAME[,NAME…]", "namespaces to watch; default: all", ""),
  DATA("DIR", "where state is kept; default: cc-bridge below XDG_STATE_HOME or ~/.local/state", ""),
  LISTEN_ADDRESS(
      "HOST:PORT",
      "where the file server and the completion callbacks are served; port 0: a free one, kept across restarts",
      "127.0.0.1:0"),
  PUBLIC_URL("URL", "how containers reach LISTEN_ADDRESS; default: http://LISTEN_ADDRESS", ""),
  STATIC(
      "DIR",
      "lifecycle archives, buildpacks and samples to serve; default: those of this program",
      ""),
  RECEPTOR_URL("URL", "a Receptor to use instead of the built-in one; may hold user:password", ""),
  RECEPTOR_ADDRESS(
      "HOST:PORT", "where the built-in Receptor is published as API v1; default: nowhere", ""),
  CELL_MEMORY_MB(
      "MB", "memory that containers may have together; default: what the machine has", ""),
  CELL_DISK_MB(
      "MB", "disk that containers may have together; default: what is free at the start", ""),
  CELL_ADDRESS("HOST", "where the ports of containers are reached", "127.0.0.1"),
  STACKS(
      "NAME[,NAME…]", "root filesystems that apps may ask for", "cflinuxfs4,cflinuxfs3,cflinuxfs2"),
  CC_BASE_URL(
      "URL", "Cloud Controller's internal API; the only place that gets the credentials", ""),
  CC_USERNAME("NAME", "user for Cloud Controller's internal API", ""),
  CC_PASSWORD("PASSWORD", "password for Cloud Controller's internal API", ""),
  LOG_LEVEL("LEVEL", "debug, info, warn or error", "info");

  static final String PREFIX = "CC_BRIDGE_";

  private final String form;
  private final String description;
  private final String defaultValue;

  Setting(String form, String description, String defaultValue) {
    this.form = form;
    this.description = description;
    this.defaultValue = defaultValue;
  }

  /** As environment variable. */
  String variable() {
    return PREFIX + name();
  }

  /** As option of the command line. */
  String option() {
    return "--" + name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What a value looks like. */
  String form() {
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
    return this == CC_PASSWORD || this == RECEPTOR_URL;
  }

  static Optional<Setting> ofVariable(String variable) {
    return Arrays.stream(values()).filter(s -> s.variable().equals(variable)).findFirst();
  }
}
