package dev.ccbridge.receptor.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The Go types of what the API answers, checked as strictly as encoding/json does, and one thing
 * more: there is no member that the original does not have. Null is the zero value of every type.
 * Source: receptor/resources.go.
 */
final class GoShapes {
  /** A type. */
  @FunctionalInterface
  interface Shape {
    void require(JsonNode value, String place);

    default JsonNode check(JsonNode value, String place) {
      if (!value.isNull()) {
        require(value, place);
      }
      return value;
    }
  }

  static final Shape STRING = (value, place) -> unless(value.isTextual(), "a string", place, value);
  static final Shape BOOL = (value, place) -> unless(value.isBoolean(), "a bool", place, value);
  static final Shape INT = integer("-9223372036854775808", "9223372036854775807");
  static final Shape INT32 = integer("-2147483648", "2147483647");
  static final Shape UINT = integer("0", "18446744073709551615");
  static final Shape UINT16 = integer("0", "65535");
  static final Shape UINT32 = integer("0", "4294967295");
  static final Shape RAW = (value, place) -> {};

  private static final Shape ENV = list(object("name", STRING, "value", STRING));
  private static final Shape RULES =
      list(
          object(
              "protocol",
              STRING,
              "destinations",
              list(STRING),
              "ports",
              list(UINT16),
              "port_range",
              object("start", UINT16, "end", UINT16),
              "icmp_info",
              object("type", INT32, "code", INT32),
              "log",
              BOOL));
  private static final Shape TAG = object("epoch", STRING, "index", UINT);

  /** The July client refuses an action that has not exactly one member. */
  static final Shape ACTION = GoShapes::requireAction;

  private static final Map<String, Shape> ACTIONS =
      Map.of(
          "run",
          object(
              "path",
              STRING,
              "args",
              list(STRING),
              "dir",
              STRING,
              "env",
              ENV,
              "resource_limits",
              object("nofile", UINT),
              "user",
              STRING,
              "log_source",
              STRING),
          "download",
          object(
              "artifact",
              STRING,
              "from",
              STRING,
              "to",
              STRING,
              "cache_key",
              STRING,
              "log_source",
              STRING,
              "user",
              STRING),
          "upload",
          object(
              "artifact",
              STRING,
              "from",
              STRING,
              "to",
              STRING,
              "log_source",
              STRING,
              "user",
              STRING),
          "timeout",
          object("action", ACTION, "timeout", INT, "log_source", STRING),
          "emit_progress",
          object(
              "action",
              ACTION,
              "start_message",
              STRING,
              "success_message",
              STRING,
              "failure_message_prefix",
              STRING,
              "log_source",
              STRING),
          "try",
          object("action", ACTION, "log_source", STRING),
          "parallel",
          object("actions", list(ACTION), "log_source", STRING),
          "serial",
          object("actions", list(ACTION), "log_source", STRING),
          "codependent",
          object("actions", list(ACTION), "log_source", STRING));

  static final Shape TASK =
      object(
          "action",
          ACTION,
          "annotation",
          STRING,
          "completion_callback_url",
          STRING,
          "cpu_weight",
          UINT,
          "disk_mb",
          INT,
          "domain",
          STRING,
          "log_guid",
          STRING,
          "log_source",
          STRING,
          "metrics_guid",
          STRING,
          "memory_mb",
          INT,
          "result_file",
          STRING,
          "task_guid",
          STRING,
          "rootfs",
          STRING,
          "privileged",
          BOOL,
          "env",
          ENV,
          "cell_id",
          STRING,
          "created_at",
          INT,
          "failed",
          BOOL,
          "failure_reason",
          STRING,
          "result",
          STRING,
          "state",
          STRING,
          "egress_rules",
          RULES);

  static final Shape DESIRED_LRP =
      object(
          "process_guid",
          STRING,
          "domain",
          STRING,
          "rootfs",
          STRING,
          "instances",
          INT,
          "env",
          ENV,
          "setup",
          ACTION,
          "action",
          ACTION,
          "monitor",
          ACTION,
          "start_timeout",
          UINT,
          "disk_mb",
          INT,
          "memory_mb",
          INT,
          "cpu_weight",
          UINT,
          "privileged",
          BOOL,
          "ports",
          list(UINT16),
          "routes",
          RAW,
          "log_guid",
          STRING,
          "log_source",
          STRING,
          "metrics_guid",
          STRING,
          "annotation",
          STRING,
          "egress_rules",
          RULES,
          "modification_tag",
          TAG);

