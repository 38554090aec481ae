package dev.ccbridge.receptor.backend.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ccbridge.receptor.backend.process.ProcessBackendConfig.PortRange;
import dev.ccbridge.receptor.model.PortMapping;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostPortsTest {
  @Test
  void skipsPortsThatAreTakenHereOrByOthers() throws Exception {
    try (var other = new ServerSocket(0)) {
      int port = other.getLocalPort();
      var ports = new HostPorts(new PortRange(port, Math.min(port + 20, 65535)));

      var first = ports.reserve(List.of(8080, 2222));
      var second = ports.reserve(List.of(8080));

      assertThat(first).extracting(PortMapping::containerPort).containsExactly(8080, 2222);
      assertThat(List.of(first.get(0), first.get(1), second.get(0)))
          .extracting(PortMapping::hostPort)
          .doesNotHaveDuplicates()
          .doesNotContain(port);
    }
  }

  @Test
  void releasedPortsAreGivenAgainAndNoneIsKeptOnFailure() throws Exception {
    int free;
    try (var socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    var ports = new HostPorts(new PortRange(free, free));

    assertThatThrownBy(() -> ports.reserve(List.of(1, 2))).hasMessageContaining("no host port");
    var mapping = ports.reserve(List.of(1));
    ports.release(mapping);

    assertThat(ports.reserve(List.of(1))).isEqualTo(mapping);
  }
}
