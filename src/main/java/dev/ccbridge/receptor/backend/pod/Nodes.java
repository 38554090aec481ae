package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.receptor.model.CellResponse;
import dev.ccbridge.receptor.model.CellResponse.Capacity;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Nodes as cells. Pure. */
final class Nodes {
  private static final String OS = "kubernetes.io/os";
  private static final String LINUX = "linux";
  private static final String ZONE = "topology.kubernetes.io/zone";
  private static final BigDecimal MB = BigDecimal.valueOf(1 << 20);

  private Nodes() {}

  /** Those that are there; on one that is cordoned Pods run on, until it is empty. */
  static List<CellResponse> cells(List<Node> nodes, Map<String, List<String>> providers) {
    return nodes.stream()
        .filter(Nodes::isReady)
        .map(node -> cell(node, providers))
        .sorted((one, other) -> one.cellId().compareTo(other.cellId()))
        .toList();
  }

  /** Names of those that are cordoned, as a drain begins. */
  static Set<String> cordoned(List<Node> nodes) {
    return nodes.stream()
        .filter(node -> Boolean.TRUE.equals(node.getSpec().getUnschedulable()))
        .map(node -> node.getMetadata().getName())
        .collect(Collectors.toSet());
  }

  private static boolean isReady(Node node) {
    return isLinux(node)
        && node.getStatus().getConditions().stream()
            .anyMatch(c -> "Ready".equals(c.getType()) && "True".equals(c.getStatus()));
  }

  /** One that does not say is one. */
  private static boolean isLinux(Node node) {
    var labels = node.getMetadata().getLabels();
    return labels == null || labels.getOrDefault(OS, LINUX).equals(LINUX);
  }

  private static CellResponse cell(Node node, Map<String, List<String>> providers) {
    var labels = node.getMetadata().getLabels();
    var zone = labels == null ? "" : labels.getOrDefault(ZONE, "");
    var room = node.getStatus().getAllocatable();
    var capacity =
        new Capacity(
            amount(room, "memory", MB),
            amount(room, "ephemeral-storage", MB),
            amount(room, "pods", BigDecimal.ONE));
    return new CellResponse(node.getMetadata().getName(), zone, capacity, providers);
  }

  private static int amount(Map<String, Quantity> room, String resource, BigDecimal unit) {
    var quantity = room.get(resource);
    if (quantity == null) {
      return 0;
    }
    var units = quantity.getNumericalAmount().divideToIntegralValue(unit);
    return units.min(BigDecimal.valueOf(Integer.MAX_VALUE)).intValue();
  }
}
