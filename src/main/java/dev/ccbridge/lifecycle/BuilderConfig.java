package dev.ccbridge.lifecycle;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * What the builder was told by its flags.
 *
 * <p>Source: buildpackapplifecycle builder_config.go.
 *
 * @param buildpackOrder keys of the buildpacks to try, in order; a custom one's key is its URL
 */
record BuilderConfig(
    Path buildDir,
    Path outputDroplet,
    Path outputMetadata,
    Path outputBuildArtifactsCache,
    Path buildpacksDir,
    Path buildArtifactsCacheDir,
    List<String> buildpackOrder,
    boolean skipDetect,
    boolean skipCertVerify) {

  BuilderConfig {
    buildpackOrder = List.copyOf(buildpackOrder);
  }

  /**
   * Reads the nine flags.
   *
   * @throws LifecycleException with exit code 2 for what is not a flag, 1 for a flag without a
   *     value
   */
  static BuilderConfig parse(String program, List<String> arguments) {
    var flags =
        new GoFlags(program)
            .string("buildDir", "/tmp/app", "directory of the app's source")
            .string("outputDroplet", "/tmp/droplet", "file to write the droplet to")
            .string("outputMetadata", "/tmp/result.json", "file to write the staging result to")
            .string(
                "outputBuildArtifactsCache",
                "/tmp/output-cache",
                "file to write the build artifacts cache to")
            .string("buildpacksDir", "/tmp/buildpacks", "directory of the buildpacks")
            .string(
                "buildArtifactsCacheDir", "/tmp/cache", "directory that buildpacks keep things in")
            .string("buildpackOrder", "", "comma-separated keys of the buildpacks to try")
            .bool("skipDetect", "take the first buildpack without asking it")
            .bool("skipCertVerify", "do not verify certificates when downloading buildpacks")
            .parse(arguments);
    var missing = flags.missing();
    if (!missing.isEmpty()) {
      var label = missing.size() == 1 ? "missing flag: " : "missing flags: ";
      throw new LifecycleException(LifecycleException.FAILED, label + String.join(", ", missing));
    }
    return new BuilderConfig(
        path(flags, "buildDir"),
        path(flags, "outputDroplet"),
        path(flags, "outputMetadata"),
        path(flags, "outputBuildArtifactsCache"),
        path(flags, "buildpacksDir"),
        path(flags, "buildArtifactsCacheDir"),
        List.of(flags.value("buildpackOrder").split(",", -1)),
        flags.isSet("skipDetect"),
        flags.isSet("skipCertVerify"));
  }

  private static Path path(GoFlags flags, String name) {
    return Path.of(flags.value(name)).toAbsolutePath().normalize();
  }

  /** Where the buildpack of {@code key} is, or is to be put. */
  Path buildpackPath(String key) {
    return buildpacksDir.resolve(md5(key));
  }

  private static String md5(String text) {
    try {
      var digest = MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has MD5", e);
    }
  }
}
