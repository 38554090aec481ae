package dev.ccbridge.receptor.backend.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What Linux tells of processes. Where there is no {@code /proc}, there are none to be found. */
final class ProcFs {
  private ProcFs() {}

  private static final Path ROOT = Path.of("/proc");

  static boolean isAvailable() {
    return Files.exists(ROOT.resolve("self").resolve("stat"));
  }

  static Path of(long pid) {
    return ROOT.resolve(Long.toString(pid));
  }

  static List<Long> pids() {
    var pids = new ArrayList<Long>();
    try (var entries = Files.newDirectoryStream(ROOT, "[0-9]*")) {
      entries.forEach(entry -> pids.add(Long.parseLong(entry.getFileName().toString())));
    } catch (IOException e) {
      return List.of();
    }
    return pids;
  }

  /** The variables that a process was started with; none if it is gone or not ours to look at. */
  static List<String> environment(long pid) {
    try {
      var bytes = Files.readAllBytes(of(pid).resolve("environ"));
      return List.of(new String(bytes, StandardCharsets.UTF_8).split("\0"));
    } catch (IOException e) {
      return List.of();
    }
  }

  /** Where a link below the process's directory leads, such as {@code cwd} or {@code ns/pid}. */
  static Optional<String> link(long pid, String name) {
    try {
      return Optional.of(Files.readSymbolicLink(of(pid).resolve(name)).toString());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  static boolean isZombie(long pid) {
    try {
      var stat = Files.readString(of(pid).resolve("stat"), StandardCharsets.ISO_8859_1);
      return stat.substring(stat.lastIndexOf(')') + 1).strip().startsWith("Z");
    } catch (IOException e) {
      return true;
    }
  }

  /** Changes when the machine is restarted. */
  static String bootId() {
    try {
      return Files.readString(ROOT.resolve("sys/kernel/random/boot_id")).strip();
    } catch (IOException e) {
      return "unknown";
    }
  }
}
