package dev.ccbridge.lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The program {@code builder} of the Windows lifecycle: no buildpack is run; what starts the app is
 * seen by its files, and the droplet is the app as it came.
 *
 * <p>Source: windows_app_lifecycle @099e5e1 Builder/Program.cs.
 */
public final class WindowsBuilder {
  private static final List<String> NEEDED = List.of("buildDir", "outputDroplet", "outputMetadata");
  private static final List<String> UNUSED =
      List.of(
          "outputBuildArtifactsCache", "buildpacksDir", "buildArtifactsCacheDir", "buildpackOrder");

  private final Path root;
  private final Map<String, String> environment;

  /**
   * @param root what paths in the arguments are below, though they look absolute
   */
  WindowsBuilder(Path root, Map<String, String> environment) {
    this.root = root;
    this.environment = Map.copyOf(environment);
  }

  /** Stages by the flags in {@code arguments} and ends the process with the exit code. */
  public static void main(String[] arguments) {
    var builder = new WindowsBuilder(Path.of("").toAbsolutePath(), System.getenv());
    System.exit(builder.run(List.of(arguments)));
  }

  int run(List<String> arguments) {
    try {
      stage(parse(arguments));
      return 0;
    } catch (LifecycleException e) {
      System.err.println(e.message());
      return LifecycleException.FAILED;
    } catch (IOException e) {
      System.err.println("staging failed: " + e);
      return LifecycleException.FAILED;
    }
  }

  private static GoFlags parse(List<String> arguments) {
    var flags =
        new GoFlags("builder").bool("skipDetect", "not used").bool("skipCertVerify", "not used");
    NEEDED.forEach(name -> flags.string(name, "", "path below the current directory"));
    UNUSED.forEach(name -> flags.string(name, "", "not used"));
    flags.parse(arguments);
    for (var name : NEEDED) {
      if (flags.value(name).isEmpty()) {
        throw new LifecycleException(LifecycleException.FAILED, "missing flag: -" + name);
      }
    }
    return flags;
  }

  private void stage(GoFlags flags) throws IOException {
    var app = path(flags, "buildDir");
    var start = WindowsStart.detect(app);
    var webConfig = WindowsStart.webConfig(app);
    if (webConfig.isPresent()) {
      var services = environment.getOrDefault("VCAP_SERVICES", "");
      ConnectionStrings.write(webConfig.get(), ConnectionStrings.of(services));
    }
    if (start.command().isEmpty()) {
      System.err.println("No start command detected");
    }
    writeDroplet(app, withParent(path(flags, "outputDroplet")));
    Files.writeString(withParent(path(flags, "outputMetadata")), start.toJson());
  }

  private static void writeDroplet(Path app, Path file) throws IOException {
    try (var droplet = TarGz.create(file)) {
      droplet.addChildren("", app);
    }
  }

  private static Path withParent(Path file) throws IOException {
    if (file.getParent() != null) {
      Files.createDirectories(file.getParent());
    }
    return file;
  }

  private Path path(GoFlags flags, String name) {
    return Path.of(root.toString(), flags.value(name)).normalize();
  }
}
