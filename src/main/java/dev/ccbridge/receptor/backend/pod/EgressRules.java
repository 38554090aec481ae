package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.receptor.model.SecurityGroupRule;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeerBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPortBuilder;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Egress rules as a NetworkPolicy can say them. Pure.
 *
 * @param allowed what may leave; an entry without destinations would mean all of them, so there is
 *     none
 * @param notExpressed what is lost, in words for people; a rule that is lost allows nothing
 */
record EgressRules(List<NetworkPolicyEgressRule> allowed, List<String> notExpressed) {
  private static final long MAX_PORT = 65_535;

  static EgressRules of(List<SecurityGroupRule> rules) {
    var allowed = new LinkedHashSet<NetworkPolicyEgressRule>();
    var lost = new LinkedHashSet<String>();
    rules.forEach(rule -> translate(rule, allowed, lost));
    return new EgressRules(List.copyOf(allowed), List.copyOf(lost));
  }

  private static void translate(
      SecurityGroupRule rule, Set<NetworkPolicyEgressRule> allowed, Set<String> lost) {
    switch (rule.protocol()) {
      case "tcp", "udp" -> {
        var ports = ports(rule, lost);
        if (!ports.isEmpty()) {
          allow(rule, ports, allowed, lost);
        }
      }
      case "all" -> allow(rule, List.of(), allowed, lost);
      case "icmp" -> lost.add("icmp to " + String.join(", ", rule.destinations()));
      default -> lost.add("protocol " + rule.protocol());
    }
    if (rule.log()) {
      lost.add("log of " + rule.protocol() + " to " + String.join(", ", rule.destinations()));
    }
  }

  /**
   * @param ports empty: every protocol and port
   */
  private static void allow(
      SecurityGroupRule rule,
      List<NetworkPolicyPort> ports,
      Set<NetworkPolicyEgressRule> allowed,
      Set<String> lost) {
    var peers = new ArrayList<NetworkPolicyPeer>();
    for (var destination : rule.destinations()) {
      try {
        CidrBlocks.of(destination).stream().map(EgressRules::peer).forEach(peers::add);
      } catch (IllegalArgumentException e) {
        lost.add("destination " + destination);
      }
    }
    if (!peers.isEmpty()) {
      allowed.add(new NetworkPolicyEgressRuleBuilder().withTo(peers).withPorts(ports).build());
    }
  }

  private static NetworkPolicyPeer peer(String block) {
    return new NetworkPolicyPeerBuilder().withNewIpBlock().withCidr(block).endIpBlock().build();
  }

  private static List<NetworkPolicyPort> ports(SecurityGroupRule rule, Set<String> lost) {
    var ports = new ArrayList<NetworkPolicyPort>();
    var range = rule.portRange();
    if (range != null) {
      ports(rule.protocol(), range.start(), range.end(), ports, lost);
    }
    rule.ports().forEach(port -> ports(rule.protocol(), port, port, ports, lost));
    return ports;
  }

  /** Both ends included; what lies beyond the last port there is allows nothing. */
  private static void ports(
      String protocol, long start, long end, List<NetworkPolicyPort> ports, Set<String> lost) {
    long last = Math.min(end, MAX_PORT);
    if (start < 1 || start > last) {
      lost.add(protocol + " port " + (start == end ? "" + start : start + "-" + end));
      return;
    }
    var port =
        new NetworkPolicyPortBuilder()
            .withProtocol(protocol.toUpperCase(Locale.ROOT))
            .withPort(new IntOrString((int) start));
    ports.add(start == last ? port.build() : port.withEndPort((int) last).build());
  }
}
