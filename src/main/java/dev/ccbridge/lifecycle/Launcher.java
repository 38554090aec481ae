package dev.ccbridge.lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The program {@code launcher}: prepares the environment of an instance and becomes the app.
 *
 * <p>Source: buildpackapplifecycle launcher/main.go. Differs from Diego: {@code DEPS_DIR} is set
 * when the droplet holds dependencies, which droplets of 2015 never did.
 */
public final class Launcher {
  private static final String SHELL = "/bin/bash";

  /**
   * $1 is the app directory, $2 the start command. The JVM leaves files open that nobody else
   * needs, among them its own jars; they are closed first.
   */
  private static final String SCRIPT =
      """
      for env_file in /dev/fd/*; do
        if [ "${env_file##*/}" -gt 2 ]; then
          eval "exec ${env_file##*/}>&-"
        fi
      done
      cd "$1" || exit
      if [ -d .profile.d ]; then
        for env_file in .profile.d/*; do
          if [ -f "$env_file" ]; then
            source "$env_file"
          fi
        done
        unset env_file
      fi
      exec bash -c "$2"
      """;

  private static final int ARGUMENTS = 3;

  private final String program;
  private final Path workingDirectory;

  Launcher(String program, Path workingDirectory) {
    this.program = program;
    this.workingDirectory = workingDirectory;
  }

  /** Becomes the app, or ends the process with exit code 1. */
  public static void main(String[] arguments) {
    var program = System.getProperty("ccbridge.program", "launcher");
    var environment = new HashMap<>(System.getenv());
    AppEnvironment.restore(environment);
    try {
      var launcher = new Launcher(program, Path.of("").toAbsolutePath());
      System.exit(become(launcher.command(List.of(arguments), environment), environment));
    } catch (LifecycleException e) {
      System.err.println(e.message());
      System.exit(e.exitCode());
    }
  }

  /**
   * Changes {@code environment} for the app and returns the words of the command that starts it.
   *
   * @throws LifecycleException with exit code 1 if the arguments do not say what to start
   */
  List<String> command(List<String> arguments, Map<String, String> environment) {
    if (arguments.size() < ARGUMENTS) {
      throw usage();
    }
    var appDir = workingDirectory.resolve(arguments.getFirst()).normalize();
    environment.put("HOME", appDir.toString());
    environment.put("TMPDIR", beside(appDir, "tmp").toString());
    if (Files.isDirectory(beside(appDir, "deps"))) {
      environment.put("DEPS_DIR", beside(appDir, "deps").toString());
    }
    VcapApplication.forInstance(environment)
        .ifPresent(value -> environment.put("VCAP_APPLICATION", value));
    var command =
        StartCommand.choose(
            arguments.get(1), arguments.get(2), workingDirectory.resolve("staging_info.yml"));
    if (command.isEmpty()) {
      throw usage();
    }
    return List.of("bash", "-c", SCRIPT, program, appDir.toString(), command);
  }

  private static Path beside(Path appDir, String name) {
    return appDir.resolve("..").resolve(name).normalize();
  }

  private LifecycleException usage() {
    return new LifecycleException(
        LifecycleException.FAILED,
        "Usage: " + program + " <app directory> <start command> <metadata>");
  }

  private static int become(List<String> command, Map<String, String> environment) {
    try {
      ProgramImage.replace(SHELL, command, environment);
    } catch (UnsupportedOperationException e) {
      return runAsChild(command, environment);
    }
    throw new LifecycleException(
        LifecycleException.FAILED,
        SHELL
            + " cannot be started: want an executable file, and less than the system's limit of"
            + " environment and arguments");
  }

  /**
   * Where a program cannot be replaced: waits for it instead, and ends as it ended. A signal sent
   * to this process alone does not reach it then.
   */
  static int runAsChild(List<String> command, Map<String, String> environment) {
    var builder = new ProcessBuilder(command).inheritIO();
    builder.environment().clear();
    builder.environment().putAll(environment);
    try {
      return builder.start().waitFor();
    } catch (IOException e) {
      throw LifecycleException.because(LifecycleException.FAILED, SHELL + " cannot be started", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return LifecycleException.FAILED;
    }
  }
}
