package dev.ccbridge.nsync;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.StagingRequest;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The staging requests that DesiredLRPs refer to. A new outcome of one leads to a reconcile of all
 * that refer to it; its progress does not.
 */
final class StagingRequests {
  private static final String BY_REFERENCE = "lrp-staging-request";

  private final IndexerResourceCache<DesiredLRP> resources;
  private final InformerEventSource<StagingRequest, DesiredLRP> informer;

  StagingRequests(EventSourceContext<DesiredLRP> context) {
    resources = context.getPrimaryCache();
    resources.addIndexers(
        Map.of(BY_REFERENCE, lrp -> reference(lrp).map(StagingRequests::key).stream().toList()));
    informer =
        new InformerEventSource<>(
            InformerEventSourceConfiguration.from(StagingRequest.class, DesiredLRP.class)
                .withSecondaryToPrimaryMapper(this::referring)
                .withPrimaryToSecondaryMapper(
                    (DesiredLRP lrp) -> reference(lrp).map(Set::of).orElse(Set.of()))
                .withOnUpdateFilter(StagingRequests::outcomeDiffers)
                .build(),
            context);
  }

  InformerEventSource<StagingRequest, DesiredLRP> eventSource() {
    return informer;
  }

  /** The one that {@code lrp} refers to, if it refers to one and that is there. */
  Optional<StagingRequest> find(DesiredLRP lrp) {
    return reference(lrp).flatMap(informer::get);
  }

  private Set<ResourceID> referring(StagingRequest request) {
    List<DesiredLRP> lrps = resources.byIndex(BY_REFERENCE, key(ResourceID.fromResource(request)));
    return lrps.stream().map(ResourceID::fromResource).collect(Collectors.toSet());
  }

  private static boolean outcomeDiffers(StagingRequest fresh, StagingRequest old) {
    var now = fresh.getStatus();
    var before = old.getStatus();
    return now == null
        || before == null
        || now.phase() != before.phase()
        || !Objects.equals(now.result(), before.result())
        || !Objects.equals(now.failure(), before.failure());
  }

  private static Optional<ResourceID> reference(DesiredLRP lrp) {
    return Optional.ofNullable(lrp.getSpec().source().stagingRequestRef())
        .map(ref -> new ResourceID(ref.name(), lrp.getMetadata().getNamespace()));
  }

  private static String key(ResourceID id) {
    return id.getNamespace().orElse("") + "/" + id.getName();
  }
}
