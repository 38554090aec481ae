package dev.ccbridge.lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What starts an app for Windows, found by looking at its files.
 *
 * <p>Source: windows_app_lifecycle @099e5e1 Builder/OutputMetadata.cs.
 *
 * @param command a program; empty if nothing was found
 */
record WindowsStart(String command, List<String> arguments) {
  private static final String WEB = "web:";
  private static final String WEB_APP_SERVER = "tmp/lifecycle/WebAppServer.exe";

  WindowsStart {
    arguments = List.copyOf(arguments);
  }

  /**
   * The Procfile decides, else a Web.config, else the only program; in directory {@code app}
   * itself, not below it.
   *
   * @throws LifecycleException with exit code 1 if that is not clear
   */
  static WindowsStart detect(Path app) throws IOException {
    var files = files(app);
    var procfile = first(files, name -> name.equalsIgnoreCase("procfile"));
    if (procfile.isPresent()) {
      return ofProcfile(Files.readAllLines(procfile.get()));
    }
    if (first(files, name -> name.equalsIgnoreCase("web.config")).isPresent()) {
      return new WindowsStart(WEB_APP_SERVER, List.of("."));
    }
    var programs = files.stream().filter(file -> name(file).endsWith(".exe")).toList();
    if (programs.size() > 1) {
      throw failed("Directory contained more than 1 executable file.");
    }
    return new WindowsStart(programs.isEmpty() ? "" : name(programs.getFirst()), List.of());
  }

  private static List<Path> files(Path app) throws IOException {
    try (var listing = Files.list(app)) {
      return listing.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static Optional<Path> first(List<Path> files, Predicate<String> wanted) {
    return files.stream().filter(file -> wanted.test(name(file))).findFirst();
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  private static WindowsStart ofProcfile(List<String> lines) {
    var line = lines.stream().filter(text -> text.startsWith(WEB)).findFirst();
    var words =
        Arrays.asList(
            line.orElseThrow(() -> failed("Procfile didn't contain a web line"))
                .substring(WEB.length())
                .strip()
                .split(" "));
    return new WindowsStart(words.getFirst(), words.subList(1, words.size()));
  }

  private static LifecycleException failed(String message) {
    return new LifecycleException(LifecycleException.FAILED, message);
  }

  /** The builder's result, in the keys of the original. */
  String toJson() {
    var metadata = new LinkedHashMap<String, Object>();
    metadata.put("start_command", command);
    metadata.put("start_command_args", arguments);
    var web = (command + " " + String.join(" ", arguments)).stripTrailing();
    var result = new LinkedHashMap<String, Object>();
    result.put("ExecutionMetadata", metadata);
    result.put("execution_metadata", Json.write(metadata));
    result.put("detected_start_command", Map.of("web", web));
    return Json.write(result);
  }

  /** The name of the configuration of a web app among the files of {@code app}, in any case. */
  static Optional<Path> webConfig(Path app) throws IOException {
    return first(files(app), name -> name.toLowerCase(Locale.ROOT).equals("web.config"));
  }
}
