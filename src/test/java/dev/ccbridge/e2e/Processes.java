package dev.ccbridge.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The processes of this machine, as Linux tells of them. */
final class Processes {
  private Processes() {}

  /**
   * Command lines of the living processes that have {@code path} in their command line or
   * environment.
   */
  static List<String> mentioning(Path path) throws IOException {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      return processes
          .filter(p -> p.getFileName().toString().matches("\\d+"))
          .filter(p -> (read(p, "cmdline") + "\0" + read(p, "environ")).contains(path.toString()))
          .map(p -> p.getFileName() + " " + read(p, "cmdline").replace('\0', ' '))
          .filter(line -> !line.startsWith(ProcessHandle.current().pid() + " "))
          .toList();
    }
  }

  private static String read(Path process, String file) {
    try {
      return new String(Files.readAllBytes(process.resolve(file)), StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }
}
