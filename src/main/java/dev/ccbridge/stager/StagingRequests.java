package dev.ccbridge.stager;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.kube.WatchedNamespaces;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The StagingRequests there are, as the informer knows them. Thread-safe. */
final class StagingRequests {
  private static final String BY_UID = "uid";
  private static final String BY_STATE = "state";
  private static final String UNFINISHED = "unfinished";

  private final KubernetesClient client;
  private final WatchedNamespaces namespaces;
  private volatile @Nullable IndexerResourceCache<StagingRequest> cache;

  StagingRequests(KubernetesClient client, WatchedNamespaces namespaces) {
    this.namespaces = namespaces;
    this.client = client;
  }

  /** Before the informer starts. */
  void use(IndexerResourceCache<StagingRequest> informer) {
    informer.addIndexers(
        Map.of(
            BY_UID, request -> List.of(request.getMetadata().getUid()),
            BY_STATE, request -> Staging.isFinal(request) ? List.of() : List.of(UNFINISHED)));
    cache = informer;
  }

  /** Nothing before the informer is used. */
  List<StagingRequest> all() {
    var informer = cache;
    return informer == null ? List.of() : informer.list().toList();
  }

  /** All whose outcome is not stored. */
  List<StagingRequest> unfinished() {
    return byIndex(BY_STATE, UNFINISHED);
  }

  Optional<StagingRequest> withUid(String uid) {
    return byIndex(BY_UID, uid).stream().findFirst();
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
   * The uids of all requests, as the API server has them now. Expensive: for what must not be wrong
   * and happens seldom.
   */
  Set<String> latestUids() {
    return namespaces.list(client, StagingRequest.class).stream()
        .map(request -> request.getMetadata().getUid())
        .collect(Collectors.toSet());
  }

  private List<StagingRequest> byIndex(String index, String key) {
    var informer = cache;
    return informer == null ? List.of() : informer.byIndex(index, key);
  }
}
