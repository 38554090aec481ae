package dev.ccbridge.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Of the messages that the original takes, those that a resource has no room for. */
final class SchemaLimits {
  private static final int MAX_LIST = 1000;
  private static final int MAX_RULE_LIST = 256;
  private static final int MAX_PORT = 65535;

  /** In code points. */
  private static final Map<String, Integer> TEXTS =
      Map.of(
          "process_guid", 253,
          "stack", 128,
          "start_command", 8192,
          "execution_metadata", 16384,
          "docker_image", 1024,
          "log_guid", 253);

  private SchemaLimits() {}

  /**
   * @param message the desire request
   * @param running whether it only updates: then what it cannot change does not matter
   */
  static boolean isBeyondLRP(JsonNode message, boolean running) {
    var docker = !message.path("docker_image").asText().isEmpty();
    return isLonger(message.path("etag"), 1024)
        || message.path("routes").size() > MAX_LIST
        || message.path("routes").valueStream().anyMatch(name -> isNoHostname(name))
        || running && docker && isLonger(message, "execution_metadata")
        || !running
            && (TEXTS.keySet().stream().anyMatch(name -> isLonger(message, name))
                || !docker && message.path("stack").asText("").isEmpty()
                || message.path("environment").size() > MAX_LIST
                || message.path("egress_rules").size() > MAX_LIST
                || message.path("egress_rules").valueStream().anyMatch(rule -> isOdd(rule)));
  }

  /**
   * @param message the staging request
   */
  static boolean isBeyondStaging(JsonNode message) {
    var data = message.path("lifecycle_data");
    var docker = message.path("lifecycle").asText().equals("docker");
    return List.of("memory_mb", "disk_mb").stream()
            .map(message::path)
            .anyMatch(number -> number.asLong() < 0 || number.asLong() > Integer.MAX_VALUE)
        || message.path("timeout").asLong() > Integer.MAX_VALUE
        || isLonger(message.path("app_id"), 253)
        || isLonger(message.path("log_guid"), 253)
        || !docker && isLonger(data.path("stack"), 128)
        || !docker && data.path("stack").asText("").isEmpty()
        || isLonger(data.path("docker_image"), 1024)
        || data.path("buildpacks").size() > 64
        || data.path("buildpacks").valueStream().anyMatch(one -> isNoName(one.path("name")))
        || message.path("environment").size() > MAX_LIST
        || message.path("egress_rules").size() > MAX_LIST
        || message.path("egress_rules").valueStream().anyMatch(rule -> isOdd(rule));
  }

  private static boolean isNoName(JsonNode name) {
    return name.asText("").isEmpty() || isLonger(name, 253);
  }

  private static boolean isNoHostname(JsonNode name) {
    return isLonger(name, 253) || name.isNull() || name.asText().isEmpty();
  }

  private static boolean isLonger(JsonNode message, String name) {
    return isLonger(message.path(name), TEXTS.get(name));
  }

  private static boolean isLonger(JsonNode text, int most) {
    return text.isTextual() && text.asText().codePointCount(0, text.asText().length()) > most;
  }

  private static boolean isOdd(JsonNode rule) {
    var ports = rule.path("ports");
    var range = rule.path("port_range");
    var withPorts = !ports.isEmpty();
    var withRange = range.isObject();
    var protocol = rule.path("protocol").asText();
    var destinations = rule.path("destinations").size();
    return !Set.of("tcp", "udp", "icmp", "all").contains(protocol)
        || (Set.of("tcp", "udp").contains(protocol)
            ? withPorts == withRange
            : withPorts || withRange)
        || protocol.equals("icmp") != rule.path("icmp_info").isObject()
        || destinations == 0
        || destinations > MAX_RULE_LIST
        || ports.size() > MAX_RULE_LIST
        || ports.valueStream().anyMatch(port -> isNoPort(port))
        || withRange
            && (isNoPort(range.path("start"))
                || isNoPort(range.path("end"))
                || range.path("start").asInt() > range.path("end").asInt());
  }

  private static boolean isNoPort(JsonNode port) {
    return port.asLong() < 1 || port.asLong() > MAX_PORT;
  }
}
