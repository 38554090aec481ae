package dev.ccbridge.receptor.backend.pod.cell;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How often the kernel killed something in this container for want of memory. */
final class OutOfMemoryKills {
  private static final List<Path> COUNTERS =
      List.of(
          Path.of("/sys/fs/cgroup/memory.events"),
          Path.of("/sys/fs/cgroup/memory/memory.oom_control"));
  private static final String KILLS = "oom_kill ";

  private OutOfMemoryKills() {}

  /** 0 also where it is not told. */
  static long count() {
    for (var file : COUNTERS) {
      if (Files.isReadable(file)) {
        try (var lines = Files.lines(file)) {
          return lines
              .filter(line -> line.startsWith(KILLS))
              .mapToLong(line -> Long.parseLong(line.substring(KILLS.length()).strip()))
              .findFirst()
              .orElse(0);
        } catch (IOException | NumberFormatException e) {
          return 0;
        }
      }
    }
    return 0;
  }
}
