package dev.ccbridge.receptor.backend.process;

import dev.ccbridge.receptor.backend.process.ProcessBackendConfig.PortRange;
import dev.ccbridge.receptor.model.PortMapping;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The host ports of this cell. A port is given to one container at a time, and only when nobody
 * else on the machine listens on it. Thread-safe.
 */
final class HostPorts {
  private final PortRange range;
  private final Set<Integer> taken = new HashSet<>();
  private int next;

  HostPorts(PortRange range) {
    this.range = range;
    this.next = range.first();
  }

  /**
   * @throws IOException when no port is left
   */
  synchronized List<PortMapping> reserve(List<Integer> containerPorts) throws IOException {
    var mappings = new ArrayList<PortMapping>();
    try {
      for (var port : containerPorts) {
        mappings.add(new PortMapping(port, reserveOne()));
      }
    } catch (IOException e) {
      release(mappings);
      throw e;
    }
    return List.copyOf(mappings);
  }

  private int reserveOne() throws IOException {
    int size = range.last() - range.first() + 1;
    for (int tried = 0; tried < size; tried++) {
      // Going on from the last one, so that a port rests for as long as possible after its use.
      int port = next;
      next = port == range.last() ? range.first() : port + 1;
      if (!taken.contains(port) && isFree(port)) {
        taken.add(port);
        return port;
      }
    }
    throw new IOException("no host port is free in " + range.first() + "-" + range.last());
  }

  private static boolean isFree(int port) {
    try (var socket = new ServerSocket(port)) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  synchronized void release(List<PortMapping> mappings) {
    mappings.forEach(mapping -> taken.remove(mapping.hostPort()));
  }
}
