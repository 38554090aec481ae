package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Allows traffic out of a container. Protocols: {@code tcp}, {@code udp}, {@code icmp}, {@code
 * all}. Destinations: an IP, a CIDR or a range {@code a-b}. Source: receptor doc/lrps.md,
 * bbs/models/security_group.go.
 */
public record SecurityGroupRule(
    @JsonProperty("protocol") @JsonInclude(Include.NON_EMPTY) String protocol,
    @JsonProperty("destinations") @JsonInclude(Include.NON_EMPTY) List<String> destinations,
    @JsonProperty("ports")
        @JsonInclude(Include.NON_EMPTY)
        @JsonDeserialize(contentUsing = Unsigned.Bits32.class)
        List<Long> ports,
    @JsonProperty("port_range") @JsonInclude(Include.NON_NULL) @Nullable PortRange portRange,
    @JsonProperty("icmp_info") @JsonInclude(Include.NON_NULL) @Nullable IcmpInfo icmpInfo,
    @JsonProperty("log") boolean log) {
  public SecurityGroupRule {
    protocol = Wire.text(protocol);
    destinations = Wire.texts(destinations);
    ports = Wire.list(ports);
  }

  /** Both ends included. */
  public record PortRange(
      @JsonProperty("start") @JsonDeserialize(using = Unsigned.Bits32.class) long start,
      @JsonProperty("end") @JsonDeserialize(using = Unsigned.Bits32.class) long end) {}

  public record IcmpInfo(@JsonProperty("type") int type, @JsonProperty("code") int code) {}
}
