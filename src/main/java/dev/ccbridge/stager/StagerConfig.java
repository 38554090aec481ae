package dev.ccbridge.stager;

import dev.ccbridge.stager.recipe.RecipeConfig;
import java.time.Duration;
import java.util.List;

/**
 * The settings of the stager.
 *
 * @param recipes what the recipes depend on
 * @param stagerUrl base under which the Receptor reaches our completion callback, without a slash
 *     at the end
 * @param callbackKey signs callback URLs, at least 32 bytes; must outlive a restart, or tasks from
 *     before it are neither believed nor cleaned up
 * @param buildpacks names of the built-in buildpacks, in the order in which they are asked
 * @param pollInterval between two lists of the tasks of a domain in which something is unfinished
 * @param sweepInterval between two looks for tasks whose resource is gone
 * @param callbackPatience how long a callback may wait until its outcome is stored
 */
public record StagerConfig(
    RecipeConfig recipes,
    String stagerUrl,
    byte[] callbackKey,
    List<String> buildpacks,
    Duration pollInterval,
    Duration sweepInterval,
    Duration callbackPatience) {
  private static final int MIN_KEY_BYTES = 32;

  public StagerConfig {
    if (callbackKey.length < MIN_KEY_BYTES) {
      throw new IllegalArgumentException(
          "callbackKey: was " + callbackKey.length + " bytes, wanted at least " + MIN_KEY_BYTES);
    }
    callbackKey = callbackKey.clone();
    buildpacks = List.copyOf(buildpacks);
  }

  /** With the intervals that suit a cluster as well as a laptop. */
  public static StagerConfig of(
      RecipeConfig recipes, String stagerUrl, byte[] callbackKey, List<String> buildpacks) {
    return new StagerConfig(
        recipes,
        stagerUrl,
        callbackKey,
        buildpacks,
        Duration.ofSeconds(2),
        Duration.ofMinutes(1),
        Duration.ofSeconds(8));
  }

  /** A copy: the key must not be changed from outside. */
  @Override
  public byte[] callbackKey() {
    return callbackKey.clone();
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "StagerConfig[" + stagerUrl + ", " + buildpacks + ", " + recipes + "]";
  }
}
