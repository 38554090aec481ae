package dev.ccbridge.nsync.recipe;

import dev.ccbridge.receptor.model.GoUrl;

/**
 * A reference to an image, taken apart as the nsync of 2015 does: a digest is not understood, its
 * part after the colon is taken for a tag.
 *
 * @param index registry; empty: the official one
 * @param remoteName name within the registry
 * @param tag empty: none
 */
record DockerImage(String index, String remoteName, String tag) {
  private static final String OFFICIAL_INDEX = "docker.io";

  /**
   * Source: nsync/recipebuilder/docker_recipe_builder.go, convertDockerURI. Differs from Diego: an
   * index without a name is refused, where the original crashed.
   *
   * @throws RecipeException for a scheme, or for no name
   */
  static DockerImage parse(String reference) {
    if (reference.contains("://")) {
      throw new RecipeException(
          RecipeError.BAD_IMAGE, "docker URI [" + reference + "] should not contain scheme");
    }
    var slash = reference.indexOf('/');
    var first = slash < 0 ? reference : reference.substring(0, slash);
    if (reference.equals(OFFICIAL_INDEX)) {
      throw new RecipeException(
          RecipeError.BAD_IMAGE, "[" + reference + "] is a registry: name an image");
    }
    if (slash >= 0 && first.equals(OFFICIAL_INDEX)) {
      return official(OFFICIAL_INDEX, reference.substring(slash + 1));
    }
    if (slash < 0 || !isRegistry(first)) {
      return official("", reference);
    }
    return tagged(first, reference.substring(slash + 1));
  }

  /** A registry looks like a host: it has a dot or a port, or is this machine. */
  private static boolean isRegistry(String part) {
    return part.contains(".") || part.contains(":") || part.equals("localhost");
  }

  private static DockerImage official(String index, String remote) {
    return tagged(index, remote.contains("/") ? remote : "library/" + remote);
  }

  private static DockerImage tagged(String index, String remote) {
    var colon = remote.lastIndexOf(':');
    return colon < 0 || remote.indexOf('/', colon) >= 0
        ? new DockerImage(index, remote, "")
        : new DockerImage(index, remote.substring(0, colon), remote.substring(colon + 1));
  }

  /** {@code docker://<index>/<remote>[#<tag>]}, escaped as a path and a fragment. */
  String rootfs() {
    return GoUrl.of("docker", index + "/" + remoteName, tag).toString();
  }
}