  static final Shape ACTUAL_LRP =
      object(
          "process_guid",
          STRING,
          "instance_guid",
          STRING,
          "cell_id",
          STRING,
          "domain",
          STRING,
          "index",
          INT,
          "address",
          STRING,
          "ports",
          list(object("container_port", UINT16, "host_port", UINT32)),
          "state",
          STRING,
          "crash_count",
          INT,
          "crash_reason",
          STRING,
          "placement_error",
          STRING,
          "since",
          INT,
          "evacuating",
          BOOL,
          "modification_tag",
          TAG);

  static final Shape CELL =
      object(
          "cell_id",
          STRING,
          "zone",
          STRING,
          "capacity",
          object("memory_mb", INT, "disk_mb", INT, "containers", INT),
          "rootfs_providers",
          RAW);

  static final Shape ERROR = object("name", STRING, "message", STRING);

  static final Shape VERSION =
      object(
          "cf_release",
          STRING,
          "cf_routing_release",
          STRING,
          "diego_release",
          STRING,
          "garden_linux_release",
          STRING,
          "lattice_release",
          STRING,
          "lattice_release_image",
          STRING,
          "ltc",
          STRING,
          "receptor",
          STRING);

  private static final Map<String, Shape> EVENTS =
      Map.of(
          "desired_lrp_created",
          object("desired_lrp", DESIRED_LRP),
          "desired_lrp_changed",
          object("desired_lrp_before", DESIRED_LRP, "desired_lrp_after", DESIRED_LRP),
          "desired_lrp_removed",
          object("desired_lrp", DESIRED_LRP),
          "actual_lrp_created",
          object("actual_lrp", ACTUAL_LRP),
          "actual_lrp_changed",
          object("actual_lrp_before", ACTUAL_LRP, "actual_lrp_after", ACTUAL_LRP),
          "actual_lrp_removed",
          object("actual_lrp", ACTUAL_LRP));

  private GoShapes() {}

  static Shape event(String name) {
    var shape = EVENTS.get(name);
    if (shape == null) {
      throw new AssertionError("unrecognized event type: " + name);
    }
    return shape;
  }

  static Shape list(Shape element) {
    return (value, place) -> {
      unless(value.isArray(), "an array", place, value);
      for (var i = 0; i < value.size(); i++) {
        element.check(value.get(i), place + "[" + i + "]");
      }
    };
  }

  private static Shape object(Object... members) {
    var shapes = new LinkedHashMap<String, Shape>();
    for (var i = 0; i < members.length; i += 2) {
      shapes.put((String) members[i], (Shape) members[i + 1]);
    }
    return (value, place) -> {
      unless(value.isObject(), "an object", place, value);
      value
          .properties()
          .forEach(
              member -> {
                var shape = shapes.get(member.getKey());
                var inside = place + "." + member.getKey();
                unless(shape != null, "a member of the original", inside, value);
                shape.check(member.getValue(), inside);
              });
    };
  }

  private static void requireAction(JsonNode value, String place) {
    unless(value.isObject() && value.size() == 1, "an object with one member", place, value);
    value
        .properties()
        .forEach(
            variant -> {
              var shape = ACTIONS.get(variant.getKey());
              unless(shape != null, "a known action", place, value);
              shape.check(variant.getValue(), place + "." + variant.getKey());
            });
  }

  private static Shape integer(String min, String max) {
    return (value, place) -> {
      var fits =
          value.isIntegralNumber()
              && value.bigIntegerValue().compareTo(new BigInteger(min)) >= 0
              && value.bigIntegerValue().compareTo(new BigInteger(max)) <= 0;
      unless(fits, "an integer from " + min + " to " + max, place, value);
    };
  }

  private static void unless(boolean fits, String wanted, String place, JsonNode value) {
    if (!fits) {
      throw new AssertionError(place + ": want " + wanted + ", got " + value);
    }
  }
}
