package dev.ccbridge.registry;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;

/**
 * What an image must have been built for, in the words of image indexes.
 *
 * @param os always {@code linux} for this machine: what else would run in a container here
 */
record Platform(String os, String architecture) {

  static Platform ofThisMachine() {
    return of(System.getProperty("os.arch", ""));
  }

  /**
   * @param javaName of the processor architecture
   */
  static Platform of(String javaName) {
    var architecture =
        switch (javaName.toLowerCase(Locale.ROOT)) {
          case "x86_64", "amd64" -> "amd64";
          case "aarch64", "arm64" -> "arm64";
          case "x86", "i386", "i686" -> "386";
          default -> javaName.toLowerCase(Locale.ROOT);
        };
    return new Platform("linux", architecture);
  }

  /**
   * @return the digest of the first manifest for this platform
   * @throws RegistryException INVALID_REQUEST if there is none
   */
  Digest choose(ImageReference image, JsonNode index) {
    for (var entry : index.path("manifests")) {
      var platform = entry.path("platform");
      if (platform.path("os").asText("").equals(os)
          && platform.path("architecture").asText("").equals(architecture)) {
        return Manifest.descriptor(entry, "platform").digest();
      }
    }
    throw RegistryException.invalid(
        "image " + image + " is not there for " + os + "/" + architecture);
  }
}
