package dev.ccbridge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The lifecycle archive, buildpacks and samples as the build packed them, unpacked into a directory
 * as a cell does it, and their programs as processes.
 */
final class Lifecycle {
  private static final Path STATIC = Path.of("target/static");
  private static final int LIMIT_SECONDS = 60;

  private final Path work;

  Lifecycle(Path work) throws Exception {
    this(work, "buildpack_app_lifecycle/buildpack_app_lifecycle");
  }

  /**
   * @param archive of the lifecycle, without its suffix
   */
  Lifecycle(Path work, String archive) throws Exception {
    this.work = work;
    unpack(archive, work.resolve("lifecycle"));
  }

  static Path archive(String name) {
    var archive = STATIC.resolve(name + ".tgz");
    assertThat(archive).as("packed by the package phase").exists();
    return archive;
  }

  static void unpack(String name, Path target) throws Exception {
    untar(archive(name), target);
  }

  private static void untar(Path archive, Path target) throws Exception {
    Files.createDirectories(target);
    var tar =
        new ProcessBuilder("tar", "-xzf", archive.toString(), "-C", target.toString())
            .inheritIO()
            .start();
    assertThat(tar.waitFor()).isZero();
  }

  Path program(String name) {
    return work.resolve("lifecycle").resolve(name);
  }

  /** What a finished program left. */
  record Finished(int status, String stdout, String stderr) {}

  /** Runs to the end, in {@code home}, with {@code environment} besides that of the tests. */
  Finished run(Path home, Map<String, String> environment, List<String> command) throws Exception {
    var stdout = Files.createTempFile(work, "stdout", null);
    var stderr = Files.createTempFile(work, "stderr", null);
    var process =
        builder(home, environment, command)
            .redirectOutput(stdout.toFile())
            .redirectError(stderr.toFile())
            .start();
    try {
      assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).as("has ended").isTrue();
      return new Finished(process.exitValue(), Files.readString(stdout), Files.readString(stderr));
    } finally {
      process.destroyForcibly();
    }
  }

  Finished launch(Path home, Map<String, String> environment, String command) throws Exception {
    return run(home, environment, List.of(program("launcher").toString(), "app", command, ""));
  }

  /** Starts the app of the droplet in {@code home} and leaves it running. */
  Process start(Path home, Map<String, String> environment) throws IOException {
    var launcher = List.of(program("launcher").toString(), "app", "", "");
    return builder(home, environment, launcher)
        .redirectOutput(home.resolve("stdout").toFile())
        .redirectErrorStream(true)
        .start();
  }

  private ProcessBuilder builder(Path home, Map<String, String> environment, List<String> command) {
    var builder = new ProcessBuilder(command).directory(home.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    return builder;
  }

  /** Stages {@code app} with our three buildpacks, the flags as the stager gives them. */
  Finished stage(Path app) throws Exception {
    var order = List.of("static_buildpack", "java_buildpack", "binary_buildpack");
    var config =
        BuilderConfig.parse(
            "", List.of("-buildpackOrder=a", "-buildpacksDir=" + work.resolve("buildpacks")));
    for (var key : order) {
      unpack("buildpacks/" + key, config.buildpackPath(key));
    }
    var command = new ArrayList<String>();
    command.add(program("builder").toString());
    command.add("-buildArtifactsCacheDir=" + work.resolve("cache"));
    command.add("-buildDir=" + app);
    command.add("-buildpackOrder=" + String.join(",", order));
    command.add("-buildpacksDir=" + work.resolve("buildpacks"));
    command.add("-outputBuildArtifactsCache=" + work.resolve("output-cache"));
    command.add("-outputDroplet=" + droplet());
    command.add("-outputMetadata=" + work.resolve("result.json"));
    command.add("-skipCertVerify=false");
    command.add("-skipDetect=false");
    return run(work, Map.of(), command);
  }

  Path droplet() {
    return work.resolve("droplet");
  }

  String result() throws IOException {
    return Files.readString(work.resolve("result.json"));
  }

  /** A container's home directory with the droplet in it. */
  Path home(String name) throws Exception {
    var home = work.resolve(name);
    untar(droplet(), home);
    return home;
  }

  static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
