package dev.ccbridge.receptor.backend.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits of memory, by control groups of either version where we may make some. A container's
 * directory holds a link to its group, so that what an earlier life has made is found again.
 */
final class MemoryLimits {
  private static final Logger LOG = LoggerFactory.getLogger(MemoryLimits.class);
  private static final Path VERSION_1 = Path.of("/sys/fs/cgroup/memory");
  private static final Path VERSION_2 = Path.of("/sys/fs/cgroup");
  private static final long MB = 1 << 20;

  private final Optional<Path> groups;
  private final String limitFile;

  private MemoryLimits(Optional<Path> groups, String limitFile) {
    this.groups = groups;
    this.limitFile = limitFile;
  }

  /**
   * Tries out what works here.
   *
   * @param name of the group that holds those of all containers
   */
  static MemoryLimits probe(String name) {
    if (works(VERSION_1, "memory.limit_in_bytes", name)) {
      return new MemoryLimits(Optional.of(VERSION_1.resolve(name)), "memory.limit_in_bytes");
    }
    if (works(VERSION_2, "memory.max", name)) {
      return new MemoryLimits(Optional.of(VERSION_2.resolve(name)), "memory.max");
    }
    LOG.info("memory limits count for placement only, as control groups cannot be made here");
    return new MemoryLimits(Optional.empty(), "");
  }

  private static boolean works(Path hierarchy, String limitFile, String name) {
    if (!Files.exists(hierarchy.resolve("cgroup.procs"))) {
      return false;
    }
    var trial = hierarchy.resolve(name).resolve("trial");
    try {
      Files.createDirectories(hierarchy.resolve(name));
      if (hierarchy.equals(VERSION_2)) {
        Files.writeString(hierarchy.resolve(name).resolve("cgroup.subtree_control"), "+memory");
      }
      Files.createDirectories(trial);
      Files.writeString(trial.resolve(limitFile), Long.toString(MB));
      Files.delete(trial);
      return true;
    } catch (IOException e) {
      LOG.debug("no control groups here hierarchy={} reason={}", hierarchy, e.toString());
      return false;
    }
  }

  /** Removes the group of all containers if it is empty. */
  void close() {
    try {
      if (groups.isPresent()) {
        Files.deleteIfExists(groups.get());
      }
    } catch (IOException e) {
      // A task that is left to be gone on with has its group in there.
      LOG.debug("control groups are kept reason={}", e.toString());
    }
  }

  /**
   * Makes the container's group.
   *
   * @param memoryMb 0: no limit
   * @return the file by which a process joins; empty when there is no limit
   */
  Optional<Path> limit(ContainerDirectory directory, int memoryMb) throws IOException {
    if (groups.isEmpty() || memoryMb <= 0) {
      return Optional.empty();
    }
    var group = groups.get().resolve(directory.path().getFileName());
    Files.createDirectories(group);
    Files.writeString(group.resolve(limitFile), Long.toString(memoryMb * MB));
    Files.deleteIfExists(directory.memoryGroup());
    Files.createSymbolicLink(directory.memoryGroup(), group);
    return Optional.of(group.resolve("cgroup.procs"));
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

  /** The processes in the container's group. */
  static List<Long> members(ContainerDirectory directory) {
    try {
      var members = directory.memoryGroup().resolve("cgroup.procs");
      return Files.exists(members)
          ? Files.readAllLines(members, StandardCharsets.US_ASCII).stream()
              .map(Long::valueOf)
              .toList()
          : List.of();
    } catch (IOException e) {
      // The group goes away while it is read: then nobody is in it.
      return List.of();
    }
  }

  /** Removes the container's group, which must be empty. */
  static void remove(ContainerDirectory directory) throws IOException {
    if (Files.isSymbolicLink(directory.memoryGroup())) {
      Files.deleteIfExists(Files.readSymbolicLink(directory.memoryGroup()));
      Files.delete(directory.memoryGroup());
    }
  }
}
