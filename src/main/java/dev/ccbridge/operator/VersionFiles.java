package dev.ccbridge.operator;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The versions that {@code GET /v1/version} tells, each in a file of its own. Source:
 * receptor/cmd/receptor/main.go.
 */
final class VersionFiles {
  private static final Map<String, String> FILES =
      Map.of(
          "cf_release", "CF_LATTICE_RELEASE",
          "cf_routing_release", "CF_ROUTING_RELEASE",
          "diego_release", "DIEGO_RELEASE",
          "garden_linux_release", "GARDEN_LINUX_RELEASE",
          "lattice_release", "LATTICE_RELEASE",
          "lattice_release_image", "LATTICE_RELEASE_IMAGE",
          "ltc", "LTC",
          "receptor", "RECEPTOR");

  /** Before it had a name of its own. */
  private static final String OLD_CF_RELEASE = "CF_RELEASE";

  private VersionFiles() {}

  /** By component; what has no readable file is left out. */
  static Map<String, String> read(Path directory) {
    var versions = new HashMap<String, String>();
    version(directory.resolve(OLD_CF_RELEASE)).ifPresent(old -> versions.put("cf_release", old));
    FILES.forEach(
        (component, file) ->
            version(directory.resolve(file)).ifPresent(found -> versions.put(component, found)));
    return versions;
  }

  private static Optional<String> version(Path file) {
    try {
      return Optional.of(
          new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
              .replaceAll("[\\r\\n]+$", ""));
    } catch (IOException notThere) {
      return Optional.empty();
    }
  }
}
