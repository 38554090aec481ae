package dev.ccbridge.stager;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ccbridge.kube.Names;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.TaskResponse;
import dev.ccbridge.stager.recipe.StagingOutcome;
import dev.ccbridge.web.Handler;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code DELETE /v1/staging/:staging_guid}: CC wants a staging stopped.
 *
 * <p>202 for one under way, 404 for one that is over or that nobody knows. A staging without a
 * resource was begun by a Diego before us; it is cancelled at the Receptor, after the answer, as
 * the original did. Source: stager handlers/staging_handler.go @1847376, StopStaging. Differs from
 * Diego: 503 when the Kubernetes API cannot be asked.
 */
final class StopStagingHandler implements Handler {
  private static final Logger LOG = LoggerFactory.getLogger(StopStagingHandler.class);
  private static final String RETRY_AFTER_SECONDS = "5";

  private final StagingStore store;
  private final Receptor receptor;
  private final StagingMetrics metrics;

  StopStagingHandler(StagingStore store, Receptor receptor, StagingMetrics metrics) {
    this.store = store;
    this.receptor = receptor;
    this.metrics = metrics;
  }

  @Override
  public Response handle(Request request) {
    var guid = request.param("staging_guid");
    var name = Names.fromGuid(guid);
    try {
      var resource = store.find(name).filter(found -> StagingStore.isFor(found, guid));
      if (resource.isPresent()) {
        if (Staging.isFinal(resource.get()) || !store.cancel(name)) {
          return Response.empty(404);
        }
        return accepted();
      }
    } catch (KubernetesClientException unavailable) {
      LOG.warn("staging not stopped taskGuid={} status={}", guid, unavailable.getCode());
      return Response.empty(503).header("Retry-After", RETRY_AFTER_SECONDS);
    }
    return stopAtReceptor(guid);
  }

  private Response stopAtReceptor(String guid) {
    try {
      var task = receptor.findTask(guid);
      if (task.isEmpty()) {
        return Response.empty(404);
      }
      if (!hasReadableAnnotation(task.get())) {
        LOG.warn("staging not stopped taskGuid={}, its annotation is no JSON", guid);
        return Response.empty(500);
      }
    } catch (ReceptorException failure) {
      LOG.warn("staging not stopped taskGuid={} error={}", guid, failure.name());
      return Response.empty(500);
    }
    Thread.ofVirtual().name("stager-cancel").start(() -> cancel(guid));
    return accepted();
  }

  private static boolean hasReadableAnnotation(TaskResponse task) {
    try {
      StagingOutcome.lifecycle(task);
      return true;
    } catch (JsonProcessingException unreadable) {
      return false;
    }
  }

  private void cancel(String guid) {
    try {
      receptor.cancelTask(guid);
      LOG.info("task cancelled taskGuid={}", guid);
    } catch (ReceptorException failure) {
      LOG.warn("task not cancelled taskGuid={} error={}", guid, failure.name());
    }
  }

  private Response accepted() {
    metrics.stopReceived();
    return Response.empty(202);
  }
}
