package dev.ccbridge.lifecycle;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.SocketException;
import java.net.URI;
import java.util.List;

/**
 * The program {@code healthcheck} of the Windows lifecycle: an answer by HTTP is what counts. All
 * flags are ignored.
 *
 * <p>Source: windows_app_lifecycle @099e5e1 Healthcheck/Program.cs.
 */
public final class WindowsHealthcheck {
  private static final int TIMEOUT_MILLIS = 1_000;

  private WindowsHealthcheck() {}

  /** Checks the port in {@code PORT}; ends the process with 0 if passed, otherwise 1. */
  public static void main(String[] arguments) {
    System.exit(run(System.getenv().getOrDefault("PORT", "")));
  }

  static int run(String port) {
    if (port.isEmpty()) {
      System.err.println("PORT is not defined");
      return LifecycleException.FAILED;
    }
    try {
      var passed = passes(Healthcheck.addresses(), port);
      System.out.println(passed ? "healthcheck passed" : "healthcheck failed");
      return passed ? 0 : LifecycleException.FAILED;
    } catch (SocketException e) {
      System.err.println("the addresses of this machine cannot be listed: " + e.getMessage());
      return LifecycleException.FAILED;
    }
  }

  static boolean passes(List<InetAddress> addresses, String port) {
    return addresses.stream().anyMatch(address -> answers(address, port));
  }

  private static boolean answers(InetAddress address, String port) {
    try {
      var url = URI.create("http://" + address.getHostAddress() + ":" + port).toURL();
      if (!(url.openConnection() instanceof HttpURLConnection http)) {
        return false;
      }
      http.setConnectTimeout(TIMEOUT_MILLIS);
      http.setReadTimeout(TIMEOUT_MILLIS);
      return http.getResponseCode() / 100 == 2;
    } catch (IOException | IllegalArgumentException e) {
      return false; // what this program is there to find out
    }
  }
}
