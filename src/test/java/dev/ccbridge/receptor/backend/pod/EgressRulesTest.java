package dev.ccbridge.receptor.backend.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ccbridge.receptor.model.SecurityGroupRule;
import dev.ccbridge.receptor.model.SecurityGroupRule.IcmpInfo;
import dev.ccbridge.receptor.model.SecurityGroupRule.PortRange;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EgressRulesTest {
  private static final PodBackendConfig CONFIG =
      PodBackendConfig.defaults("apps", "runtime:1", Map.of());

  private static SecurityGroupRule rule(
      String protocol, List<String> destinations, List<Long> ports, PortRange range, boolean log) {
    var icmp = protocol.equals("icmp") ? new IcmpInfo(0, 0) : null;
    return new SecurityGroupRule(protocol, destinations, ports, range, icmp, log);
  }

  private static SecurityGroupRule tcp(String destination, long... ports) {
    var all = java.util.Arrays.stream(ports).boxed().toList();
    return rule("tcp", List.of(destination), all, null, false);
  }

  /** An entry in short: {@code TCP 80-90,443 > 10.0.0.0/8}. */
  private static String shown(NetworkPolicyEgressRule entry) {
    var ports = entry.getPorts().stream().map(EgressRulesTest::shown);
    var blocks = entry.getTo().stream().map(peer -> peer.getIpBlock().getCidr());
    return ports.collect(Collectors.joining(",")) + " > " + blocks.collect(Collectors.joining(","));
  }

  private static String shown(NetworkPolicyPort port) {
    var end = port.getEndPort() == null ? "" : "-" + port.getEndPort();
    return port.getProtocol() + " " + port.getPort().getIntVal() + end;
  }

  private static List<String> allowed(SecurityGroupRule... rules) {
    return EgressRules.of(List.of(rules)).allowed().stream().map(EgressRulesTest::shown).toList();
  }

  private static List<String> lost(SecurityGroupRule... rules) {
    return EgressRules.of(List.of(rules)).notExpressed();
  }

  @Test
  void portsRangesAndProtocolsAreSaid() {
    var range = rule("udp", List.of("10.0.0.1"), List.of(), new PortRange(1, 65_535), false);
    var single = rule("udp", List.of("10.0.0.1"), List.of(), new PortRange(53, 53), false);
    var all = rule("all", List.of("0.0.0.0/0", "::/0"), List.of(), null, false);

    assertThat(allowed(tcp("10.0.0.0/8", 80, 443))).containsExactly("TCP 80,TCP 443 > 10.0.0.0/8");
    assertThat(allowed(range)).containsExactly("UDP 1-65535 > 10.0.0.1/32");
    assertThat(allowed(single)).containsExactly("UDP 53 > 10.0.0.1/32");
    assertThat(allowed(all)).containsExactly(" > 0.0.0.0/0,0:0:0:0:0:0:0:0/0");
    assertThat(lost(tcp("10.0.0.0/8", 80), range, single, all)).isEmpty();
  }

  @Test
  void whatNoPolicyCanSayAllowsNothingAndIsTold() {
    var icmp = rule("icmp", List.of("10.0.0.0/8", "11.0.0.1"), List.of(), null, false);
    var other = rule("sctp", List.of("10.0.0.1"), List.of(1L), null, false);

    assertThat(allowed(icmp, other)).isEmpty();
    assertThat(lost(icmp, other)).containsExactly("icmp to 10.0.0.0/8, 11.0.0.1", "protocol sctp");
  }

  @Test
  void logIsLostAndItsRuleIsNot() {
    var logged = rule("tcp", List.of("10.0.0.1"), List.of(80L), null, true);

    assertThat(allowed(logged)).containsExactly("TCP 80 > 10.0.0.1/32");
    assertThat(lost(logged)).containsExactly("log of tcp to 10.0.0.1");
  }

  @Test
  void portsThatAreNoneAllowNothing() {
    var beyond = rule("tcp", List.of("10.0.0.1"), List.of(), new PortRange(70_000, 80_000), false);
    var partly = rule("tcp", List.of("10.0.0.1"), List.of(), new PortRange(65_000, 80_000), false);
    var none = rule("tcp", List.of("10.0.0.1"), List.of(), null, false);

    assertThat(allowed(beyond, tcp("10.0.0.1", 0), none)).isEmpty();
    assertThat(lost(beyond, tcp("10.0.0.1", 0)))
        .containsExactly("tcp port 70000-80000", "tcp port 0");
    assertThat(allowed(partly)).containsExactly("TCP 65000-65535 > 10.0.0.1/32");
    assertThat(allowed(tcp("10.0.0.1", 0, 80))).containsExactly("TCP 80 > 10.0.0.1/32");
  }

  @Test
  void entryWithoutDestinationsWouldMeanAllOfThemSoThereIsNone() {
    var none = rule("all", List.of(), List.of(), null, false);
    var bad = rule("all", List.of("example.com"), List.of(), null, false);
    var half = rule("all", List.of("nonsense", "10.0.0.1"), List.of(), null, false);

    assertThat(allowed(none, bad)).isEmpty();
    assertThat(allowed(half)).containsExactly(" > 10.0.0.1/32");
    assertThat(lost(bad, half)).containsExactly("destination example.com", "destination nonsense");
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.1, 10.0.0.1/32",
    "10.1.2.3/8, 10.0.0.0/8",
    "0.0.0.0/0, 0.0.0.0/0",
    "10.0.0.0-10.0.0.255, 10.0.0.0/24",
    "10.0.0.5-10.0.0.5, 10.0.0.5/32",
    "10.0.0.1-10.0.0.4, 10.0.0.1/32 10.0.0.2/31 10.0.0.4/32",
    "0.0.0.0-255.255.255.255, 0.0.0.0/0",
    "255.255.255.254-255.255.255.255, 255.255.255.254/31",
    "10.0.0.255-10.0.1.0, 10.0.0.255/32 10.0.1.0/32",
    "fd00::1, fd00:0:0:0:0:0:0:1/128",
    "fd00::/8, fd00:0:0:0:0:0:0:0/8",
    "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, 0:0:0:0:0:0:0:0/0",
    "::ffff:0:0-::ffff:0:1, 0.0.0.0/31",
    "::1-::2, 0:0:0:0:0:0:0:1/128 0:0:0:0:0:0:0:2/128",
  })
  void destinationIsExactlyItsBlocks(String destination, String blocks) {
    assertThat(CidrBlocks.of(destination)).containsExactly(blocks.split(" "));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "example.com",
        "10.0.0",
        "10.0.0.1/33",
        "10.0.0.1/-1",
        "10.0.0.1/x",
        "10.0.0.1/",
        "::/129",
        "10.0.0.2-10.0.0.1",
        "10.0.0.1-::1",
        "10.0.0.1-",
        "fe80::1%eth0"
      })
  void whatIsNoDestinationIsRefused(String destination) {
    assertThatThrownBy(() -> CidrBlocks.of(destination))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void blocksOfARangeFollowOneAnotherFromItsFirstToItsLastAddress() throws Exception {
    var random = new Random(7);
    for (int round = 0; round < 2_000; round++) {
      long one = random.nextLong(1L << 32);
      long other = random.nextInt(4) == 0 ? one + random.nextInt(300) : random.nextLong(1L << 32);
      long first = Math.min(one, Math.min(other, 0xffffffffL));
      long last = Math.max(one, Math.min(other, 0xffffffffL));
      long next = first;
      for (var block : CidrBlocks.of(text(first) + "-" + text(last))) {
        var parts = block.split("/");
        assertThat(number(parts[0])).as(block).isEqualTo(next);
        next += 1L << (32 - Integer.parseInt(parts[1]));
      }
      assertThat(next).isEqualTo(last + 1);
    }
  }

  private static String text(long number) throws Exception {
    var bytes = new byte[4];
    for (int i = 0; i < 4; i++) {
      bytes[i] = (byte) (number >> (24 - 8 * i));
    }
    return InetAddress.getByAddress(bytes).getHostAddress();
  }

  private static long number(String address) {
    return new BigInteger(1, InetAddress.ofLiteral(address).getAddress()).longValue();
  }

  // Policies

  @Test
  void equalRulesHaveOnePolicyAndNoRulesNone() {
    var rules = List.of(tcp("10.0.0.1", 80));
    var key = EgressPolicies.key(rules, CONFIG).orElseThrow();

    assertThat(EgressPolicies.key(List.of(tcp("10.0.0.1", 80)), CONFIG)).contains(key);
    assertThat(EgressPolicies.key(List.of(tcp("10.0.0.1", 81)), CONFIG)).get().isNotEqualTo(key);
    assertThat(EgressPolicies.key(List.of(), CONFIG)).isEmpty();
    assertThat(key).matches("[a-z0-9]+");
    var elsewhere = CONFIG.withReachable(List.of(Reachable.parse("10.9.0.0/16")));
    assertThat(EgressPolicies.key(rules, elsewhere)).get().isNotEqualTo(key);
  }

  @Test
  void policyIsForThePodsOfItsRulesAndLetsThemAskForNamesAndReachUs() {
    var config =
        CONFIG.withReachable(
            List.of(Reachable.parse("ours?b=2&a=1"), Reachable.parse("10.9.0.0/16")));
    var rules = List.of(tcp("10.0.0.1", 80));
    var key = EgressPolicies.key(rules, config).orElseThrow();

    var policy = EgressPolicies.policy(rules, key, config);

    var spec = policy.getSpec();
    assertThat(spec.getPolicyTypes()).containsExactly("Egress");
    assertThat(spec.getPodSelector().getMatchLabels())
        .isEqualTo(Map.of("ccbridge.dev/cell", "cc-bridge", "ccbridge.dev/egress", key));
    var names = spec.getEgress().get(0);
    assertThat(names.getPorts())
        .extracting(EgressRulesTest::shown)
        .containsExactly("UDP 53", "TCP 53");
    var always = spec.getEgress().get(1);
    assertThat(always.getTo().get(0).getNamespaceSelector().getMatchLabels())
        .isEqualTo(Map.of("kubernetes.io/metadata.name", "ours"));
    assertThat(always.getTo().get(0).getPodSelector().getMatchLabels())
        .isEqualTo(Map.of("a", "1", "b", "2"));
    assertThat(always.getTo().get(1).getIpBlock().getCidr()).isEqualTo("10.9.0.0/16");
    assertThat(shown(spec.getEgress().get(2))).isEqualTo("TCP 80 > 10.0.0.1/32");
    assertThat(policy.getMetadata().getName()).isEqualTo("cc-bridge-egress-" + key);
  }

  @Test
  void orderOfLabelsChangesNoPolicy() {
    var one = CONFIG.withReachable(List.of(Reachable.parse("ours?a=1&b=2&c=3&d=4")));
    var other = CONFIG.withReachable(List.of(Reachable.parse("ours?d=4&c=3&b=2&a=1")));
    var rules = List.of(tcp("10.0.0.1", 80));

    assertThat(EgressPolicies.key(rules, one)).isEqualTo(EgressPolicies.key(rules, other));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Team_A", "a/b", "a?b", "a?=c", "10.0.0.0/33", "-a"})
  void whatIsNotReachableIsRefused(String text) {
    assertThatThrownBy(() -> Reachable.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
