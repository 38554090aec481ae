package dev.ccbridge.receptor.backend.process;

import dev.ccbridge.executor.FileTrees;
import dev.ccbridge.receptor.backend.Container;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The logs of LRP instances, each shared by all containers that one index has had, and of tasks.
 * Thread-safe.
 */
final class ContainerLogs {
  private final Path directory;
  private final Clock clock;
  private final ConcurrentMap<Path, ContainerLog> open = new ConcurrentHashMap<>();

  ContainerLogs(Path directory, Clock clock) {
    this.directory = directory;
    this.clock = clock;
  }

  ContainerLog of(Container container, ContainerDirectory files) {
    var instance = container.instance();
    return instance == null ? ofTask(files) : ofInstance(instance.processGuid(), instance.index());
  }

  ContainerLog ofTask(ContainerDirectory files) {
    return open.computeIfAbsent(files.log(), path -> log(path, 0, true));
  }

  ContainerLog ofInstance(String processGuid, int index) {
    return open.computeIfAbsent(file(processGuid, index), path -> log(path, index, false));
  }

  boolean hasInstance(String processGuid, int index) {
    return Files.exists(file(processGuid, index));
  }

  private Path file(String processGuid, int index) {
    return ofProcess(processGuid).resolve(Integer.toString(index));
  }

  private Path ofProcess(String processGuid) {
    return directory.resolve(ContainerDirectory.checked("process guid", processGuid));
  }

  private ContainerLog log(Path path, int index, boolean remembers) {
    try {
      return new ContainerLog(path, index, remembers, clock);
    } catch (IOException e) {
      throw new UncheckedIOException("a log cannot be opened", e);
    }
  }

  void forgetTask(ContainerDirectory files) {
    close(files.log());
  }

  private void close(Path path) {
    var log = open.remove(path);
    if (log != null) {
      log.close();
    }
  }

  void forgetProcess(String processGuid) throws IOException {
    var logs = ofProcess(processGuid);
    open.keySet().stream().filter(path -> path.startsWith(logs)).forEach(this::close);
    FileTrees.delete(logs);
  }
}
