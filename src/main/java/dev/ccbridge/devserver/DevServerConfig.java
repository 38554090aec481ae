package dev.ccbridge.devserver;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to run a {@link DevServer}.
 *
 * @param address where to listen; port 0 takes any free one
 * @param dataFile where objects are kept over restarts; null keeps them in memory only
 * @param definitions CRDs to serve from the start, each as YAML or JSON text; documents separated
 *     by {@code ---} are allowed
 * @param clock for all times that clients see
 */
public record DevServerConfig(
    InetSocketAddress address, @Nullable Path dataFile, List<String> definitions, Clock clock) {
  public DevServerConfig {
    definitions = List.copyOf(definitions);
  }

  /** On a free loopback port, in memory. */
  public static DevServerConfig inMemory(List<String> definitions) {
    return new DevServerConfig(loopback(0), null, definitions, Clock.systemUTC());
  }

  /** A port that only programs of this machine reach. */
  public static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }
}
