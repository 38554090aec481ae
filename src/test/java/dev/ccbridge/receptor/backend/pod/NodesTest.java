package dev.ccbridge.receptor.backend.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.receptor.model.CellResponse;
import dev.ccbridge.receptor.model.CellResponse.Capacity;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NodesTest {
  private static Node node(String name, String labels, String spec, String ready) {
    return Serialization.unmarshal(
        """
        apiVersion: v1
        kind: Node
        metadata: {name: %s, labels: {%s}}
        spec: {%s}
        status:
          conditions: [{type: Ready, status: "%s"}]
          allocatable: {memory: 2Gi, ephemeral-storage: 3Gi, pods: "110"}
        """
            .formatted(name, labels, spec, ready),
        Node.class);
  }

  @Test
  void linuxNodesThatAreThereAreCells() {
    var cells =
        Nodes.cells(
            List.of(
                node("b", "kubernetes.io/os: linux, topology.kubernetes.io/zone: z1", "", "True"),
                node("a", "", "", "True"),
                node("windows", "kubernetes.io/os: windows", "", "True"),
                node("cordoned", "kubernetes.io/os: linux", "unschedulable: true", "True"),
                node("away", "kubernetes.io/os: linux", "", "Unknown")),
            Map.of());

    assertThat(cells).extracting(CellResponse::cellId).containsExactly("a", "b", "cordoned");
    assertThat(cells.get(1).zone()).isEqualTo("z1");
    assertThat(cells.get(1).capacity()).isEqualTo(new Capacity(2048, 3072, 110));
  }

  @Test
  void cordonedNodesAreToBeEmptied() {
    assertThat(
            Nodes.cordoned(
                List.of(node("a", "", "", "True"), node("b", "", "unschedulable: true", "True"))))
        .containsExactly("b");
  }
}
