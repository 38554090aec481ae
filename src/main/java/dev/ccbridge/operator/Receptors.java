package dev.ccbridge.operator;

import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.backend.process.ProcessBackend;
import dev.ccbridge.receptor.backend.process.ProcessBackendConfig;
import dev.ccbridge.receptor.client.ReceptorClient;
import dev.ccbridge.receptor.client.ReceptorClientConfig;
import dev.ccbridge.receptor.model.CellResponse.Capacity;
import dev.ccbridge.receptor.store.ReceptorStore;
import dev.ccbridge.receptor.store.ReceptorStoreConfig;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * The Receptor that the settings ask for: a remote one, or the built-in one with local processes.
 */
final class Receptors {
  private static final int MB = 1 << 20;
  private static final int MAX_CONTAINERS = 256;

  /**
   * An outcome that the stager could not store yet must not be lost: the original's two minutes are
   * short for that.
   */
  private static final Duration EXPIRE_COMPLETED = Duration.ofDays(7);

  private Receptors() {}

  static Receptor start(OperatorConfig config, DataDirectory data, Clock clock) {
    if (config.receptorUrl().isPresent()) {
      return new ReceptorClient(ReceptorClientConfig.of(config.receptorUrl().get()));
    }
    var defaults = ProcessBackendConfig.defaults(data.resolve("cell").toAbsolutePath());
    var capacity =
        new Capacity(
            config.cellMemoryMb().orElseGet(Receptors::machineMemoryMb),
            config.cellDiskMb().orElseGet(() -> freeDiskMb(data)),
            MAX_CONTAINERS);
    var backend =
        new ProcessBackend(
            new ProcessBackendConfig(
                defaults.dataDirectory(),
                defaults.cellId(),
                defaults.zone(),
                capacity,
                config.stacks(),
                config.cellAddress(),
                defaults.ports(),
                defaults.cacheBytes(),
                defaults.allowLoopback(),
                Optional.empty(),
                defaults.timing()));
    var store =
        new ReceptorStore(
            ReceptorStoreConfig.defaults(data.resolve("receptor.mv"))
                .withExpireCompleted(EXPIRE_COMPLETED),
            backend,
            clock);
    store.start();
    return store;
  }

  private static int machineMemoryMb() {
    var machine =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return (int) Math.min(Integer.MAX_VALUE, machine.getTotalMemorySize() / MB);
  }

  private static int freeDiskMb(DataDirectory data) {
    return (int) Math.min(Integer.MAX_VALUE, data.resolve(".").toFile().getUsableSpace() / MB);
  }
}
