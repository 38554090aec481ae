package dev.ccbridge.stager;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.event.ResourceID;

/**
 * Writes statuses, of which this room is the only writer: by update, which costs the API server
 * less than an apply. Only on top of the very version that the decision was made on: an object from
 * a stale cache never overwrites what is newer, the API server answers 409 instead. What was
 * written is what the next pass sees.
 */
final class StatusWriter {
  private StatusWriter() {}

  /**
   * The request with {@code status}; written only if that changes anything.
   *
   * @throws io.fabric8.kubernetes.client.KubernetesClientException with code 409 when {@code
   *     request} is not the latest version, 404 when it is gone
   */
  static StagingRequest write(
      StagingRequest request, StagingRequestStatus status, Context<StagingRequest> context) {
    if (status.equals(request.getStatus())) {
      return request;
    }
    var changed = new StagingRequest();
    changed.setMetadata(request.getMetadata());
    changed.setSpec(request.getSpec());
    changed.setStatus(status);
    var written = context.getClient().resource(changed).updateStatus();
    context
        .eventSourceRetriever()
        .getControllerEventSource()
        .handleRecentResourceUpdate(ResourceID.fromResource(request), written, request);
    return written;
  }
}
