package dev.ccbridge.stager;

import dev.ccbridge.api.StagingRequest;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The StagingRequests there are, as the informer knows them. Thread-safe. */
final class StagingRequests {
  private static final String BY_TASK = "task-guid";
  private static final String BY_STATE = "state";
  private static final String UNFINISHED = "unfinished";

  private static final Comparator<StagingRequest> OWNER_FIRST =
      Comparator.comparing((StagingRequest request) -> !Staging.hadTask(request))
          .thenComparing(request -> String.valueOf(request.getMetadata().getCreationTimestamp()))
          .thenComparing(request -> request.getMetadata().getUid());

  private final KubernetesClient client;
  private volatile @Nullable IndexerResourceCache<StagingRequest> cache;

  StagingRequests(KubernetesClient client) {
    this.client = client;
  }

  /** Before the informer starts. */
  void use(IndexerResourceCache<StagingRequest> informer) {
    informer.addIndexers(
        Map.of(
            BY_TASK, request -> List.of(Staging.taskGuid(request)),
            BY_STATE, request -> Staging.isFinal(request) ? List.of() : List.of(UNFINISHED)));
    cache = informer;
  }

  /** All whose outcome is not stored. */
  List<StagingRequest> unfinished() {
    return byIndex(BY_STATE, UNFINISHED);
  }

  /** The request that the task belongs to: of several with the same staging guid, the oldest. */
  Optional<StagingRequest> ofTask(String taskGuid) {
    return byIndex(BY_TASK, taskGuid).stream()
        .min(
            Comparator.comparing(
                    (StagingRequest r) -> String.valueOf(r.getMetadata().getCreationTimestamp()))
                .thenComparing(r -> r.getMetadata().getUid()));
  }

  /** Another request that has taken the staging guid of this one; usually none. */
  Optional<StagingRequest> rivalOf(StagingRequest request) {
    return ofTask(Staging.taskGuid(request))
        .filter(o -> !o.getMetadata().getUid().equals(request.getMetadata().getUid()));
  }

  /** The same object, as the API server has it now. */
  Optional<StagingRequest> latest(StagingRequest request) {
    var metadata = request.getMetadata();
    return Optional.ofNullable(
            client
                .resources(StagingRequest.class)
                .inNamespace(metadata.getNamespace())
                .withName(metadata.getName())
                .get())
        .filter(latest -> latest.getMetadata().getUid().equals(metadata.getUid()));
  }

  /**
   * The task guids of all requests, as the API server has them now. Expensive: for what must not be
   * wrong and happens seldom.
   */
  Set<String> latestTaskGuids() {
    return client.resources(StagingRequest.class).inAnyNamespace().list().getItems().stream()
        .map(Staging::taskGuid)
        .collect(Collectors.toSet());
  }

  /** The index does not know what we have just written ourselves. */
  private StagingRequest withOwnWrites(StagingRequest request) {
    var informer = cache;
    return informer == null
        ? request
        : informer.get(ResourceID.fromResource(request)).orElse(request);
  }

  private List<StagingRequest> byIndex(String index, String key) {
    var informer = cache;
    return informer == null ? List.of() : informer.byIndex(index, key);
  }
}
