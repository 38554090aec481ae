package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.kube.MergePatch;
import dev.ccbridge.kube.Names;
import dev.ccbridge.receptor.model.SecurityGroupRule;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One NetworkPolicy for each set of egress rules that Pods have, there before the first of them and
 * removed a while after the last. A container without egress rules has none: what the cluster's own
 * policies say holds.
 *
 * <p>When a policy was last asked for stands in the policy: a process that removes one nobody uses
 * removes it as it has read it, and so not one that another has asked for since. Thread-safe.
 */
final class EgressPolicies {
  private static final Logger LOG = LoggerFactory.getLogger(EgressPolicies.class);

  /** On Pods and policies; the value is made of the rules. */
  static final String LABEL = "ccbridge.dev/egress";

  private static final String USED_ANNOTATION = "ccbridge.dev/last-used";
  private static final String NAMESPACE_LABEL = "kubernetes.io/metadata.name";
  private static final int DNS = 53;

  /** Where a node's own cache of names listens, if there is one. */
  private static final String NODE_DNS = "169.254.20.10/32";

  /** For so long it is not asked again whether a policy is there. */
  private static final Duration FRESH = Duration.ofSeconds(30);

  /** Longer than any Pod takes from the wish for it to where everybody sees it. */
  private static final Duration KEPT = Duration.ofMinutes(10);

  private final KubernetesClient kubernetes;
  private final PodBackendConfig config;
  private final Clock clock;
  private final ConcurrentMap<String, Instant> asked = new ConcurrentHashMap<>();

  /** Which may be in nobody's use, and since when. */
  private final ConcurrentMap<String, Instant> unused = new ConcurrentHashMap<>();

  private boolean hasLooked;

  EgressPolicies(KubernetesClient kubernetes, PodBackendConfig config, Clock clock) {
    this.kubernetes = kubernetes;
    this.config = config;
    this.clock = clock;
  }

  /** The value of {@link #LABEL} for a container's rules; empty: it has none. Pure. */
  static Optional<String> key(List<SecurityGroupRule> rules, PodBackendConfig config) {
    return rules.isEmpty()
        ? Optional.empty()
        : Optional.of(Names.hash(Serialization.asJson(egress(rules, config))));
  }

  /** Pure. */
  static NetworkPolicy policy(List<SecurityGroupRule> rules, String key, PodBackendConfig config) {
    var labels = new LinkedHashMap<>(PodMarks.ofCell(config.name()));
    labels.put(LABEL, key);
    return new NetworkPolicyBuilder()
        .withNewMetadata()
        .withName(name(key, config))
        .withNamespace(config.namespace())
        .withLabels(labels)
        .endMetadata()
        .withNewSpec()
        .withNewPodSelector()
        .withMatchLabels(labels(key, config))
        .endPodSelector()
        .withPolicyTypes("Egress")
        .withEgress(egress(rules, config))
        .endSpec()
        .build();
  }

  /** Which Pods a policy is for. */
  private static Map<String, String> labels(String key, PodBackendConfig config) {
    return Map.of(PodMarks.CELL, config.name(), LABEL, key);
  }

  private static String name(String key, PodBackendConfig config) {
    return Names.fromGuid(config.name() + "-egress-" + key);
  }

  private static List<NetworkPolicyEgressRule> egress(
      List<SecurityGroupRule> rules, PodBackendConfig config) {
    var egress = new ArrayList<NetworkPolicyEgressRule>();
    egress.add(names());
    if (!config.reachable().isEmpty()) {
      var always = config.reachable().stream().map(EgressPolicies::peer).toList();
      egress.add(new NetworkPolicyEgressRuleBuilder().withTo(always).build());
    }
    egress.addAll(EgressRules.of(rules).allowed());
    return egress;
  }

  /** Diego's containers ask their cell for names, which no rule has to allow. */
  private static NetworkPolicyEgressRule names() {
    return new NetworkPolicyEgressRuleBuilder()
        .addNewTo()
        .withNewNamespaceSelector()
        .endNamespaceSelector()
        .endTo()
        .addNewTo()
        .withNewIpBlock()
        .withCidr(NODE_DNS)
        .endIpBlock()
        .endTo()
        .addNewPort()
        .withProtocol("UDP")
        .withPort(new IntOrString(DNS))
        .endPort()
        .addNewPort()
        .withProtocol("TCP")
        .withPort(new IntOrString(DNS))
        .endPort()
        .build();
  }

