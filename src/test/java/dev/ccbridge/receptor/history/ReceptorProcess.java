package dev.ccbridge.receptor.history;

import dev.ccbridge.receptor.backend.process.Isolation;
import dev.ccbridge.receptor.backend.process.ProcessBackend;
import dev.ccbridge.receptor.backend.process.ProcessBackendConfig;
import dev.ccbridge.receptor.server.ReceptorServer;
import dev.ccbridge.receptor.server.ReceptorServerConfig;
import dev.ccbridge.receptor.store.ReceptorStore;
import dev.ccbridge.receptor.store.ReceptorStoreConfig;
import dev.ccbridge.receptor.store.Records;
import dev.ccbridge.web.HttpService;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/** Store, server and process backend in a process of their own, to be killed. */
final class ReceptorProcess {
  static final String READY = "port ";

  private ReceptorProcess() {}

  /**
   * Waits for a byte on standard input before it opens anything, so that the next process can be
   * warm when this one is killed. Argument: the data directory.
   */
  public static void main(String[] args) throws Exception {
    var data = Path.of(args[0]);
    var backendConfig =
        ProcessBackendConfig.defaults(data.resolve("cell")).withIsolation(Isolation.PATH_REWRITING);
    Class.forName(ReceptorStore.class.getName());
    Class.forName(ReceptorServer.class.getName());
    if (System.in.read() < 0) {
      return;
    }
    var backend = new ProcessBackend(backendConfig);
    var store =
        new ReceptorStore(
            hasty(), Records.inFile(data.resolve("receptor.mv")), backend, Clock.systemUTC());
    store.start();
    var service =
        HttpService.start(
            new InetSocketAddress("127.0.0.1", 0),
            new ReceptorServer(ReceptorServerConfig.defaults(), store));
    Runtime.getRuntime().addShutdownHook(new Thread(store::close));
    System.out.println(READY + service.uri().getPort());
    Thread.currentThread().join();
  }

  /** Rounds of convergence all the time, and outcomes that are kept until they are asked for. */
  private static ReceptorStoreConfig hasty() {
    return new ReceptorStoreConfig(
        Duration.ofMillis(200),
        Duration.ofMinutes(30),
        Duration.ofHours(1),
        Duration.ofMinutes(10),
        Duration.ofMillis(100),
        4,
        Duration.ofSeconds(10));
  }
}
