package dev.ccbridge.receptor.backend.process;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.executor.ActionExecutor;
import dev.ccbridge.executor.FileTrees;
import dev.ccbridge.executor.InstanceExecutor;
import dev.ccbridge.receptor.backend.Backend;
import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.ContainerListener;
import dev.ccbridge.receptor.backend.LogCursor;
import dev.ccbridge.receptor.model.CellResponse;
import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.LogRange;
import dev.ccbridge.receptor.model.TaskProgress;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs containers as processes of this machine, as one cell. Tasks survive the death of the
 * operator: their programs run on, and the next life goes on with them. LRP instances do not
 * ({@link Leash}); what is left of them is killed before {@link #start} returns.
 */
public final class ProcessBackend implements Backend {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessBackend.class);

  private final ProcessBackendConfig config;
  private final Clock clock;
  private final Path containers;
  private final Path trash;
  private final CellCapacity capacity;
  private final HostPorts hostPorts;
  private final ContainerLogs logs;
  private final ImageRoots imageRoots;
  private final ConcurrentMap<String, ContainerRun> runs = new ConcurrentHashMap<>();

  /** Destroyed, with a thread that may still be at work in the directory of their guid. */
  private final ConcurrentMap<String, CompletableFuture<@Nullable Void>> leaving =
      new ConcurrentHashMap<>();

  private volatile @Nullable Machinery machinery;
  private @Nullable FileChannel lock;

  public ProcessBackend(ProcessBackendConfig config) {
    this(config, Clock.systemUTC());
  }

  ProcessBackend(ProcessBackendConfig config, Clock clock) {
    this.config = config;
    this.clock = clock;
    this.containers = config.dataDirectory().resolve("containers");
    this.trash = config.dataDirectory().resolve("trash");
    this.capacity = new CellCapacity(config.capacity(), config.rootfsNames());
    this.hostPorts = new HostPorts(config.ports());
    this.logs = new ContainerLogs(config.dataDirectory().resolve("logs"), clock);
    this.imageRoots = new ImageRoots(config, containers);
  }

  /**
   * @throws CcBridgeException when the data directory cannot be used, or is in use
   */
  @Override
  public Set<String> start(ContainerListener listener, Collection<Container> containersBefore) {
    var tasks = containersBefore.stream().filter(Container::isTask).toList();
    try {
      Files.createDirectories(containers);
      Files.createDirectories(trash);
      lock = lock(config.dataDirectory());
      killLeftovers(guids(tasks));
      var started = machinery(listener);
      machinery = started;
      Thread.startVirtualThread(this::emptyTrash);
      for (var task : tasks) {
        capacity.reserveRegardless(task);
        begin(task, started);
      }
      return Set.of();
    } catch (IOException e) {
      throw new CcBridgeException(
          ErrorKind.UNAVAILABLE,
          "data directory is "
              + config.dataDirectory()
              + ", wanted one that can be used: "
              + e.getMessage(),
          e);
    }
  }

  private static Set<String> guids(Collection<Container> tasks) {
    var guids = new HashSet<String>();
    tasks.forEach(task -> guids.add(task.guid()));
    return guids;
  }

  private static FileChannel lock(Path directory) throws IOException {
    var channel =
        FileChannel.open(
            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      LOG.debug("the data directory is in use by this process");
    }
    channel.close();
    throw new IOException("another backend uses it");
  }

  /** Also of containers whose directory is gone already something may run. */
  private void killLeftovers(Set<String> tasks) throws IOException {
    var leftovers = new TreeSet<>(ContainerProcesses.directoriesInUse(containers));
    try (var known = Files.newDirectoryStream(containers)) {
      known.forEach(leftovers::add);
    }
    for (var leftover : leftovers) {
      if (!tasks.contains(leftover.getFileName().toString())) {
        ContainerProcesses.kill(new ContainerDirectory(leftover));
        discard(leftover);
      }
    }
  }

  private Machinery machinery(ContainerListener listener) throws IOException {
    var actions = new ActionExecutor(config.executor(), clock);
    var timing = config.timing();
    var instances =
        new InstanceExecutor(actions, timing.unhealthyInterval(), timing.healthyInterval(), clock);
    var confinement =
        Confinement.probe(config.isolation(), config.dataDirectory().resolve("scripts"));
    return new Machinery(
        config,
        listener,
        confinement,
        imageRoots,
        controlGroups(config.dataDirectory()),
        Leash.take(config.dataDirectory().resolve("scripts")),
        actions,
        instances,
        logs,
        hostPorts,
        clock);
  }

  /** Two backends of one machine have groups of their own. */
  private static ControlGroups controlGroups(Path directory) {
    return ControlGroups.probe("cc-bridge-" + Integer.toHexString(directory.hashCode()));
  }

  @Override
  public List<CellResponse> cells() {
    return List.of(
        new CellResponse(
            config.cellId(),
            config.zone(),
            config.capacity(),
            imageRoots.isSupported()
                ? Map.of("docker", List.of(), "preloaded", config.rootfsNames())
                : Map.of("preloaded", config.rootfsNames())));
  }

  @Override
  public String place(Container container) {
    if (ImageRoots.isImage(container.rootfs())) {
      imageRoots.check();
    }
    capacity.reserve(container);
    return config.cellId();
  }

  @Override
  public void run(Container container) {
    begin(container, started());
  }

  private Machinery started() {
    var known = machinery;
    if (known == null) {
      throw new CcBridgeException(ErrorKind.UNAVAILABLE, "the process backend is not started");
    }
    return known;
  }

  private void begin(Container container, Machinery shared) {
    var guid = container.guid();
    var before = leaving.getOrDefault(guid, CompletableFuture.completedFuture(null));
    var run = new ContainerRun(container, directory(guid), shared, before, () -> ended(container));
    if (runs.putIfAbsent(guid, run) == null) {
      run.begin();
    }
  }

  /** A task's directory is kept for its log and outcome, an instance leaves nothing behind. */
  private void ended(Container container) {
    capacity.release(container.guid());
    if (!container.isTask()) {
      runs.remove(container.guid());
      discard(directory(container.guid()).path());
    }
  }

  private ContainerDirectory directory(String containerGuid) {
    return ContainerDirectory.of(containers, containerGuid);
  }

  @Override
  public void stop(String containerGuid) {
    var run = runs.get(containerGuid);
    if (run != null) {
      run.stop();
    }
  }

  @Override
  public void destroy(String containerGuid) {
    capacity.release(containerGuid);
    var run = runs.remove(containerGuid);
    var files = directory(containerGuid);
    try {
      if (run != null) {
        run.destroy();
      }
    } catch (IOException e) {
      throw new CcBridgeException(
          ErrorKind.INTERNAL, "container " + containerGuid + ": " + e.getMessage(), e);
    }
    logs.forgetTask(files);
    discard(files.path());
    if (run != null) {
      var left = new CompletableFuture<@Nullable Void>();
      leaving.put(containerGuid, left);
      Thread.startVirtualThread(() -> discardAgain(run, files, left));
    }
  }

  /** What the container's thread was about to write when its directory was taken from it. */
  private void discardAgain(
      ContainerRun run, ContainerDirectory files, CompletableFuture<@Nullable Void> left) {
    try {
      run.awaitEnd();
      discard(files.path());
    } finally {
      leaving.remove(run.container().guid(), left);
      left.complete(null);
    }
  }

  /** Out of the way at once; deleted when there is time. */
  private void discard(Path directory) {
    try {
      if (Files.exists(directory)) {
        Files.move(directory, trash.resolve(UUID.randomUUID().toString()));
        Thread.startVirtualThread(this::emptyTrash);
      }
    } catch (IOException e) {
      LOG.warn("a container was left behind error={}", e.toString());
    }
  }

  private void emptyTrash() {
    synchronized (trash) {
      try (var rubbish = Files.newDirectoryStream(trash)) {
        for (var piece : rubbish) {
          FileTrees.delete(piece);
        }
      } catch (IOException e) {
        // The next start tries again.
        LOG.warn("a container was not deleted error={}", e.toString());
      }
    }
  }

  @Override
  public TaskProgress progress(String containerGuid) {
    var run = runs.get(containerGuid);
    return run == null ? TaskProgress.NONE : run.progress();
  }

  @Override
  public List<LogLine> taskLogs(String taskGuid, LogRange range) {
    return taskLog(taskGuid).map(log -> log.lines(range)).orElse(List.of());
  }

  @Override
  public List<LogLine> lrpLogs(String processGuid, int index, LogRange range) {
    return lrpLog(processGuid, index).map(log -> log.lines(range)).orElse(List.of());
  }

  @Override
  public LogCursor openTaskLog(String taskGuid, LogRange from) {
    return new ContainerLogCursor(
        () -> taskLog(taskGuid),
        from,
        () -> {
          var run = runs.get(taskGuid);
          return run != null && run.mayWrite();
        });
  }

  @Override
  public LogCursor openLrpLog(String processGuid, int index, LogRange from) {
    return new ContainerLogCursor(() -> lrpLog(processGuid, index), from, () -> true);
  }

  /** Without making one: what is only looked at leaves nothing behind. */
  private Optional<ContainerLog> taskLog(String taskGuid) {
    var files = directory(taskGuid);
    return Files.exists(files.log()) ? Optional.of(logs.ofTask(files)) : Optional.empty();
  }

  private Optional<ContainerLog> lrpLog(String processGuid, int index) {
    return logs.hasInstance(processGuid, index)
        ? Optional.of(logs.ofInstance(processGuid, index))
        : Optional.empty();
  }

  @Override
  public void forget(String processGuid) {
    try {
      logs.forgetProcess(processGuid);
    } catch (IOException e) {
      LOG.warn("logs were left behind processGuid={} error={}", processGuid, e.toString());
    }
  }

  @Override
  public void close() {
    var all = new ArrayList<>(runs.values());
    for (var run : all) {
      if (run.container().isTask()) {
        run.abandon();
      } else {
        run.stopSilently();
      }
    }
    all.forEach(ContainerRun::awaitEnd);
    runs.clear();
    imageRoots.close();
    var shared = machinery;
    if (shared != null) {
      shared.controlGroups().close();
      shared.leash().close();
    }
    try {
      if (lock != null) {
        lock.close();
      }
    } catch (IOException e) {
      LOG.warn("the data directory stays locked error={}", e.toString());
    }
  }
}
