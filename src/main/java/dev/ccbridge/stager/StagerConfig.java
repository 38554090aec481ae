package dev.ccbridge.stager;

import dev.ccbridge.kube.WatchedNamespaces;
import dev.ccbridge.receptor.EgressGaps;
import dev.ccbridge.stager.recipe.RecipeConfig;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

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
 * @param ccBaseUrl base of the internal API of the Cloud Controller whose requests are taken;
 *     empty: none are
 * @param ccNamespace where the resources of its requests are made
 * @param consulCluster base of the Consul agent that knows the caching docker registry; empty:
 *     there is none
 * @param namespaces whose StagingRequests are worked on
 * @param egressGaps what is not enforced where the Receptor runs containers
 */
public record StagerConfig(
    RecipeConfig recipes,
    String stagerUrl,
    byte[] callbackKey,
    List<String> buildpacks,
    Duration pollInterval,
    Duration sweepInterval,
    Duration callbackPatience,
    Optional<URI> ccBaseUrl,
    String ccNamespace,
    Optional<URI> consulCluster,
    WatchedNamespaces namespaces,
    EgressGaps egressGaps) {
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
        Duration.ofSeconds(8),
        Optional.empty(),
        "default",
        Optional.empty(),
        WatchedNamespaces.ALL,
        EgressGaps.UNKNOWN);
  }

  /** The same, with the front door for a Cloud Controller. */
  public StagerConfig withCloudController(URI baseUrl, String namespace) {
    return with(
        draft -> {
          draft.ccBaseUrl = Optional.of(baseUrl);
          draft.ccNamespace = namespace;
        });
  }

  /** The same, with a Consul agent that knows the caching docker registry. */
  public StagerConfig withConsul(URI agent) {
    return with(draft -> draft.consulCluster = Optional.of(agent));
  }

  /** The same, for some namespaces. */
  public StagerConfig withNamespaces(WatchedNamespaces watched) {
    return with(draft -> draft.namespaces = watched);
  }

  /** The same, with other intervals. */
  public StagerConfig withIntervals(Duration poll, Duration sweep, Duration patience) {
    return with(
        draft -> {
          draft.pollInterval = poll;
          draft.sweepInterval = sweep;
          draft.callbackPatience = patience;
        });
  }

  /** The same, with what is known of egress rules. */
  public StagerConfig withEgressGaps(EgressGaps gaps) {
    return with(draft -> draft.egressGaps = gaps);
  }

  private StagerConfig with(Consumer<Draft> change) {
    var draft = new Draft(this);
    change.accept(draft);
    return draft.finish();
  }

  /** What differs from other settings. Used by one thread. */
  private static final class Draft {
    private final StagerConfig before;
    private Duration pollInterval;
    private Duration sweepInterval;
    private Duration callbackPatience;
    private Optional<URI> ccBaseUrl;
    private String ccNamespace;
    private Optional<URI> consulCluster;
    private WatchedNamespaces namespaces;
    private EgressGaps egressGaps;

    Draft(StagerConfig before) {
      this.before = before;
      this.pollInterval = before.pollInterval;
      this.sweepInterval = before.sweepInterval;
      this.callbackPatience = before.callbackPatience;
      this.ccBaseUrl = before.ccBaseUrl;
      this.ccNamespace = before.ccNamespace;
      this.consulCluster = before.consulCluster;
      this.namespaces = before.namespaces;
      this.egressGaps = before.egressGaps;
    }

    StagerConfig finish() {
      return new StagerConfig(
          before.recipes,
          before.stagerUrl,
          before.callbackKey,
          before.buildpacks,
          pollInterval,
          sweepInterval,
          callbackPatience,
          ccBaseUrl,
          ccNamespace,
          consulCluster,
          namespaces,
          egressGaps);
    }
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
