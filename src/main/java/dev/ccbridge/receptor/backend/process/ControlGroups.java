package dev.ccbridge.receptor.backend.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits of memory and of the number of processes, by control groups of either version where we may
 * make some. A container's directory holds links to its groups, so that what an earlier life has
 * made is found again.
 */
final class ControlGroups {
  private static final Logger LOG = LoggerFactory.getLogger(ControlGroups.class);
  private static final Path ROOT = Path.of("/sys/fs/cgroup");
  private static final long MB = 1 << 20;

  /** Where a resource can be limited, and by what file. */
  private record Controller(Path groups, String limitFile) {}

  private final Optional<Controller> memory;
  private final Optional<Controller> processes;

  private ControlGroups(Optional<Controller> memory, Optional<Controller> processes) {
    this.memory = memory;
    this.processes = processes;
  }

  /**
   * Tries out what works here.
   *
   * @param name of the group that holds those of all containers
   */
  static ControlGroups probe(String name) {
    var memory = probe(name, "memory", "memory.limit_in_bytes", "memory.max");
    var processes = probe(name, "pids", "pids.max", "pids.max");
    if (memory.isEmpty()) {
      LOG.info("memory limits count for placement only, as control groups cannot be made here");
    }
    if (processes.isEmpty()) {
      LOG.info("the number of processes is not limited by control groups here");
    }
    return new ControlGroups(memory, processes);
  }

  private static Optional<Controller> probe(
      String name, String controller, String fileOfVersion1, String fileOfVersion2) {
    var version1 = new Controller(ROOT.resolve(controller).resolve(name), fileOfVersion1);
    if (works(ROOT.resolve(controller), version1, "")) {
      return Optional.of(version1);
    }
    var version2 = new Controller(ROOT.resolve(name), fileOfVersion2);
    return works(ROOT, version2, "+" + controller) ? Optional.of(version2) : Optional.empty();
  }

  /**
   * @param enabling what makes the groups below have the limit; empty: they have it
   */
  private static boolean works(Path hierarchy, Controller controller, String enabling) {
    if (!Files.exists(hierarchy.resolve("cgroup.procs"))) {
      return false;
    }
    var trial = controller.groups().resolve("trial");
    try {
      Files.createDirectories(controller.groups());
      if (!enabling.isEmpty()) {
        Files.writeString(controller.groups().resolve("cgroup.subtree_control"), enabling);
      }
      Files.createDirectories(trial);
      Files.writeString(trial.resolve(controller.limitFile()), Long.toString(MB));
      Files.delete(trial);
      return true;
    } catch (IOException e) {
      LOG.debug("no control groups here hierarchy={} reason={}", hierarchy, e.toString());
      return false;
    }
  }

  boolean limitProcesses() {
    return processes.isPresent();
  }

  /** Removes the groups of all containers if they are empty. */
  void close() {
    for (var controller : List.of(memory, processes)) {
      try {
        if (controller.isPresent()) {
          Files.deleteIfExists(controller.get().groups());
        }
      } catch (IOException e) {
        // A task that is left to be gone on with has its group in there.
        LOG.debug("control groups are kept reason={}", e.toString());
      }
    }
  }

  /**
   * Makes the container's groups.
   *
   * @param memoryMb 0: no limit
   * @param maxProcesses threads included
   * @return the files by which a process joins; none where nothing can be limited
   */
  List<Path> limit(ContainerDirectory directory, int memoryMb, int maxProcesses)
      throws IOException {
    var joining = new ArrayList<Path>();
    if (memory.isPresent() && memoryMb > 0) {
      joining.add(make(memory.get(), memoryMb * MB, directory, directory.memoryGroup()));
    }
    if (processes.isPresent()) {
      joining.add(make(processes.get(), maxProcesses, directory, directory.processGroup()));
    }
    return joining.stream().distinct().toList();
  }

  private static Path make(
      Controller controller, long limit, ContainerDirectory directory, Path link)
      throws IOException {
    var group = controller.groups().resolve(directory.path().getFileName());
    Files.createDirectories(group);
    Files.writeString(group.resolve(controller.limitFile()), Long.toString(limit));
    Files.deleteIfExists(link);
    Files.createSymbolicLink(link, group);
    return group.resolve("cgroup.procs");
  }

  /** Whether a process of the container was killed for want of memory. */
  static boolean wasExceeded(ContainerDirectory directory) {
    for (var file : List.of("memory.oom_control", "memory.events")) {
      try {
        var events = directory.memoryGroup().resolve(file);
        if (Files.exists(events)
            && Files.readAllLines(events).stream()
                .anyMatch(line -> line.startsWith("oom_kill ") && !line.equals("oom_kill 0"))) {
          return true;
        }
      } catch (IOException e) {
        LOG.debug("a control group cannot be read reason={}", e.toString());
      }
    }
    return false;
  }

  /** The processes in the container's groups. */
  static Set<Long> members(ContainerDirectory directory) {
    var members = new LinkedHashSet<Long>();
    for (var group : List.of(directory.memoryGroup(), directory.processGroup())) {
      try {
        var file = group.resolve("cgroup.procs");
        if (Files.exists(file)) {
          Files.readAllLines(file, StandardCharsets.US_ASCII).stream()
              .map(Long::valueOf)
              .forEach(members::add);
        }
      } catch (IOException e) {
        // The group goes away while it is read: then nobody is in it.
        LOG.debug("a control group is gone reason={}", e.toString());
      }
    }
    return members;
  }

  /** Removes the container's groups, which must be empty. */
  static void remove(ContainerDirectory directory) throws IOException {
    for (var link : List.of(directory.memoryGroup(), directory.processGroup())) {
      if (Files.isSymbolicLink(link)) {
        Files.deleteIfExists(Files.readSymbolicLink(link));
        Files.delete(link);
      }
    }
  }
}
