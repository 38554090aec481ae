package dev.ccbridge.operator;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The debug server of a process that has one, and where its rooms count in any case. */
final class Debugging implements AutoCloseable {
  private final @Nullable DebugServer server;
  private final MeterRegistry registry;

  private Debugging(@Nullable DebugServer server, MeterRegistry registry) {
    this.server = server;
    this.registry = registry;
  }

  /** Without an address nothing is counted, since nobody could see it. */
  static Debugging start(Optional<InetSocketAddress> address) {
    if (address.isEmpty()) {
      return new Debugging(null, new CompositeMeterRegistry());
    }
    var server = DebugServer.start(address.get());
    return new Debugging(server, server.registry());
  }

  MeterRegistry registry() {
    return registry;
  }

  /** From now on the process is ready whenever {@code part} lacks nothing. */
  void started(Lacking part) {
    if (server != null) {
      server.started(part);
    }
  }

  @Override
  public void close() {
    if (server != null) {
      server.close();
    }
  }
}
