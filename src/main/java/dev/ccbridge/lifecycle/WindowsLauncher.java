package dev.ccbridge.lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The program {@code launcher} of the Windows lifecycle: runs the app and ends as it ends. A
 * program cannot become another one there.
 *
 * <p>Source: windows_app_lifecycle @099e5e1 Launcher/Program.cs.
 */
public final class WindowsLauncher {
  private static final int ARGUMENTS = 3;
  private static final String USAGE = "Usage: launcher <app directory> <start command> <metadata>";

  private WindowsLauncher() {}

  /** Runs the app of {@code arguments}, or of {@code ARGJSON}, and exits with its status. */
  public static void main(String[] arguments) {
    var environment = new HashMap<>(System.getenv());
    AppEnvironment.restore(environment);
    try {
      var words = command(arguments(List.of(arguments), environment));
      System.exit(Launcher.runAsChild(located(words), environment));
    } catch (LifecycleException e) {
      System.err.println(e.message());
      System.exit(e.exitCode());
    }
  }

  /** Those of the command line, unless the environment holds a list of them. */
  static List<String> arguments(List<String> given, Map<String, String> environment) {
    var json = environment.getOrDefault("ARGJSON", "");
    if (json.isEmpty()) {
      return given;
    }
    try {
      if (Json.parse(json) instanceof List<?> list) {
        return strings(list, "ARGJSON");
      }
      throw failed("ARGJSON: want a JSON array of strings");
    } catch (IOException e) {
      throw LifecycleException.because(LifecycleException.FAILED, "ARGJSON", e);
    }
  }

  /**
   * The program and its arguments. A start command is the name of a program, blanks and all.
   *
   * @throws LifecycleException with exit code 1 if there is nothing to start
   */
  static List<String> command(List<String> arguments) {
    if (arguments.size() < ARGUMENTS) {
      throw failed(USAGE);
    }
    var startCommand = arguments.get(1);
    if (!startCommand.isEmpty()) {
      return List.of(startCommand);
    }
    var metadata = metadata(arguments.get(2));
    var words = new ArrayList<String>();
    if (metadata.get("start_command") instanceof String program && !program.isEmpty()) {
      words.add(program);
    } else {
      throw failed(USAGE);
    }
    if (metadata.get("start_command_args") instanceof List<?> list) {
      words.addAll(strings(list, "start_command_args"));
    }
    return words;
  }

  private static Map<String, @Nullable Object> metadata(String text) {
    try {
      var metadata = Json.parseObject(text);
      if (metadata == null) {
        throw failed("Invalid metadata - want a JSON object");
      }
      return metadata;
    } catch (IOException e) {
      throw LifecycleException.because(LifecycleException.FAILED, "Invalid metadata - JSON", e);
    }
  }

  private static List<String> strings(List<?> list, String where) {
    var strings = new ArrayList<String>();
    for (var element : list) {
      if (!(element instanceof String text)) {
        throw failed(where + ": want strings only");
      }
      strings.add(text);
    }
    return strings;
  }

  /** A path from the current directory becomes one that the system accepts in any form. */
  private static List<String> located(List<String> words) {
    var located = new ArrayList<>(words);
    var file = Path.of("").toAbsolutePath().resolve(words.getFirst());
    if (Files.isRegularFile(file)) {
      located.set(0, file.normalize().toString());
    }
    return located;
  }

  private static LifecycleException failed(String message) {
    return new LifecycleException(LifecycleException.FAILED, message);
  }
}
