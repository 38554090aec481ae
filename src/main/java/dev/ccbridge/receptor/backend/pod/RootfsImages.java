package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.receptor.backend.PlacementException;
import dev.ccbridge.receptor.model.ImageCredentials;
import dev.ccbridge.registry.ImageReference;
import dev.ccbridge.registry.RegistryException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Which image is a root file system. */
final class RootfsImages {
  private static final String PRELOADED = "preloaded:";
  private static final String DOCKER = "docker:";

  /** The official index, as clients of Docker keep what they know of it. */
  private static final String OFFICIAL = "https://index.docker.io/v1/";

  private final Map<String, String> preloaded;

  /**
   * @param preloaded name to image
   */
  RootfsImages(Map<String, String> preloaded) {
    this.preloaded = preloaded;
  }

  /** An image that is not one of the platform's own: its programs may write anywhere they can. */
  static boolean isForeign(String rootfs) {
    return rootfs.startsWith(DOCKER);
  }

  /**
   * The image as a Pod names it.
   *
   * @throws PlacementException when no node can have it
   */
  String image(String rootfs) {
    if (isForeign(rootfs)) {
      return foreign(rootfs);
    }
    var image =
        rootfs.startsWith(PRELOADED) ? preloaded.get(rootfs.substring(PRELOADED.length())) : null;
    if (image == null) {
      throw new PlacementException(PlacementException.NO_COMPATIBLE_CELL);
    }
    return image;
  }

  private static String foreign(String rootfs) {
    try {
      var reference = ImageReference.parseRootfs(rootfs);
      return reference.isOfficial()
          ? "docker.io/" + withoutRegistry(reference)
          : reference.toString();
    } catch (RegistryException notAnImage) {
      throw new PlacementException(PlacementException.NO_COMPATIBLE_CELL);
    }
  }

  /**
   * What a kubelet reads from a pull Secret: who we are at the registry of a foreign image.
   *
   * @throws PlacementException when it is none that a node can have
   */
  static String dockerConfig(String rootfs, ImageCredentials credentials) {
    try {
      var image = ImageReference.parseRootfs(rootfs);
      var registry = image.isOfficial() ? OFFICIAL : image.registry();
      // In an order that stays: by what a Secret says the next life knows it.
      var user =
          new TreeMap<>(
              Map.of("username", credentials.username(), "password", credentials.password()));
      return Serialization.asJson(Map.of("auths", Map.of(registry, user)));
    } catch (RegistryException notAnImage) {
      throw new PlacementException(PlacementException.NO_COMPATIBLE_CELL);
    }
  }

  private static ImageReference withoutRegistry(ImageReference reference) {
    return new ImageReference("", reference.repository(), reference.tag(), reference.digest());
  }

  /** What a cell offers, by scheme; no names: any. */
  Map<String, List<String>> providers() {
    return Map.of("docker", List.of(), "preloaded", List.copyOf(new TreeMap<>(preloaded).keySet()));
  }
}
