package dev.ccbridge.lifecycle;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The program {@code healthcheck}: passes if the app accepts a connection, or answers 200.
 *
 * <p>It runs often, and mostly it is the start of its JVM that costs. So it loads nothing beyond
 * the JDK's base, and the HTTP client only if asked for HTTP.
 *
 * <p>Source: healthcheck of August 2015. Differs from Diego: a machine with no IPv4 address besides
 * loopback (a laptop without network) is checked at 127.0.0.1.
 */
public final class Healthcheck {
  private static final int OK = 200;

  private final String uri;
  private final int port;
  private final Duration timeout;

  /**
   * @param uri path to get by HTTP; empty: a TCP connection is enough
   * @param timeout for each address; zero: as long as it takes
   */
  Healthcheck(String uri, int port, Duration timeout) {
    this.uri = uri;
    this.port = port;
    this.timeout = timeout;
  }

  /** Checks by the flags in {@code arguments}; ends the process with 0 if passed, otherwise 1. */
  public static void main(String[] arguments) {
    System.exit(run(List.of(arguments)));
  }

  static int run(List<String> arguments) {
    try {
      var passed = parse(arguments).passes(addresses());
      System.out.println(passed ? "healthcheck passed" : "healthcheck failed");
      return passed ? 0 : LifecycleException.FAILED;
    } catch (LifecycleException e) {
      System.err.println(e.message());
      return e.exitCode();
    } catch (SocketException e) {
      System.err.println("the addresses of this machine cannot be listed: " + e.getMessage());
      System.out.println("healthcheck failed");
      return LifecycleException.FAILED;
    }
  }

  private static Healthcheck parse(List<String> arguments) {
    var flags =
        new GoFlags(System.getProperty("ccbridge.program", "healthcheck"))
            .string("network", "tcp", "network to connect by: tcp or tcp4")
            .string("uri", "", "path to get by HTTP instead of only connecting")
            .string("port", "8080", "port of the app")
            .string("timeout", "1s", "how long to wait at each address")
            .parse(arguments);
    if (!List.of("tcp", "tcp4").contains(flags.value("network"))) {
      throw refused("network", flags, "want tcp or tcp4");
    }
    return new Healthcheck(flags.value("uri"), port(flags), timeout(flags));
  }

  private static int port(GoFlags flags) {
    try {
      var port = Integer.parseInt(flags.value("port"));
      if (port > 0 && port < 1 << 16) {
        return port;
      }
      throw refused("port", flags, "want 1 to 65535");
    } catch (NumberFormatException e) {
      throw refused("port", flags, "want 1 to 65535");
    }
  }

  private static Duration timeout(GoFlags flags) {
    try {
      return GoDuration.parse(flags.value("timeout"));
    } catch (IllegalArgumentException e) {
      throw new LifecycleException(
          LifecycleException.BAD_FLAG, "-timeout: " + String.valueOf(e.getMessage()), e);
    }
  }

  /** Exit code 1 as in Diego, where such a value is not a wrong flag but a check that fails. */
  private static LifecycleException refused(String flag, GoFlags flags, String wanted) {
    var problem = "invalid -" + flag + " \"" + flags.value(flag) + "\": " + wanted;
    return new LifecycleException(LifecycleException.FAILED, problem + "\nhealthcheck failed");
  }

  static List<InetAddress> addresses() throws SocketException {
    var addresses = new ArrayList<InetAddress>();
    for (var network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      for (var address : Collections.list(network.getInetAddresses())) {
        if (address instanceof Inet4Address && !address.isLoopbackAddress()) {
          addresses.add(address);
        }
      }
    }
    return orLoopback(addresses);
  }

  static List<InetAddress> orLoopback(List<InetAddress> addresses) {
    return addresses.isEmpty() ? List.of(InetAddress.ofLiteral("127.0.0.1")) : addresses;
  }

  /** Whether the app answers at one of {@code addresses}. */
  boolean passes(List<InetAddress> addresses) {
    for (var address : addresses) {
      if (uri.isEmpty() ? connects(address) : answers(address)) {
        return true;
      }
    }
    return false;
  }

  private boolean connects(InetAddress address) {
    if (timeout.isNegative()) {
      return false;
    }
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, port), timeoutMillis());
      return true;
    } catch (IOException e) {
      return false; // refused or too late: what this program is there to find out
    }
  }

  /** The limit is for the whole answer, so a server that drips bytes does not hold us up. */
  private boolean answers(InetAddress address) {
    var ok = new AtomicBoolean();
    var request = new Thread(() -> ok.set(status(address) == OK));
    request.setDaemon(true);
    request.start();
    try {
      request.join(timeoutMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return ok.get();
  }

  private int status(InetAddress address) {
    try {
      var url = URI.create("http://" + address.getHostAddress() + ":" + port + uri).toURL();
      if (!(url.openConnection() instanceof HttpURLConnection http)) {
        return -1;
      }
      http.setConnectTimeout(timeoutMillis());
      http.setReadTimeout(timeoutMillis());
      return http.getResponseCode();
    } catch (IOException | IllegalArgumentException e) {
      return -1; // no answer, or a path that cannot be asked for
    }
  }

  /** At least one, because zero means without limit. */
  private int timeoutMillis() {
    var millis = Math.min(timeout.toMillis(), Integer.MAX_VALUE);
    return timeout.isZero() ? 0 : (int) Math.max(millis, 1);
  }
}
