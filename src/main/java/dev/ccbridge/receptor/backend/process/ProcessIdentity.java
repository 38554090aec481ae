package dev.ccbridge.receptor.backend.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One process, told apart from a later one that got the same number.
 *
 * @param startedAt in clock ticks since the machine started; -1 where it cannot be known
 */
record ProcessIdentity(long pid, long startedAt) {
  private static final int STATE = 0;
  private static final int STARTED_AT = 19;

  /** Reads what a shell has copied from its {@code /proc/self/stat}, or its bare number. */
  static Optional<ProcessIdentity> read(Path file) {
    try {
      return parse(Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  static Optional<ProcessIdentity> parse(String stat) {
    try {
      var line = stat.strip();
      if (line.isEmpty()) {
        return Optional.empty();
      }
      long pid = Long.parseLong(line.split(" ", 2)[0]);
      var fields = fields(line);
      return Optional.of(
          new ProcessIdentity(
              pid, fields.length > STARTED_AT ? Long.parseLong(fields[STARTED_AT]) : -1));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Those after the name, which may hold anything. */
  private static String[] fields(String stat) {
    int end = stat.lastIndexOf(')');
    return end < 0 ? new String[0] : stat.substring(end + 1).strip().split(" ");
  }

  /** False also for a process that has ended and whose parent has not asked for its status yet. */
  boolean isAlive() {
    if (!ProcFs.isAvailable()) {
      return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }
    try {
      var stat =
          Files.readString(ProcFs.of(pid).resolve("stat"), StandardCharsets.ISO_8859_1).strip();
      var state = fields(stat)[STATE];
      return !state.equals("Z")
          && !state.equals("X")
          && parse(stat).filter(now -> now.startedAt() == startedAt).isPresent();
    } catch (IOException e) {
      return false;
    }
  }
}
