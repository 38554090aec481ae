package dev.ccbridge.lifecycle;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * The program {@code diego-sshd}: gives the owner of one key a shell in the container, beside the
 * app. It runs codependently with the app, so it must not end because of anything that a client
 * does.
 *
 * <p>Source: diego-ssh cmd/sshd/main.go of August 2015.
 */
public final class Sshd {
  private Sshd() {}

  /**
   * Serves by the flags in {@code arguments} until the process is told to end; ends it with 2 for a
   * wrong flag, with 1 for a wrong value or an address that cannot be had.
   */
  public static void main(String[] arguments) throws InterruptedException {
    try {
      var server = SshDaemon.start(parse(List.of(arguments)));
      Runtime.getRuntime().addShutdownHook(new Thread(server::close));
      new CountDownLatch(1).await();
    } catch (LifecycleException e) {
      System.err.println(e.message());
      System.exit(e.exitCode());
    }
  }

  /**
   * @throws LifecycleException with the exit code for whoever called the program so
   */
  static SshConfig parse(List<String> arguments) {
    var flags =
        new GoFlags(System.getProperty("ccbridge.program", "diego-sshd"))
            .string("address", "127.0.0.1:2222", "listen address for ssh daemon")
            .string("hostKey", "", "PEM encoded RSA host key")
            .string("authorizedKey", "", "Public key in the OpenSSH authorized_keys format")
            .bool("allowUnauthenticatedClients", "Allow access to unauthenticated clients")
            .bool("inheritDaemonEnv", "Inherit daemon's environment")
            .string("logLevel", "info", "log level: taken, nothing is logged")
            .string("debugAddr", "", "address for debug requests: taken, without effect")
            .parse(arguments);
    var address = flags.value("address");
    var colon = address.lastIndexOf(':');
    if (colon < 0) {
      throw badAddress(address);
    }
    try {
      return new SshConfig(
          address.substring(0, colon).replaceAll("^\\[|]$", ""),
          port(address, address.substring(colon + 1)),
          SshKeys.host(flags.value("hostKey")),
          SshKeys.authorized(
              flags.value("authorizedKey"), flags.isSet("allowUnauthenticatedClients")),
          flags.isSet("allowUnauthenticatedClients"),
          flags.isSet("inheritDaemonEnv"));
    } catch (IOException e) {
      throw LifecycleException.because(LifecycleException.FAILED, "the keys cannot be read", e);
    }
  }

  private static int port(String address, String text) {
    try {
      var port = Integer.parseInt(text);
      if (port >= 0 && port < 1 << 16) {
        return port;
      }
      throw badAddress(address);
    } catch (NumberFormatException e) {
      throw badAddress(address);
    }
  }

  private static LifecycleException badAddress(String address) {
    return new LifecycleException(
        LifecycleException.FAILED,
        "invalid -address \"" + address + "\": want HOST:PORT with a port of 0 to 65535");
  }
}