  private static NetworkPolicyPeer peer(Reachable reachable) {
    var peer = new io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeerBuilder();
    return switch (reachable) {
      case Reachable.Block(var cidr) -> peer.withNewIpBlock().withCidr(cidr).endIpBlock().build();
      case Reachable.Pods(var namespace, var labels) -> {
        var within =
            peer.withNewNamespaceSelector()
                .withMatchLabels(Map.of(NAMESPACE_LABEL, namespace))
                .endNamespaceSelector();
        yield labels.isEmpty()
            ? within.build()
            : within.withNewPodSelector().withMatchLabels(labels).endPodSelector().build();
      }
    };
  }

  /**
   * Sees to it that the policy of these rules is there, before a Pod that is to have it.
   *
   * @throws KubernetesClientException when it cannot be had; then the Pod must not run
   */
  void ensure(List<SecurityGroupRule> rules) {
    var key = key(rules, config);
    if (key.isEmpty()) {
      return;
    }
    var now = clock.instant();
    unused.remove(key.get());
    var before = asked.get(key.get());
    if (before != null && now.isBefore(before.plus(FRESH))) {
      return;
    }
    createOrTouch(policy(rules, key.get(), config), now);
    asked.put(key.get(), now);
  }

  private void createOrTouch(NetworkPolicy policy, Instant now) {
    policy.getMetadata().setAnnotations(Map.of(USED_ANNOTATION, now.toString()));
    var all = kubernetes.network().v1().networkPolicies().inNamespace(config.namespace());
    try {
      all.resource(policy).create();
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
      // The whole of it: somebody may have changed what it says.
      var name = policy.getMetadata().getName();
      MergePatch.apply(all, new NetworkPolicy(), name, Serialization.asJson(policy));
    }
  }

  /** A Pod that had this policy is gone. */
  void released(String key) {
    if (!key.isEmpty()) {
      unused.putIfAbsent(key, clock.instant());
    }
  }

  /**
   * Removes what nobody has used for long.
   *
   * @param inUse the policies of the Pods there are
   */
  void tidy(Set<String> inUse) {
    if (!hasLooked) {
      find().forEach(this::released);
      hasLooked = true;
    }
    unused.keySet().removeAll(inUse);
    var now = clock.instant();
    unused.forEach(
        (key, since) -> {
          if (now.isAfter(since.plus(KEPT))) {
            remove(key, now);
          }
        });
  }

  /** Once in a life: those of earlier ones. */
  private List<String> find() {
    return kubernetes
        .network()
        .v1()
        .networkPolicies()
        .inNamespace(config.namespace())
        .withLabels(PodMarks.ofCell(config.name()))
        .withLabel(LABEL)
        .list()
        .getItems()
        .stream()
        .map(policy -> policy.getMetadata().getLabels().get(LABEL))
        .toList();
  }

  private void remove(String key, Instant now) {
    var itself =
        kubernetes
            .network()
            .v1()
            .networkPolicies()
            .inNamespace(config.namespace())
            .withName(name(key, config));
    var policy = itself.get();
    if (policy == null || !used(policy).plus(KEPT).isBefore(now)) {
      unused.remove(key);
      return;
    }
    try {
      itself.lockResourceVersion(policy.getMetadata().getResourceVersion()).delete();
      unused.remove(key);
      asked.remove(key);
    } catch (KubernetesClientException e) {
      // In use again, or not to be had now: the next time.
      LOG.info("a network policy was not removed name={} code={}", name(key, config), e.getCode());
    }
  }

  private static Instant used(NetworkPolicy policy) {
    var annotations = policy.getMetadata().getAnnotations();
    var at =
        annotations == null
            ? ""
            : Objects.requireNonNullElse((@Nullable String) annotations.get(USED_ANNOTATION), "");
    try {
      return Instant.parse(at);
    } catch (DateTimeParseException e) {
      return Instant.EPOCH;
    }
  }
}
