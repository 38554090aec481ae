package dev.ccbridge.stager;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.api.Api;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.cloudcontroller.model.CloudControllerJson;
import dev.ccbridge.cloudcontroller.model.StagingErrorId;
import dev.ccbridge.cloudcontroller.model.StagingRequestFromCC;
import dev.ccbridge.cloudcontroller.model.StagingResponseForCC;
import dev.ccbridge.cloudcontroller.model.StagingResponseForCC.StagingError;
import dev.ccbridge.kube.Labels;
import dev.ccbridge.kube.Names;
import dev.ccbridge.secrets.InlineSecrets;
import dev.ccbridge.stager.StagingStore.Outcome;
import dev.ccbridge.stager.recipe.RecipeException;
import dev.ccbridge.stager.recipe.StagingErrors;
import dev.ccbridge.tracing.TraceContext;
import dev.ccbridge.web.BodyTooLargeException;
import dev.ccbridge.web.Handler;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code PUT /v1/staging/:staging_guid}: CC asks for a staging.
 *
 * <p>The recipe is made at once, so that what the original refuses is refused in the same words;
 * then the request is stored, and answered 202. Everything else is the reconciler's. Source: stager
 * handlers/staging_handler.go @1847376. Differs from Diego: refusals of the body say what is wrong;
 * 413 for a body of more than 8 MiB; 503 when the Kubernetes API cannot be used for the moment.
 */
final class StagingHandler implements Handler {
  private static final Logger LOG = LoggerFactory.getLogger(StagingHandler.class);
  private static final int MAX_BODY_BYTES = 8 << 20;
  private static final int MAX_SHOWN = 64;
  private static final String RETRY_AFTER_SECONDS = "5";
  private static final List<String> LIFECYCLES =
      List.of(StagingRequestFromCC.BUILDPACK, StagingRequestFromCC.DOCKER);

  private final StagingRecipes recipes;
  private final StagingStore store;
  private final StagingMetrics metrics;
  private final StagingTraces traces;
  private final Consumer<StagingRequest> stored;
  private final String ccBaseUrl;
  private final String namespace;

  /**
   * @param ccBaseUrl whose {@code /internal/staging/…/completed} is told of outcomes
   * @param stored told of each request that is stored
   */
  StagingHandler(
      StagingRecipes recipes,
      StagingStore store,
      StagingMetrics metrics,
      StagingTraces traces,
      Consumer<StagingRequest> stored,
      URI ccBaseUrl,
      String namespace) {
    this.recipes = recipes;
    this.store = store;
    this.metrics = metrics;
    this.traces = traces;
    this.stored = stored;
    // Credentials are the client's, not the resource's.
    this.ccBaseUrl = ccBaseUrl.toString().replaceFirst("(?<=://)[^/?#]*@", "");
    this.namespace = namespace;
  }

  @Override
  public Response handle(Request request) throws InterruptedException {
    var guid = request.param("staging_guid");
    StagingRequestFromCC message;
    try {
      message = StagingMessages.read(request.body(MAX_BODY_BYTES));
    } catch (BodyTooLargeException tooLarge) {
      return explained(413, "body: was larger than " + MAX_BODY_BYTES + " bytes");
    } catch (CcBridgeException invalid) {
      return invalid.kind() == ErrorKind.INVALID_REQUEST
          ? explained(400, invalid.message())
          : failed(guid, invalid.message());
    } catch (IOException brokenOff) {
      return Response.empty(500);
    }
    if (!LIFECYCLES.contains(message.lifecycle())) {
      var seen = message.lifecycle();
      return explained(
          404,
          "lifecycle: was "
              + seen.substring(0, Math.min(seen.length(), MAX_SHOWN))
              + ", wanted buildpack or docker");
    }
    metrics.startReceived();
    var span = traces.requested(guid, request.header(TraceContext.HEADER));
    try {
      var answer = stage(guid, message, span.context());
      if (answer.status() != 202) {
        span.failed("answered " + answer.status());
      }
      return answer;
    } finally {
      span.end();
    }
  }

  private Response stage(String guid, StagingRequestFromCC message, Optional<TraceContext> trace)
      throws InterruptedException {
    StagingRequest resource;
    var name = Names.fromGuid(guid);
    var secrets = new InlineSecrets(InlineValues.secretName(name));
    try {
      var unused = recipes.draft(guid, message);
      resource = resource(guid, name, message, secrets, trace);
    } catch (RecipeException impossible) {
      return failed(guid, impossible.message());
    } catch (CcBridgeException unavailable) {
      // Of the caching registry: the original does not try again either.
      return failed(guid, unavailable.message());
    }
    return switch (store.store(resource, secrets)) {
      case Outcome.Stored(var request, var created) -> {
        stored.accept(request);
        LOG.info("staging requested taskGuid={} created={}", guid, created);
        yield Response.empty(202);
      }
      case Outcome.Refused(var why) -> failed(guid, why);
      case Outcome.Unavailable(var why) -> {
        LOG.warn("staging not stored taskGuid={} why={}", guid, why);
        yield explained(503, "staging failed: the request could not be stored, try again")
            .header("Retry-After", RETRY_AFTER_SECONDS);
      }
    };
  }

  private StagingRequest resource(
      String guid,
      String name,
      StagingRequestFromCC message,
      InlineSecrets secrets,
      Optional<TraceContext> trace) {
    var annotations = new TreeMap<String, String>();
    annotations.put(InlineValues.ANNOTATION, InlineValues.secretName(name));
    trace.ifPresent(to -> annotations.put(StagingTraces.ANNOTATION, to.traceparent()));
    var request = new StagingRequest();
    request.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(namespace)
            .withName(name)
            .withLabels(Labels.managed())
            .withAnnotations(annotations)
            // From the start, which saves a write.
            .withFinalizers(Api.FINALIZER)
            .build());
    request.setSpec(
        StagingSpecs.of(
            guid,
            message,
            ccBaseUrl + "/internal/staging/" + guid + "/completed",
            secrets,
            InlineValues.secretName(name)));
    return request;
  }

  /** As the original: CC is told what is fit for it, the log what happened. */
  private static Response failed(String guid, String reason) {
    LOG.warn("staging refused taskGuid={} reason={}", guid, reason);
    return answer(500, StagingErrors.sanitize(reason));
  }

  /** What is wrong with the request; CC shows it. */
  private static Response explained(int status, String message) {
    return answer(status, new StagingError(StagingErrorId.StagingError.name(), message));
  }

  private static Response answer(int status, StagingError error) {
    try {
      var body =
          CloudControllerJson.mapper().writeValueAsString(StagingResponseForCC.failed(error));
      return Response.text(status, body);
    } catch (JsonProcessingException ourOwnRecord) {
      throw new IllegalStateException(ourOwnRecord);
    }
  }
}
