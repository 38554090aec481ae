package dev.ccbridge.receptor.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Checks one egress rule. Source: bbs/models/security_group.go Validate(). */
final class EgressRuleValidation {
  private static final String INVALID_IP = "Invalid field: destinations [ Invalid IP ]";

  private EgressRuleValidation() {}

  /** In the original's order: ports, icmp_info, log, destinations. */
  static List<String> problems(@Nullable SecurityGroupRule rule) {
    if (rule == null) {
      return List.of(Validation.invalidField("protocol"));
    }
    var problems = new ArrayList<String>();
    switch (rule.protocol()) {
      case "tcp" -> {
        requirePorts(rule, problems);
        forbid(rule.icmpInfo() != null, "icmp_info", problems);
      }
      case "udp" -> {
        requirePorts(rule, problems);
        forbid(rule.icmpInfo() != null, "icmp_info", problems);
        forbid(rule.log(), "log", problems);
      }
      case "icmp" -> {
        forbidPorts(rule, problems);
        forbid(rule.icmpInfo() == null, "icmp_info", problems);
        forbid(rule.log(), "log", problems);
      }
      case "all" -> {
        forbidPorts(rule, problems);
        forbid(rule.icmpInfo() != null, "icmp_info", problems);
      }
      default -> problems.add(Validation.invalidField("protocol"));
    }
    if (rule.destinations().isEmpty()) {
      problems.add("Invalid field: destinations [ Must have at least 1 destination ]");
    }
    rule.destinations().forEach(d -> problemOf(d).ifPresent(problems::add));
    return problems;
  }

  private static void forbid(boolean seen, String field, List<String> problems) {
    if (seen) {
      problems.add(Validation.invalidField(field));
    }
  }

  private static void forbidPorts(SecurityGroupRule rule, List<String> problems) {
    forbid(rule.portRange() != null, "port_range", problems);
    forbid(!rule.ports().isEmpty(), "ports", problems);
  }

  private static void requirePorts(SecurityGroupRule rule, List<String> problems) {
    var range = rule.portRange();
    if (range != null && !rule.ports().isEmpty()) {
      problems.add("Invalid: ports and port_range provided");
      return;
    }
    if (range != null) {
      forbid(range.start() < 1, "port_range", problems);
      forbid(range.end() < 1, "port_range", problems);
      forbid(range.start() > range.end(), "port_range", problems);
      return;
    }
    if (rule.ports().isEmpty()) {
      problems.add("Missing required field: ports or port_range");
    }
    rule.ports().forEach(port -> forbid(port < 1, "ports", problems));
  }

  private static Optional<String> problemOf(String destination) {
    for (var i = 0; i < destination.length(); i++) {
      switch (destination.charAt(i)) {
        case '/' -> {
          return isCidr(destination.substring(0, i), destination.substring(i + 1))
              ? Optional.empty()
              : Optional.of(
                  "Invalid field: destinations [ invalid CIDR address: " + destination + " ]");
        }
        case '-' -> {
          var first = IpAddress.parse(destination.substring(0, i));
          var last = IpAddress.parse(destination.substring(i + 1));
          var ordered =
              first.isPresent()
                  && last.isPresent()
                  && Arrays.compareUnsigned(first.get().bytes(), last.get().bytes()) <= 0;
          return ordered ? Optional.empty() : Optional.of(INVALID_IP);
        }
        default -> {
          // Part of the address.
        }
      }
    }
    return IpAddress.parse(destination).isPresent() ? Optional.empty() : Optional.of(INVALID_IP);
  }

  private static boolean isCidr(String address, String prefix) {
    var ip = IpAddress.parse(address);
    return ip.isPresent()
        && prefix.matches("\\d{1,3}")
        && Integer.parseInt(prefix) <= ip.get().bits();
  }
}
