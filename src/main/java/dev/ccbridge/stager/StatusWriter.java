package dev.ccbridge.stager;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.event.ResourceID;

/**
 * Writes statuses. Only on top of the very version that the decision was made on: an object from a
 * stale cache never overwrites what is newer, the API server answers 409 instead. What was written
 * is what the next pass sees.
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
    var patch = new StagingRequest();
    patch.setMetadata(
        new ObjectMetaBuilder()
            .withName(request.getMetadata().getName())
            .withNamespace(request.getMetadata().getNamespace())
            .withUid(request.getMetadata().getUid())
            .withResourceVersion(request.getMetadata().getResourceVersion())
            .build());
    patch.setStatus(status);
    var written =
        context
            .getClient()
            .resource(patch)
            .subresource("status")
            .patch(
                new PatchContext.Builder()
                    .withPatchType(PatchType.SERVER_SIDE_APPLY)
                    .withFieldManager(context.getControllerConfiguration().fieldManager())
                    .withForce(true)
                    .build());
    context
        .eventSourceRetriever()
        .getControllerEventSource()
        .handleRecentResourceUpdate(ResourceID.fromResource(request), written, request);
    return written;
  }
}
