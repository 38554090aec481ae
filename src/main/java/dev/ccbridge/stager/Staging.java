package dev.ccbridge.stager;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestSpec.Lifecycle;
import dev.ccbridge.api.StagingRequestStatus;
import dev.ccbridge.api.StagingRequestStatus.Phase;
import dev.ccbridge.stager.recipe.RecipeTarget;
import org.jspecify.annotations.Nullable;

/** What a StagingRequest says by what it leaves out. */
final class Staging {
  /** Domain of what was made by hand, before the namespace. */
  static final String KUBERNETES_DOMAIN = "k8s-";

  private Staging() {}

  /**
   * CC's guid, or the uid: deterministic, so that a repeated create meets what is there; the uid,
   * so that a resource that is deleted and created anew is a new staging.
   */
  static String taskGuid(StagingRequest request) {
    var stagingGuid = request.getSpec().stagingGuid();
    return stagingGuid == null ? request.getMetadata().getUid() : stagingGuid;
  }

  static String domain(StagingRequest request) {
    return isFromCC(request)
        ? RecipeTarget.CC_DOMAIN
        : KUBERNETES_DOMAIN + request.getMetadata().getNamespace();
  }

  /** Whether a task of this domain may be ours. */
  static boolean isOurDomain(String domain) {
    return domain.equals(RecipeTarget.CC_DOMAIN) || domain.startsWith(KUBERNETES_DOMAIN);
  }

  /** Whether CC's words are to be taken as they are; for a person, what is left out is built in. */
  static boolean isFromCC(StagingRequest request) {
    return request.getSpec().stagingGuid() != null;
  }

  static String appId(StagingRequest request) {
    var appId = request.getSpec().appId();
    return appId == null ? request.getMetadata().getName() : appId;
  }

  static boolean isDocker(StagingRequest request) {
    return request.getSpec().docker() != null || request.getSpec().lifecycle() == Lifecycle.DOCKER;
  }

  static Phase phase(StagingRequest request) {
    var status = request.getStatus();
    return status == null || status.phase() == null ? Phase.PENDING : status.phase();
  }

  static boolean isFinal(StagingRequest request) {
    return phase(request).isFinal();
  }

  /** Whether somebody is still to be told of the outcome. */
  static boolean awaitsDelivery(StagingRequest request) {
    return isFinal(request)
        && request.getSpec().completionCallback() != null
        && !StagingStatusFactory.deliveryEnded(request.getStatus());
  }

  static long generation(StagingRequest request) {
    var generation = request.getMetadata().getGeneration();
    return generation == null ? 0 : generation;
  }

  static @Nullable String dropletUri(@Nullable StagingRequestStatus status) {
    return status == null || status.result() == null ? null : status.result().dropletUri();
  }
}
