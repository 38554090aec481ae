package dev.ccbridge.stager;

import dev.ccbridge.api.StagingReasons;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.kube.Conditions;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;

/**
 * What the reconciler, the callback and the poller share: views of what is elsewhere, and the way
 * to have a request looked at again. Losing all of it loses nothing. Thread-safe.
 */
record StagingState(
    StagingRequests requests,
    Completions completions,
    KnownTasks knownTasks,
    SimpleInboundEventSource<StagingRequest> signals) {

  /** Has the request looked at soon. */
  void signal(StagingRequest request) {
    signals.propagateEvent(ResourceID.fromResource(request));
  }

  /** Whether the request waits for the Receptor to be reachable again. */
  boolean awaitsReceptor(StagingRequest request) {
    var status = request.getStatus();
    return Conditions.hasReason(
        status == null ? null : status.conditions(),
        Conditions.READY,
        StagingReasons.RECEPTOR_UNAVAILABLE);
  }
}
