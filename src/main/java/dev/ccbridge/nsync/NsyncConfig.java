package dev.ccbridge.nsync;

import dev.ccbridge.nsync.recipe.RecipeConfig;
import dev.ccbridge.nsync.recipe.RsaKeys;
import dev.ccbridge.receptor.EgressGaps;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Settings of this room.
 *
 * @param recipe lifecycles and file server; part of the version of every LRP, so a changed file
 *     server URL makes new versions of all
 * @param sshKeyBits size of the keys of apps with an ssh server
 * @param compareInterval between two full lists of the Receptor's LRPs, which repair lost events
 * @param reconnectPause before the event stream is subscribed to anew, and between forced lists
 * @param coalesce how long changes are collected before they lead to a reconcile
 * @param resync how soon something that no event announces is looked at again
 * @param domainTtl how long the Receptor takes our domains for complete after each full list
 * @param ccNamespace where Cloud Controller's apps are resources
 * @param deletionPatience how long an app that is wanted again waits for the end of its resource
 *     that is being deleted
 * @param namespaces watched ones; empty: all. What is in domains of others is never touched
 * @param egressGaps what is not enforced where the Receptor runs containers
 * @param imageCredentials whether the Receptor is told who pulls a docker image; one of Diego's
 *     time does not know what to do with it
 */
public record NsyncConfig(
    RecipeConfig recipe,
    int sshKeyBits,
    Duration compareInterval,
    Duration reconnectPause,
    Duration coalesce,
    Duration resync,
    Duration domainTtl,
    String ccNamespace,
    Duration deletionPatience,
    Set<String> namespaces,
    EgressGaps egressGaps,
    boolean imageCredentials) {
  private static final Duration COMPARE_INTERVAL = Duration.ofMinutes(1);
  private static final Duration RECONNECT_PAUSE = Duration.ofSeconds(1);
  private static final Duration COALESCE = Duration.ofMillis(100);
  private static final Duration RESYNC = Duration.ofSeconds(2);
  private static final Duration DOMAIN_TTL = Duration.ofMinutes(3);

  private static final String CC_NAMESPACE = "default";
  private static final Duration DELETION_PATIENCE = Duration.ofSeconds(10);

  public NsyncConfig {
    namespaces = Set.copyOf(namespaces);
  }

  /** Everything else as it usually is. */
  public static NsyncConfig of(Map<String, String> lifecycles, String fileServerUrl) {
    return new NsyncConfig(
        new RecipeConfig(lifecycles, fileServerUrl),
        RsaKeys.DEFAULT_BITS,
        COMPARE_INTERVAL,
        RECONNECT_PAUSE,
        COALESCE,
        RESYNC,
        DOMAIN_TTL,
        CC_NAMESPACE,
        DELETION_PATIENCE,
        Set.of(),
        EgressGaps.UNKNOWN,
        false);
  }

  /** The same, with what is known of egress rules. */
  public NsyncConfig withEgressGaps(EgressGaps gaps) {
    return with(draft -> draft.egressGaps = gaps);
  }

  /** The same, with a Receptor that is or is not told who pulls a docker image. */
  public NsyncConfig withImageCredentials(boolean other) {
    return with(draft -> draft.imageCredentials = other);
  }

  /** For an operator that watches only these; empty: all. */
  public NsyncConfig withNamespaces(Set<String> other) {
    return with(draft -> draft.namespaces = other);
  }

  /** For Cloud Controller's apps in this namespace. */
  public NsyncConfig withCcNamespace(String other) {
    return with(draft -> draft.ccNamespace = other);
  }

  /** Waiting so long for a resource that is being deleted. */
  public NsyncConfig withDeletionPatience(Duration other) {
    return with(draft -> draft.deletionPatience = other);
  }

  /** With ssh keys of this size. */
  public NsyncConfig withSshKeyBits(int other) {
    return with(draft -> draft.sshKeyBits = other);
  }

  private NsyncConfig with(Consumer<Draft> change) {
    var draft = new Draft(this);
    change.accept(draft);
    return draft.finish();
  }

  /** What differs from other settings. Used by one thread. */
  private static final class Draft {
    private final NsyncConfig before;
    private int sshKeyBits;
    private String ccNamespace;
    private Duration deletionPatience;
    private Set<String> namespaces;
    private EgressGaps egressGaps;
    private boolean imageCredentials;

    Draft(NsyncConfig before) {
      this.before = before;
      this.sshKeyBits = before.sshKeyBits;
      this.ccNamespace = before.ccNamespace;
      this.deletionPatience = before.deletionPatience;
      this.namespaces = before.namespaces;
      this.egressGaps = before.egressGaps;
      this.imageCredentials = before.imageCredentials;
    }

    NsyncConfig finish() {
      return new NsyncConfig(
          before.recipe,
          sshKeyBits,
          before.compareInterval,
          before.reconnectPause,
          before.coalesce,
          before.resync,
          before.domainTtl,
          ccNamespace,
          deletionPatience,
          namespaces,
          egressGaps,
          imageCredentials);
    }
  }

  boolean watches(String namespace) {
    return namespaces.isEmpty() || namespaces.contains(namespace);
  }
}
