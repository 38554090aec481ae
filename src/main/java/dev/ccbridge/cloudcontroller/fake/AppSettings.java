package dev.ccbridge.cloudcontroller.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the user says about an app. Memory and disk in MB; texts are empty when not given; {@code
 * environment} in the order given, values as text; {@code routes}: host names with their domain.
 */
record AppSettings(
    String name,
    String stack,
    int memory,
    int diskQuota,
    int instances,
    String command,
    Map<String, String> environment,
    String buildpack,
    String dockerImage,
    List<String> routes,
    String healthCheckType,
    int healthCheckTimeout,
    boolean enableSsh) {
  private static final int DEFAULT_MB = 1024;
  private static final int DEFAULT_HEALTH_CHECK_TIMEOUT = 60;
  private static final int MAX_INSTANCES = 10_000;
  private static final Set<String> HEALTH_CHECKS = Set.of("port", "none");

  AppSettings {
    environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    routes = List.copyOf(routes);
  }

  static AppSettings defaults(String stack) {
    return new AppSettings(
        "",
        stack,
        DEFAULT_MB,
        DEFAULT_MB,
        1,
        "",
        Map.of(),
        "",
        "",
        List.of(),
        "port",
        DEFAULT_HEALTH_CHECK_TIMEOUT,
        true);
  }

  /**
   * With what {@code changes} names; members that are not known are ignored, null is the default.
   *
   * @throws CcError 400 naming the member
   */
  AppSettings with(JsonNode changes) {
    var changed =
        new AppSettings(
            text(changes, "name", name),
            text(changes, "stack", stack),
            number(changes, "memory", memory, 1, Integer.MAX_VALUE),
            number(changes, "disk_quota", diskQuota, 1, Integer.MAX_VALUE),
            number(changes, "instances", instances, 0, MAX_INSTANCES),
            text(changes, "command", command),
            environment(changes),
            text(changes, "buildpack", buildpack),
            text(changes, "docker_image", dockerImage),
            routes(changes),
            text(changes, "health_check_type", healthCheckType),
            number(changes, "health_check_timeout", healthCheckTimeout, 1, Integer.MAX_VALUE),
            flag(changes, "enable_ssh", enableSsh));
    return changed.checked();
  }

  private AppSettings checked() {
    if (name.isBlank()) {
      throw CcError.appInvalid("name: missing, wanted a text");
    }
    if (stack.isEmpty() || stack.contains("/")) {
      throw CcError.appInvalid("stack: was '" + stack + "', wanted the name of a stack");
    }
    if (!HEALTH_CHECKS.contains(healthCheckType)) {
      throw CcError.appInvalid(
          "health_check_type: was '" + healthCheckType + "', wanted port or none");
    }
    if (!buildpack.isEmpty() && !dockerImage.isEmpty()) {
      throw CcError.appInvalid("buildpack and docker_image: both given, wanted one");
    }
    return this;
  }

  boolean isDocker() {
    return !dockerImage.isEmpty();
  }

  /** As CC's API shows it. */
  void writeTo(ObjectNode entity) {
    entity
        .put("name", name)
        .put("stack", stack)
        .put("memory", memory)
        .put("disk_quota", diskQuota)
        .put("instances", instances)
        .put("command", orNull(command))
        .put("buildpack", orNull(buildpack))
        .put("docker_image", orNull(dockerImage))
        .put("health_check_type", healthCheckType)
        .put("health_check_timeout", healthCheckTimeout)
        .put("enable_ssh", enableSsh)
        .put("diego", true);
    routes.forEach(entity.putArray("routes")::add);
    environment.forEach(entity.putObject("environment_json")::put);
  }

  static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }

  private static String text(JsonNode changes, String member, String before) {
    var value = changes.get(member);
    if (value == null || value.isNull()) {
      return value == null || member.equals("stack") ? before : "";
    }
    if (!value.isTextual()) {
      throw CcError.appInvalid(member + ": wanted a text");
    }
    return value.textValue();
  }

  private static int number(JsonNode changes, String member, int before, int least, int most) {
    var value = changes.get(member);
    if (value == null || value.isNull()) {
      return before;
    }
    if (!value.canConvertToInt() || !value.isIntegralNumber()) {
      throw CcError.appInvalid(member + ": was " + value + ", wanted a whole number");
    }
    if (value.intValue() < least || value.intValue() > most) {
      throw CcError.appInvalid(
          member + ": was " + value + ", wanted from " + least + " to " + most);
    }
    return value.intValue();
  }

  private static boolean flag(JsonNode changes, String member, boolean before) {
    var value = changes.get(member);
    if (value == null || value.isNull()) {
      return before;
    }
    if (!value.isBoolean()) {
      throw CcError.appInvalid(member + ": was " + value + ", wanted true or false");
    }
    return value.booleanValue();
  }

  /** {@code environment}, or CC's name for it. Numbers and the like become JSON text. */
  private Map<String, String> environment(JsonNode changes) {
    var value = changes.has("environment") ? changes.get("environment") : null;
    value = value == null ? changes.get("environment_json") : value;
    if (value == null) {
      return environment;
    }
    if (!value.isObject() && !value.isNull()) {
      throw CcError.appInvalid("environment: wanted an object of names and values");
    }
    var variables = new LinkedHashMap<String, String>();
    for (var variable : value.properties()) {
      var content = variable.getValue();
      variables.put(
          variable.getKey(), content.isTextual() ? content.textValue() : content.toString());
    }
    return variables;
  }

  /** {@code routes}, or {@code hosts}. */
  private List<String> routes(JsonNode changes) {
    var value = changes.has("routes") ? changes.get("routes") : changes.get("hosts");
    if (value == null) {
      return routes;
    }
    if (!value.isArray()) {
      throw CcError.appInvalid("routes: wanted an array of host names");
    }
    var hosts = new ArrayList<String>();
    for (var host : value) {
      if (!host.isTextual() || host.textValue().isBlank()) {
        throw CcError.appInvalid("routes: an element is no host name");
      }
      hosts.add(host.textValue());
    }
    return hosts;
  }

  /** Only what names the app: the rest may hold credentials. */
  @Override
  public String toString() {
    return "AppSettings[" + name + "]";
  }
}
