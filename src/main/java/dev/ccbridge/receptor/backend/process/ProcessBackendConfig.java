package dev.ccbridge.receptor.backend.process;

import dev.ccbridge.executor.ArchiveLimits;
import dev.ccbridge.executor.ExecutorConfig;
import dev.ccbridge.receptor.model.CellResponse.Capacity;
import dev.ccbridge.registry.RegistryConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Settings of the process backend.
 *
 * @param dataDirectory absolute; belongs to one backend at a time
 * @param capacity MB of memory and of disk, and containers, that may be placed
 * @param rootfsNames the {@code preloaded:} root file systems said to be offered; none: any
 * @param address under which LRP instances are reached
 * @param ports host ports for LRP instances
 * @param cacheBytes the most that the cache of downloads keeps
 * @param allowLoopback whether actions may reach this machine's own addresses, as they must when
 *     the file server is on it
 * @param maxProcesses of one container, threads included
 * @param isolation empty: the strongest that works here
 * @param images where images that are root file systems come from, and how much is kept of them
 */
public record ProcessBackendConfig(
    Path dataDirectory,
    String cellId,
    String zone,
    Capacity capacity,
    List<String> rootfsNames,
    String address,
    PortRange ports,
    long cacheBytes,
    boolean allowLoopback,
    int maxProcesses,
    Optional<Isolation> isolation,
    Timing timing,
    Images images) {

  /** What a fork bomb may grow to, and more than apps need. */
  private static final int DEFAULT_MAX_PROCESSES = 1024;

  /**
   * @param cacheBytes the most that is kept of layers and of unpacked images together
   */
  public record Images(RegistryConfig registries, long cacheBytes) {
    public static final Images DEFAULT = new Images(RegistryConfig.defaults(), 20_000_000_000L);
  }

  /** Both ends are included. */
  public record PortRange(int first, int last) {
    public PortRange {
      if (first < 1 || last > 65535 || first > last) {
        throw new IllegalArgumentException(
            "port range is " + first + "-" + last + ", wanted first <= last within 1-65535");
      }
    }
  }

  /**
   * Paces, to be shortened in tests.
   *
   * @param unhealthyInterval between health checks until the first that passes
   * @param healthyInterval between health checks from then on
   * @param stopGrace from SIGTERM to SIGKILL
   * @param retryPause before the second attempt of a download or upload
   */
  public record Timing(
      Duration unhealthyInterval,
      Duration healthyInterval,
      Duration stopGrace,
      Duration retryPause) {

    /** As in Diego. */
    public static final Timing DEFAULT =
        new Timing(
            Duration.ofMillis(500),
            Duration.ofSeconds(30),
            Duration.ofSeconds(10),
            Duration.ofMillis(500));
  }

  public ProcessBackendConfig {
    rootfsNames = List.copyOf(rootfsNames);
    if (!dataDirectory.isAbsolute()) {
      throw new IllegalArgumentException(
          "dataDirectory is " + dataDirectory + ", wanted an absolute path");
    }
    if (maxProcesses < 1) {
      throw new IllegalArgumentException(
          "maxProcesses is " + maxProcesses + ", wanted at least one");
    }
  }

  /**
   * One cell on this machine for trying: reached at 127.0.0.1, with its own addresses allowed as
   * the file server is among them.
   */
  public static ProcessBackendConfig defaults(Path dataDirectory) {
    return new ProcessBackendConfig(
        dataDirectory,
        "local",
        "z1",
        new Capacity(16_384, 65_536, 256),
        List.of("cflinuxfs4", "cflinuxfs3", "cflinuxfs2"),
        "127.0.0.1",
        new PortRange(61_001, 65_000),
        10_000_000_000L,
        true,
        DEFAULT_MAX_PROCESSES,
        Optional.empty(),
        Timing.DEFAULT,
        Images.DEFAULT);
  }

  public ProcessBackendConfig withCapacity(Capacity other) {
    return with(draft -> draft.capacity = other);
  }

  public ProcessBackendConfig withRootfsNames(List<String> other) {
    return with(draft -> draft.rootfsNames = other);
  }

  public ProcessBackendConfig withAddress(String other) {
    return with(draft -> draft.address = other);
  }

  public ProcessBackendConfig withMaxProcesses(int other) {
    return with(draft -> draft.maxProcesses = other);
  }

  public ProcessBackendConfig withIsolation(Isolation other) {
    return with(draft -> draft.isolation = Optional.of(other));
  }

  public ProcessBackendConfig withTiming(Timing other) {
    return with(draft -> draft.timing = other);
  }

  private ProcessBackendConfig with(Consumer<Draft> change) {
    var draft = new Draft(this);
    change.accept(draft);
    return draft.finish();
  }

  /** What differs from other settings. Used by one thread. */
  private static final class Draft {
    private final ProcessBackendConfig before;
    private Capacity capacity;
    private List<String> rootfsNames;
    private String address;
    private int maxProcesses;
    private Optional<Isolation> isolation;
    private Timing timing;

    Draft(ProcessBackendConfig before) {
      this.before = before;
      this.capacity = before.capacity;
      this.rootfsNames = before.rootfsNames;
      this.address = before.address;
      this.maxProcesses = before.maxProcesses;
      this.isolation = before.isolation;
      this.timing = before.timing;
    }

    ProcessBackendConfig finish() {
      return new ProcessBackendConfig(
          before.dataDirectory,
          before.cellId,
          before.zone,
          capacity,
          rootfsNames,
          address,
          before.ports,
          before.cacheBytes,
          before.allowLoopback,
          maxProcesses,
          isolation,
          timing,
          before.images);
    }
  }

  ExecutorConfig executor() {
    return new ExecutorConfig(
        dataDirectory.resolve("downloads"),
        cacheBytes,
        allowLoopback,
        timing.stopGrace(),
        Duration.ofMinutes(1),
        timing.retryPause(),
        Duration.ZERO,
        Duration.ofSeconds(30),
        ArchiveLimits.DEFAULT);
  }
}
