package dev.ccbridge.router;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;

/**
 * What is announced, and where.
 *
 * @param nats servers, one of which is used at a time
 * @param username for NATS; empty: none is told
 * @param uris host names that the router shall send to {@code host}
 * @param host address of this machine as the router reaches it
 * @param interval between two announcements; the router forgets what it has not heard of for long
 * @param retry pause before the next attempt to connect
 */
public record RegistrationConfig(
    List<InetSocketAddress> nats,
    String username,
    String password,
    List<String> uris,
    String host,
    int port,
    Duration interval,
    Duration retry) {
  private static final Duration INTERVAL = Duration.ofSeconds(20);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final int DEFAULT_PORT = 4222;

  public RegistrationConfig {
    nats = List.copyOf(nats);
    uris = List.copyOf(uris);
    if (nats.isEmpty() || uris.isEmpty()) {
      throw new CcBridgeException(
          ErrorKind.INVALID_REQUEST, "a registration needs a NATS server and a host name");
    }
  }

  /**
   * @param nats {@code host[:port]}, also with {@code nats://} in front
   * @param listening what is announced; for all addresses of the machine the one that others see
   * @throws CcBridgeException INVALID_REQUEST with the server that is none
   */
  public static RegistrationConfig of(
      List<String> nats,
      String username,
      String password,
      List<String> uris,
      InetSocketAddress listening) {
    return new RegistrationConfig(
        nats.stream().map(RegistrationConfig::server).toList(),
        username,
        password,
        uris,
        hostOf(listening.getAddress()),
        listening.getPort(),
        INTERVAL,
        RETRY);
  }

  private static InetSocketAddress server(String text) {
    var address = text.startsWith("nats://") ? text.substring("nats://".length()) : text;
    var colon = address.lastIndexOf(':');
    try {
      var port = colon < 0 ? DEFAULT_PORT : Integer.parseInt(address.substring(colon + 1));
      var host = colon < 0 ? address : address.substring(0, colon);
      if (!host.isEmpty()) {
        // Looked up anew at each attempt.
        return InetSocketAddress.createUnresolved(host, port);
      }
    } catch (IllegalArgumentException notAPort) {
      throw notAServer(text);
    }
    throw notAServer(text);
  }

  private static CcBridgeException notAServer(String text) {
    return new CcBridgeException(
        ErrorKind.INVALID_REQUEST, "no NATS server: " + text + "; expected HOST:PORT");
  }

  /** The address of the interface that leads out; connecting a datagram socket sends nothing. */
  private static String hostOf(InetAddress listening) {
    if (!listening.isAnyLocalAddress()) {
      return listening.getHostAddress();
    }
    try (var socket = new DatagramSocket()) {
      socket.connect(Inet4Address.ofLiteral("192.0.2.1"), 9);
      return socket.getLocalAddress().getHostAddress();
    } catch (SocketException | UncheckedIOException noNetwork) {
      return InetAddress.getLoopbackAddress().getHostAddress();
    }
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "RegistrationConfig[" + nats + ", " + uris + ", " + host + ":" + port + "]";
  }
}
