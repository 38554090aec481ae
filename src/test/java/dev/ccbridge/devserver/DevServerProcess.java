package dev.ccbridge.devserver;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/** A server in a process of its own, to be killed. */
final class DevServerProcess {
  private DevServerProcess() {}

  public static void main(String[] arguments) throws Exception {
    var server =
        DevServer.start(
            new DevServerConfig(
                DevServerConfig.loopback(0), Path.of(arguments[0]), List.of(), Clock.systemUTC()));
    server.writeKubeconfig(Path.of(arguments[1]));
    System.out.println("ready");
    Thread.currentThread().join();
  }
}
