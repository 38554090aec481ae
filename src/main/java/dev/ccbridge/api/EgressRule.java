package dev.ccbridge.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Allows traffic out of the container. Diego's SecurityGroupRule. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_EMPTY)
@ValidationRule(
    value =
        "self.protocol in ['tcp', 'udp'] ? has(self.ports) != has(self.portRange) : !has(self.ports) && !has(self.portRange)",
    message = "tcp and udp need exactly one of ports and portRange, icmp and all neither")
@ValidationRule(
    value = "(self.protocol == 'icmp') == has(self.icmpInfo)",
    message = "icmpInfo is required for icmp and forbidden otherwise")
public record EgressRule(
    @JsonProperty("protocol")
        @JsonPropertyDescription("Protocol that is allowed: tcp, udp, icmp or all.")
        @Required
        Protocol protocol,
    @JsonProperty("destinations")
        @JsonPropertyDescription("Where to: an IP, a CIDR, or a range a-b.")
        @Required
        @Size(min = 1, max = 256)
        List<String> destinations,
    @JsonProperty("ports")
        @JsonPropertyDescription("Single ports; tcp and udp need either ports or portRange.")
        @Size(max = 256)
        @Nullable List<Integer> ports,
    @JsonProperty("portRange") @JsonPropertyDescription("A range of ports, both ends included.")
        @Nullable PortRange portRange,
    @JsonProperty("icmpInfo")
        @JsonPropertyDescription("Type and code of ICMP messages; required for icmp.")
        @Nullable IcmpInfo icmpInfo,
    @JsonProperty("log")
        @JsonPropertyDescription("Whether connections are logged; only for tcp and all.")
        @Default("false")
        @Nullable Boolean log) {

  /** Protocols of a rule. */
  public enum Protocol {
    @JsonProperty("tcp")
    TCP,
    @JsonProperty("udp")
    UDP,
    @JsonProperty("icmp")
    ICMP,
    @JsonProperty("all")
    ALL
  }

  /** A range of ports. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(Include.NON_EMPTY)
  @ValidationRule(value = "self.start <= self.end", message = "start must not be greater than end")
  public record PortRange(
      @JsonProperty("start") @JsonPropertyDescription("First port.") @Required @Min(1) @Max(65535)
          int start,
      @JsonProperty("end") @JsonPropertyDescription("Last port.") @Required @Min(1) @Max(65535)
          int end) {}

  /** Which ICMP messages. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(Include.NON_EMPTY)
  public record IcmpInfo(
      @JsonProperty("type") @JsonPropertyDescription("ICMP type, -1: any.") @Required int type,
      @JsonProperty("code") @JsonPropertyDescription("ICMP code, -1: any.") @Required int code) {}
}
