package dev.ccbridge.nsync;

import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.DesiredLRPCreateRequest;
import dev.ccbridge.receptor.model.DesiredLRPUpdateRequest;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import java.util.Set;

/**
 * Changes LRPs at the Receptor, so that each call can be repeated: what has been done already, by a
 * call whose answer was lost or by somebody else, is as good. After each call the cache has what
 * the Receptor has.
 */
final class LRPActions {
  /** The Receptor is ahead of what we know; after a look we decide anew. */
  private static final Set<ReceptorErrorName> AHEAD =
      Set.of(ReceptorErrorName.DesiredLRPAlreadyExists, ReceptorErrorName.DesiredLRPNotFound);

  private final Receptor receptor;
  private final LRPEventSource lrps;

  LRPActions(Receptor receptor, LRPEventSource lrps) {
    this.receptor = receptor;
    this.lrps = lrps;
  }

  void create(DesiredLRPCreateRequest request) {
    change(request.processGuid(), () -> receptor.createDesiredLRP(request));
  }

  void update(String processGuid, DesiredLRPUpdateRequest update) {
    change(processGuid, () -> receptor.updateDesiredLRP(processGuid, update));
  }

  void remove(String processGuid) {
    change(processGuid, () -> receptor.deleteDesiredLRP(processGuid));
  }

  private void change(String processGuid, Runnable call) {
    try {
      try {
        call.run();
      } catch (ReceptorException refused) {
        if (!AHEAD.contains(refused.name())) {
          throw refused;
        }
      }
      lrps.refresh(processGuid);
    } catch (ReceptorException failure) {
      if (failure.kind().retryable()) {
        // It may have been carried out all the same, without our knowing.
        lrps.doubt();
      }
      throw failure;
    }
  }
}
