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
 * The program {@code launcher} of the Docker lifecycle: becomes the process of an image.
 *
 * <p>Source: dockerapplifecycle launcher/main.go.
 */
public final class DockerLauncher {
  private static final int ARGUMENTS = 3;

  /** Where Go, and POSIX, look without a {@code PATH}. */
  private static final String USUAL_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final String program;

  DockerLauncher(String program) {
    this.program = program;
  }

  /**
   * What to become.
   *
   * @param words the program first
   */
  record Start(Path directory, List<String> words) {
    Start {
      words = List.copyOf(words);
    }
  }

  /** Becomes the app, or ends the process with exit code 1. */
  public static void main(String[] arguments) {
    var environment = new HashMap<>(System.getenv());
    AppEnvironment.restore(environment);
    try {
      var launcher = new DockerLauncher(System.getProperty("ccbridge.program", "launcher"));
      become(launcher.start(List.of(arguments), environment), environment);
    } catch (LifecycleException e) {
      System.err.println(e.message());
      System.exit(e.exitCode());
    }
  }

  /**
   * Changes {@code environment} for the app and returns what to start.
   *
   * @throws LifecycleException with exit code 1 if the arguments do not say it
   */
  Start start(List<String> arguments, Map<String, String> environment) {
    if (arguments.size() < ARGUMENTS) {
      throw failed("Usage: " + program + " <app directory> <start command> <metadata>");
    }
    var home = arguments.get(0);
    environment.put("HOME", home);
    environment.put("TMPDIR", Path.of(home, "tmp").toString());
    VcapApplication.forInstance(environment)
        .ifPresent(value -> environment.put("VCAP_APPLICATION", value));
    var metadata = metadata(arguments.get(2));
    var workdir = metadata.get("workdir") instanceof String text ? text : "";
    var directory = Path.of(workdir.isEmpty() ? "/" : workdir);
    return new Start(directory, words(arguments.get(1), metadata));
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

  private static List<String> words(String startCommand, Map<String, @Nullable Object> metadata) {
    if (!startCommand.isEmpty()) {
      return List.of("/bin/sh", "-c", startCommand);
    }
    var words = new ArrayList<String>();
    addWords(words, metadata.get("entrypoint"));
    addWords(words, metadata.get("cmd"));
    if (words.isEmpty()) {
      throw failed("No start command found or specified");
    }
    return words;
  }

  private static void addWords(List<String> words, @Nullable Object value) {
    if (value == null) {
      return;
    }
    if (!(value instanceof List<?> list)) {
      throw failed("Invalid metadata - cmd and entrypoint: want lists of strings");
    }
    for (var word : list) {
      if (!(word instanceof String text)) {
        throw failed("Invalid metadata - cmd and entrypoint: want lists of strings");
      }
      words.add(text);
    }
  }

  private static void become(Start start, Map<String, String> environment) {
    if (!Files.isDirectory(start.directory())) {
      throw failed("Workdir " + start.directory() + " is not a directory of the image");
    }
    var executable = locate(start, environment.getOrDefault("PATH", USUAL_PATH));
    try {
      ProgramImage.replace(executable, start.words(), environment, start.directory());
    } catch (UnsupportedOperationException e) {
      throw failed("No program can be started here: " + e.getMessage());
    }
    throw failed(
        executable
            + " cannot be started: want an executable file, and less than the system's limit of"
            + " environment and arguments");
  }

  /** As a shell would find it, relative to the directory that the app starts in. */
  static String locate(Start start, String searchPath) {
    var name = start.words().getFirst();
    if (name.contains("/")) {
      return start.directory().resolve(name).toString();
    }
    for (var directory : searchPath.split(":")) {
      var candidate = start.directory().resolve(directory).resolve(name);
      if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
        return candidate.toString();
      }
    }
    throw failed("exec: \"" + name + "\": executable file not found in $PATH");
  }

  private static LifecycleException failed(String message) {
    return new LifecycleException(LifecycleException.FAILED, message);
  }
}
