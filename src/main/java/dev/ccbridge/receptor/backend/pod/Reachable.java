package dev.ccbridge.receptor.backend.pod;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** What Pods reach whatever their egress rules say: in Diego cells do, outside of containers. */
public sealed interface Reachable {

  /**
   * @param cidr a block of addresses
   */
  record Block(String cidr) implements Reachable {}

  /**
   * @param labels of the Pods; empty: all of the namespace
   */
  record Pods(String namespace, Map<String, String> labels) implements Reachable {
    public Pods {
      // In an order of their own: a policy is named by what it says.
      labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    }
  }

  /**
   * Reads {@code 10.0.0.0/8}, {@code 10.1.2.3}, {@code namespace} or {@code
   * namespace?label=value&label=value}.
   *
   * @throws IllegalArgumentException when it is none of these
   */
  static Reachable parse(String text) {
    if (text.matches("[0-9a-fA-F.:]*[.:][0-9a-fA-F.:]*(/[0-9]+)?")) {
      return new Block(CidrBlocks.of(text).getFirst());
    }
    var parts = text.split("[?&]");
    if (!parts[0].matches("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")) {
      throw new IllegalArgumentException(
          "want an address, a block, or namespace?label=value&label=value");
    }
    var labels = new LinkedHashMap<String, String>();
    for (int i = 1; i < parts.length; i++) {
      int equals = parts[i].indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException("want label=value after ?");
      }
      labels.put(parts[i].substring(0, equals), parts[i].substring(equals + 1));
    }
    return new Pods(parts[0], labels);
  }
}
