package dev.ccbridge.receptor.backend.pod.cell;

import dev.ccbridge.executor.Sandbox.Program;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A program in the place of this one, in the same process: nothing of Java stays, and signals,
 * output and exit status are the program's own.
 */
final class ProgramImage {
  private static final int NOT_FOUND = 127;
  private static final int NO_PROGRAM_FORMAT = 8;
  private static final int STANDARD_ERROR = 2;
  private static final String SHELL = "/bin/sh";

  private ProgramImage() {}

  /**
   * Returns only when the program cannot be started, which its standard error tells.
   *
   * @return the exit status of that
   */
  static int become(Program program, Map<String, String> environment, Path directory) {
    try {
      LibC.changeDirectory(directory.toString());
      LibC.takeAllSignals();
      closeFilesWithProgram();
      // Last, as it is a limit for Java as well.
      limit(program);
      int error = execute(program, environment);
      System.err.println(program.path() + ": " + LibC.words(error));
    } catch (IOException e) {
      System.err.println(program.path() + ": " + e.getMessage());
    }
    return NOT_FOUND;
  }

  private static void limit(Program program) throws IOException {
    if (program.nofile() != null) {
      long hard = LibC.openFiles(0).hard();
      long wanted = program.nofile().min(BigInteger.valueOf(hard)).longValue();
      LibC.limitOpenFiles(0, new LibC.OpenFiles(wanted, wanted));
    }
  }

  private static void closeFilesWithProgram() throws IOException {
    try (var files = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (var file : files) {
        int number = Integer.parseInt(file.getFileName().toString());
        if (number > STANDARD_ERROR) {
          LibC.closeWithProgram(number);
        }
      }
    }
  }

  private static int execute(Program program, Map<String, String> environment) {
    var path = locate(program.path(), environment.getOrDefault("PATH", ""));
    var words = new ArrayList<>(List.of(program.path()));
    words.addAll(program.args());
    var variables =
        environment.entrySet().stream().map(v -> v.getKey() + "=" + v.getValue()).toList();
    int error = LibC.execute(path, words, variables);
    if (error != NO_PROGRAM_FORMAT) {
      return error;
    }
    // A script that does not say by what it wants to be read.
    words.set(0, path);
    words.addFirst(SHELL);
    return LibC.execute(SHELL, words, variables);
  }

  /** As a shell finds it; a name that is not found is left as it is, for the system to refuse. */
  private static String locate(String name, String searchPath) {
    if (name.contains("/")) {
      return name;
    }
    for (var directory : searchPath.split(":", -1)) {
      var candidate = Path.of(directory, name);
      if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
        return candidate.toString();
      }
    }
    return name;
  }
}
