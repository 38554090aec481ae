package dev.ccbridge.lifecycle;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A buildpack on disk: a directory with {@code bin/detect}, {@code bin/compile} (or {@code
 * bin/supply} and {@code bin/finalize}) and {@code bin/release}.
 *
 * @param key its entry in the buildpack order
 * @param directory the one that holds {@code bin}
 */
record Buildpack(String key, Path directory) {
  private static final int MAX_OUTPUT_BYTES = 1 << 20;

  /**
   * Finds the buildpack of {@code key}: at its place, or in the only directory there (archives made
   * by code hosts have one around everything).
   *
   * @throws LifecycleException if there is no {@code bin} in either
   */
  static Buildpack locate(BuilderConfig config, String key) {
    var place = config.buildpackPath(key);
    if (Files.exists(place.resolve("bin"))) {
      return new Buildpack(key, place);
    }
    var shownKey = BuildpackUrl.masked(key);
    List<Path> children;
    try (var listing = Files.list(place)) {
      children = listing.limit(2).toList();
    } catch (IOException e) {
      throw new LifecycleException(
          LifecycleException.FAILED,
          "Failed to read buildpack directory '" + place + "' for buildpack '" + shownKey + "'",
          e);
    }
    if (children.size() == 1 && Files.exists(children.getFirst().resolve("bin"))) {
      return new Buildpack(key, children.getFirst());
    }
    throw new LifecycleException(
        LifecycleException.FAILED, "malformed buildpack does not contain a /bin dir: " + shownKey);
  }

  boolean has(String script) {
    return Files.isRegularFile(script(script));
  }

  /** Runs {@code bin/<script>}; its output goes where ours goes. */
  void run(String script, Object... arguments) throws ScriptFailedException {
    var process = start(script, Redirect.INHERIT, arguments);
    requireSuccess(process);
  }

  /**
   * Runs {@code bin/<script>} and returns what it printed on stdout: at most 1 MiB, the rest is
   * dropped.
   */
  String output(String script, Object... arguments) throws ScriptFailedException {
    var process = start(script, Redirect.PIPE, arguments);
    String output;
    try (var stdout = process.getInputStream()) {
      output = new String(stdout.readNBytes(MAX_OUTPUT_BYTES), StandardCharsets.UTF_8);
      drain(stdout);
    } catch (IOException e) {
      process.destroyForcibly();
      throw new ScriptFailedException("what bin/" + script + " prints cannot be read", e);
    }
    requireSuccess(process);
    return output;
  }

  /** Without this a talkative script would wait for ever for room in the pipe. */
  private static void drain(InputStream stdout) throws IOException {
    while (stdout.skip(MAX_OUTPUT_BYTES) > 0 || stdout.read() >= 0) {
      continue;
    }
  }

  private Process start(String script, Redirect stdout, Object... arguments)
      throws ScriptFailedException {
    var command = new ArrayList<String>();
    command.add(script(script).toString());
    for (var argument : arguments) {
      command.add(argument.toString());
    }
    var builder =
        new ProcessBuilder(command)
            .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(stdout)
            .redirectError(Redirect.INHERIT);
    AppEnvironment.restore(builder.environment());
    try {
      return builder.start();
    } catch (IOException e) {
      throw new ScriptFailedException(
          "bin/" + script + " cannot be run: want an executable file", e);
    }
  }

  private static void requireSuccess(Process process) throws ScriptFailedException {
    int status;
    try {
      status = process.waitFor();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new ScriptFailedException("interrupted", e);
    }
    if (status != 0) {
      throw new ScriptFailedException("exit status " + status, null);
    }
  }

  private Path script(String name) {
    return directory.resolve("bin").resolve(name);
  }
}
