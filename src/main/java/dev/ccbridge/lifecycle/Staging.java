package dev.ccbridge.lifecycle;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One staging: from source, buildpacks and cache to droplet, cache and result file.
 *
 * <p>Source: buildpackrunner/runner.go, Run(). Differs from Diego: the app is put into the droplet
 * from where it is, without a copy in between; a buildpack with {@code bin/finalize} is run as
 * today.
 */
final class Staging {
  private static final Duration DOWNLOAD_LIMIT = Duration.ofMinutes(10);
  private static final String DEPS_INDEX = "0";

  private final BuilderConfig config;

  Staging(BuilderConfig config) {
    this.config = config;
  }

  /**
   * Runs all steps.
   *
   * @throws LifecycleException with the exit code of the step that failed
   * @throws IOException if a file cannot be read or written
   */
  void run() throws IOException {
    makeDirectories();
    downloadBuildpacks();
    var detected = detect();
    var deps = build(detected.buildpack());
    var result =
        new StagingResult(
            detected.buildpack().key(), detected.output(), startCommand(detected.buildpack()));
    writeDroplet(result, deps);
    writeCache();
    Files.writeString(config.outputMetadata(), result.toJson());
  }

  private void makeDirectories() throws IOException {
    try {
      Files.createDirectories(parent(config.outputDroplet()));
      Files.createDirectories(parent(config.outputMetadata()));
      Files.createDirectories(config.buildArtifactsCacheDir());
    } catch (IOException e) {
      throw LifecycleException.because(
          LifecycleException.FAILED, "Failed to set up filesystem when generating droplet", e);
    }
  }

  private void downloadBuildpacks() {
    var downloader = new BuildpackDownloader(config.skipCertVerify(), DOWNLOAD_LIMIT);
    for (var entry : config.buildpackOrder()) {
      if (BuildpackUrl.isUrl(entry)) {
        downloader.download(BuildpackUrl.parse(entry), config.buildpackPath(entry));
      }
    }
  }

  private record Detected(Buildpack buildpack, String output) {}

  private Detected detect() {
    for (var key : config.buildpackOrder()) {
      Buildpack buildpack;
      try {
        buildpack = Buildpack.locate(config, key);
      } catch (LifecycleException e) {
        System.err.println(e.message()); // one that cannot be used; the next may be the right one
        continue;
      }
      if (config.skipDetect()) {
        return new Detected(buildpack, "");
      }
      var output = outputOfDetect(buildpack);
      if (output != null) {
        return new Detected(buildpack, output);
      }
    }
    throw new LifecycleException(
        LifecycleException.DETECT_FAILED,
        "None of the buildpacks detected a compatible application");
  }

  private @Nullable String outputOfDetect(Buildpack buildpack) {
    try {
      return buildpack.output("detect", config.buildDir()).replaceAll("\n+\\z", "");
    } catch (ScriptFailedException e) {
      if (e.getCause() != null) { // not even a status, which would only say "not mine"
        System.err.println(BuildpackUrl.masked(buildpack.key()) + ": " + e.getMessage());
      }
      return null;
    }
  }

  /** Returns the directory of dependencies for the droplet, or null if the buildpack has none. */
  private @Nullable Path build(Buildpack buildpack) throws IOException {
    if (!buildpack.has("finalize")) {
      compile(buildpack);
      return null;
    }
    var deps = Files.createTempDirectory(parent(config.outputDroplet()), "deps");
    Files.setPosixFilePermissions(deps, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createDirectories(deps.resolve(DEPS_INDEX));
    if (buildpack.has("supply")) {
      runWithDeps(
          buildpack,
          "supply",
          deps,
          LifecycleException.SUPPLY_FAILED,
          "Failed to run all supply scripts");
    }
    runWithDeps(
        buildpack,
        "finalize",
        deps,
        LifecycleException.FINALIZE_FAILED,
        "Failed to run finalize script");
    return deps;
  }

  private void compile(Buildpack buildpack) {
    try {
      buildpack.run("compile", config.buildDir(), config.buildArtifactsCacheDir());
    } catch (ScriptFailedException e) {
      throw LifecycleException.because(
          LifecycleException.COMPILE_FAILED, "Failed to compile droplet", e);
    }
  }

  private void runWithDeps(
      Buildpack buildpack, String script, Path deps, int exitCode, String failure) {
    try {
      buildpack.run(script, config.buildDir(), config.buildArtifactsCacheDir(), deps, DEPS_INDEX);
    } catch (ScriptFailedException e) {
      throw LifecycleException.because(exitCode, failure, e);
    }
  }

  /** The Procfile's {@code web}, else the buildpack's; the buildpack is asked in both cases. */
  private String startCommand(Buildpack buildpack) {
    var fromProcfile = commandOfProcfile();
    var fromRelease = commandOfRelease(buildpack);
    var command = fromProcfile.isEmpty() ? fromRelease : fromProcfile;
    if (command.isEmpty()) {
      System.err.println("No start command detected; command must be provided at runtime");
    }
    return command;
  }

  private String commandOfProcfile() {
    var procfile = config.buildDir().resolve("Procfile");
    if (!Files.exists(procfile)) {
      return "";
    }
    try {
      var processes = Yaml.map(Files.readString(procfile));
      for (var name : processes.keySet()) {
        Yaml.text(processes, name);
      }
      return Yaml.text(processes, "web");
    } catch (IOException e) {
      throw new LifecycleException(
          LifecycleException.FAILED, "Failed to read command from Procfile: invalid YAML", e);
    }
  }

  private String commandOfRelease(Buildpack buildpack) {
    var failure = "Failed to build droplet release";
    try {
      var release = Yaml.map(buildpack.output("release", config.buildDir()));
      return Yaml.text(Yaml.map(release, "default_process_types"), "web");
    } catch (ScriptFailedException e) {
      throw LifecycleException.because(LifecycleException.RELEASE_FAILED, failure, e);
    } catch (IOException e) {
      throw LifecycleException.because(
          LifecycleException.RELEASE_FAILED, failure + ": buildpack's release output invalid", e);
    }
  }

  private void writeDroplet(StagingResult result, @Nullable Path deps) throws IOException {
    try (var droplet = TarGz.create(config.outputDroplet())) {
      droplet.addFile("./staging_info.yml", result.toStagingInfo().getBytes(UTF_8));
      droplet.addTree("./app/", config.buildDir());
      if (deps != null) {
        droplet.addTree("./deps/", deps);
      }
      droplet.addDirectory("./logs/");
      droplet.addDirectory("./tmp/");
    } catch (IOException e) {
      throw LifecycleException.because(LifecycleException.FAILED, "Failed to compress droplet", e);
    }
  }

  private void writeCache() throws IOException {
    Files.createDirectories(parent(config.outputBuildArtifactsCache()));
    try (var cache = TarGz.create(config.outputBuildArtifactsCache())) {
      cache.addChildren("./", config.buildArtifactsCacheDir());
    } catch (IOException e) {
      throw LifecycleException.because(
          LifecycleException.FAILED, "Failed to compress build artifacts", e);
    }
  }

  private static Path parent(Path file) {
    var parent = file.getParent();
    return parent == null ? file : parent;
  }
}
