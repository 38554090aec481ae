package dev.ccbridge.registry;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What names an image: a registry, a repository there, and a tag or a digest.
 *
 * <p>Source: nsync recipebuilder/docker_path.go @fb3fab5 for what is a registry and what a tag.
 * Differs from Diego: digests are understood; a reference that no registry could know is refused.
 *
 * @param registry host and port as written; empty for the official index
 * @param repository path at the registry, {@code library/} before a single name at the official
 *     index
 * @param tag empty if none was written; {@code latest} is meant then
 * @param digest goes before the tag
 */
public record ImageReference(
    String registry, String repository, String tag, Optional<Digest> digest) {

  private static final String SCHEME = "://";
  private static final String ROOTFS = "docker" + SCHEME;
  private static final String OFFICIAL = "docker.io";
  private static final Pattern REGISTRY =
      Pattern.compile("(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*)|\\[[0-9A-Fa-f:.]+])(?::[0-9]{1,5})?");
  private static final String WORD = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
  private static final Pattern REPOSITORY = Pattern.compile(WORD + "(?:/" + WORD + ")*");
  private static final int LONGEST_REPOSITORY = 255;
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");

  /**
   * @throws RegistryException INVALID_REQUEST if a part has not the form that registries accept
   */
  public ImageReference {
    if (!registry.isEmpty() && !REGISTRY.matcher(registry).matches()) {
      throw refused("registry", registry, "want a host, or a host and a port");
    }
    if (repository.length() > LONGEST_REPOSITORY || !REPOSITORY.matcher(repository).matches()) {
      throw refused(
          "repository", repository, "want names of a-z, 0-9 and single . _ - between, joined by /");
    }
    if (!tag.isEmpty() && !TAG.matcher(tag).matches()) {
      throw refused("tag", tag, "want up to 128 of A-Z, a-z, 0-9, _, . and -");
    }
  }

  /**
   * Reads a reference as a user writes it, for example {@code img}, {@code me/img:1}, {@code
   * reg.test:5000/me/img} or {@code img@sha256:…}.
   *
   * @throws RegistryException INVALID_REQUEST if it names no image
   */
  public static ImageReference parse(String image) {
    if (image.contains(SCHEME)) {
      throw RegistryException.invalid("docker URI [" + image + "] should not contain scheme");
    }
    var slash = image.indexOf('/');
    var first = slash < 0 ? image : image.substring(0, slash);
    if (slash < 0 && first.equals(OFFICIAL)) {
      throw refused("image", image, "want a repository too");
    }
    if (slash < 0 || isName(first)) {
      return ofRemote("", official(image));
    }
    var remote = image.substring(slash + 1);
    return ofRemote(first, first.equals(OFFICIAL) ? official(remote) : remote);
  }

  /**
   * Reads the URL that a desired LRP's {@code rootfs} is: {@code docker://<registry>/<repository>}
   * with the tag as its fragment.
   *
   * @throws RegistryException INVALID_REQUEST if it names no image
   */
  public static ImageReference parseRootfs(String url) {
    if (!url.startsWith(ROOTFS)) {
      throw refused("root file system", url, "want docker://<registry>/<repository>#<tag>");
    }
    var rest = url.substring(ROOTFS.length());
    var slash = rest.indexOf('/');
    if (slash < 0) {
      throw refused("root file system", url, "want docker://<registry>/<repository>#<tag>");
    }
    var registry = rest.substring(0, slash);
    var remote = rest.substring(slash + 1).replaceFirst("#", ":");
    return ofRemote(registry, isOfficial(registry) ? official(remote) : remote);
  }

  /** Whether {@code first}, before the first slash, is no host but part of a repository. */
  private static boolean isName(String first) {
    return !first.contains(".") && !first.contains(":") && !first.equals("localhost");
  }

  private static String official(String remote) {
    return remote.contains("/") ? remote : "library/" + remote;
  }

  private static ImageReference ofRemote(String registry, String remote) {
    var at = remote.indexOf('@');
    var digest =
        at < 0 ? Optional.<Digest>empty() : Optional.of(new Digest(remote.substring(at + 1)));
    var named = at < 0 ? remote : remote.substring(0, at);
    var colon = named.lastIndexOf(':');
    if (colon < 0 || named.indexOf('/', colon) >= 0) {
      return new ImageReference(registry, named, "", digest);
    }
    return new ImageReference(
        registry, named.substring(0, colon), named.substring(colon + 1), digest);
  }

  /** Whether the image is at the official index, written out or not. */
  public boolean isOfficial() {
    return isOfficial(registry);
  }

  private static boolean isOfficial(String registry) {
    return registry.isEmpty() || registry.equals(OFFICIAL) || registry.equals("index." + OFFICIAL);
  }

  /** What to ask the registry for: the digest, else the tag, else {@code latest}. */
  public String reference() {
    return digest.map(Digest::text).orElse(tag.isEmpty() ? "latest" : tag);
  }

  /** The same repository, by digest. */
  public ImageReference at(Digest other) {
    return new ImageReference(registry, repository, "", Optional.of(other));
  }

  /** As {@link #parse(String)} reads it. */
  @Override
  public String toString() {
    var host = registry.isEmpty() ? "" : registry + "/";
    var version = tag.isEmpty() ? "" : ":" + tag;
    return host + repository + version + digest.map(value -> "@" + value).orElse("");
  }

  private static RegistryException refused(String part, String value, String wanted) {
    return RegistryException.invalid(part + " \"" + value + "\": " + wanted);
  }
}
