package dev.ccbridge.nsync;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.receptor.LRPFeed;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.ReceptorEvent;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes at the Receptor lead to reconciles of the resources that they belong to. Changes are
 * collected for a moment, so that a burst leads to one reconcile of each; what is collected is
 * bounded by the number of LRPs.
 *
 * <p>Starts after the informer of the resources, and lets reconciles begin when the Receptor's LRPs
 * are known.
 */
final class LRPEventSource extends SimpleInboundEventSource<DesiredLRP> {
  private static final Logger LOG = LoggerFactory.getLogger(LRPEventSource.class);
  private static final Duration LOAD_PATIENCE = Duration.ofSeconds(5);
  private static final String BY_STEM = "lrp-stem";

  private final Receptor receptor;
  private final NsyncConfig config;
  private final IndexerResourceCache<DesiredLRP> resources;
  private final DomainKeeper domains;
  private final LRPCache cache = new LRPCache();
  private final Set<LRPCache.Change> collected = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean waiting = new AtomicBoolean();
  private volatile @Nullable LRPFeed feed;
  private volatile @Nullable ScheduledExecutorService propagator;

  LRPEventSource(
      Receptor receptor,
      NsyncConfig config,
      IndexerResourceCache<DesiredLRP> resources,
      KubernetesClient client) {
    super("receptor-lrps");
    this.receptor = receptor;
    this.config = config;
    this.resources = resources;
    this.domains = new DomainKeeper(receptor, config, resources, client, cache, this::owners);
    resources.addIndexers(Map.of(BY_STEM, lrp -> List.of(key(LRPIdentity.of(lrp)))));
  }

  @Override
  public synchronized void start() {
    if (isRunning()) {
      return;
    }
    super.start();
    propagator =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("lrp-changes").factory());
    var fresh =
        new LRPFeed(receptor, new Sink(), config.compareInterval(), config.reconnectPause());
    feed = fresh;
    fresh.start();
    try {
      if (!fresh.awaitLoaded(LOAD_PATIENCE)) {
        LOG.warn("the Receptor does not answer yet, reconciles wait for it");
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized void stop() {
    super.stop();
    var current = feed;
    if (current != null) {
      current.close();
    }
    var executor = propagator;
    if (executor != null) {
      executor.shutdownNow();
    }
  }

  /** Whether the Receptor's LRPs are known at all. */
  boolean isLoaded() {
    var current = feed;
    return current != null && current.isLoaded();
  }

  /** Whether nothing can be missing in what is known. */
  boolean isInStep() {
    var current = feed;
    return current != null && current.isInStep();
  }

  List<LRPVersion> versions(LRPIdentity identity) {
    return cache.versions(identity);
  }

  /** Looks up one LRP after a change of our own, whose event may take its time. */
  void refresh(String processGuid) {
    var mark = cache.mark();
    cache.merge(mark, processGuid, receptor.findDesiredLRP(processGuid));
  }

  /** The outcome of a call is unknown. */
  void doubt() {
    var current = feed;
    if (current != null) {
      current.doubt();
    }
  }

  /**
   * The resources that this guid belongs to; more than one only where users chose the same guid.
   */
  List<DesiredLRP> owners(LRPIdentity identity) {
    return resources.byIndex(BY_STEM, key(identity));
  }

  /** From the feed to the cache, and what changed on to the reconciler. */
  private final class Sink implements LRPFeed.Sink {
    @Override
    public void accept(ReceptorEvent event) {
      cache.accept(event).ifPresent(change -> collect(Set.of(change)));
    }

    @Override
    public void list(Receptor from) {
      collect(cache.list(from));
    }

    @Override
    public void afterList() {
      keepDomains();
    }
  }

  private void keepDomains() {
    if (isInStep()) {
      domains.keep();
    }
  }

  private void collect(Set<LRPCache.Change> changes) {
    collected.addAll(changes);
    var executor = propagator;
    if (!changes.isEmpty() && executor != null && !waiting.getAndSet(true)) {
      try {
        executor.schedule(this::propagate, config.coalesce().toMillis(), TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException stopping) {
        LOG.debug("changes of LRPs not propagated, stopping");
      }
    }
  }

  private void propagate() {
    // First, so that a change from here on leads to another round.
    waiting.set(false);
    try {
      for (var change : new HashSet<>(collected)) {
        collected.remove(change);
        var stem = LRPIdentity.stemOf(change.domain(), change.processGuid());
        resources
            .byIndex(BY_STEM, change.domain() + "/" + stem)
            .forEach(lrp -> propagateEvent(ResourceID.fromResource(lrp)));
      }
    } catch (RuntimeException failure) {
      LOG.warn("changes of LRPs not propagated, the next reconcile sees them", failure);
    }
  }

  private static String key(LRPIdentity identity) {
    return identity.domain() + "/" + identity.stem();
  }
}
