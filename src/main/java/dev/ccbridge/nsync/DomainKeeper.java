package dev.ccbridge.nsync;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.LRPReasons;
import dev.ccbridge.kube.Conditions;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the Receptor which domains of ours are complete, and removes from those what belongs to no
 * resource any more. Both only when the informer and the cache of LRPs are in step, which the
 * caller makes sure of; an LRP without a resource is removed only when the API server itself says
 * so, and when its domain is fresh.
 *
 * <p>The domain of Cloud Controller's apps is not kept here: whether it is complete is for Cloud
 * Controller to say. Two operators must not share a Receptor when they watch namespaces of the same
 * name.
 */
final class DomainKeeper {
  private static final Logger LOG = LoggerFactory.getLogger(DomainKeeper.class);

  private final Receptor receptor;
  private final NsyncConfig config;
  private final IndexerResourceCache<DesiredLRP> resources;
  private final KubernetesClient client;
  private final LRPCache cache;
  private final Function<LRPIdentity, List<DesiredLRP>> owners;

  DomainKeeper(
      Receptor receptor,
      NsyncConfig config,
      IndexerResourceCache<DesiredLRP> resources,
      KubernetesClient client,
      LRPCache cache,
      Function<LRPIdentity, List<DesiredLRP>> owners) {
    this.receptor = receptor;
    this.config = config;
    this.resources = resources;
    this.client = client;
    this.cache = cache;
    this.owners = owners;
  }

  void keep() {
    completeNamespaces()
        .forEach(
            namespace ->
                receptor.upsertDomain(LRPIdentity.domainOf(namespace), config.domainTtl()));
    var candidates = withoutResource();
    if (!candidates.isEmpty()) {
      removeOrphans(candidates);
    }
  }

  /** Namespaces of which the Receptor has every LRP that it should have. */
  private TreeSet<String> completeNamespaces() {
    var complete = new TreeSet<String>();
    cache.desired().stream()
        .flatMap(lrp -> LRPIdentity.namespaceOf(lrp.domain()).stream())
        .filter(config::watches)
        .forEach(complete::add);
    var lagging = new TreeSet<String>();
    resources
        .list(lrp -> LRPIdentity.of(lrp).versioned() && !lrp.isMarkedForDeletion())
        .forEach(
            lrp -> (isCarriedOut(lrp) ? complete : lagging).add(lrp.getMetadata().getNamespace()));
    complete.removeAll(lagging);
    return complete;
  }

  /** What cannot be run counts as carried out: one bad app must not hold up its namespace. */
  private boolean isCarriedOut(DesiredLRP lrp) {
    var status = lrp.getStatus();
    if (status == null
        || !lrp.getMetadata().getGeneration().equals(status.observedGeneration())
        || Conditions.hasReason(
            status.conditions(), Conditions.RECONCILING, LRPReasons.RECEPTOR_UNAVAILABLE)
        || Conditions.hasReason(
            status.conditions(), Conditions.RECONCILING, LRPReasons.INTERNAL_ERROR)) {
      return false;
    }
    return status.processGuid() == null || cache.isDesired(status.processGuid());
  }

  private List<DesiredLRPResponse> withoutResource() {
    return cache.desired().stream()
        .filter(lrp -> LRPIdentity.isOurs(lrp.domain(), lrp.processGuid()))
        .filter(lrp -> LRPIdentity.namespaceOf(lrp.domain()).filter(config::watches).isPresent())
        .filter(lrp -> owners.apply(identity(lrp)).isEmpty())
        .toList();
  }

  private void removeOrphans(List<DesiredLRPResponse> candidates) {
    var fresh = receptor.domains();
    var byNamespace = new TreeMap<String, List<DesiredLRPResponse>>();
    for (var lrp : candidates) {
      if (fresh.contains(lrp.domain())) {
        LRPIdentity.namespaceOf(lrp.domain())
            .ifPresent(ns -> byNamespace.computeIfAbsent(ns, n -> new ArrayList<>()).add(lrp));
      }
    }
    byNamespace.forEach(this::removeOrphans);
  }

  private void removeOrphans(String namespace, List<DesiredLRPResponse> candidates) {
    var alive =
        client.resources(DesiredLRP.class).inNamespace(namespace).list().getItems().stream()
            .map(lrp -> lrp.getMetadata().getUid())
            .collect(Collectors.toSet());
    for (var lrp : candidates) {
      if (!alive.contains(identity(lrp).stem())) {
        LOG.info(
            "removing an LRP without a resource processGuid={} namespace={}",
            lrp.processGuid(),
            namespace);
        removeDesired(lrp.processGuid());
      }
    }
  }

  private void removeDesired(String processGuid) {
    try {
      receptor.deleteDesiredLRP(processGuid);
    } catch (ReceptorException failure) {
      if (failure.name() != ReceptorErrorName.DesiredLRPNotFound) {
        throw failure;
      }
    }
  }

  private static LRPIdentity identity(DesiredLRPResponse lrp) {
    return new LRPIdentity(lrp.domain(), LRPIdentity.stemOf(lrp.domain(), lrp.processGuid()), true);
  }
}
