package dev.ccbridge.nsync;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.cloudcontroller.model.DesireAppRequestFromCC;
import dev.ccbridge.nsync.recipe.RecipeException;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import dev.ccbridge.web.Router;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.math.BigInteger;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where Cloud Controller says that an app shall run, or not any more, or that one instance shall be
 * replaced. Success is 202 without a body; a refusal has the original's status and a body that
 * names what is wrong. Source: nsync/handlers/*.go @fb3fab5.
 *
 * <p>Differs from Diego: what is accepted is a resource; whether the Receptor takes it is seen
 * there, and tried again until it does.
 */
public final class NsyncListener {
  private static final Logger LOG = LoggerFactory.getLogger(NsyncListener.class);
  private static final int MAX_BODY_BYTES = 8 << 20;
  private static final String PROCESS_GUID = "process_guid";
  private static final String INDEX = "index";

  /** As strconv.Atoi reads it. */
  private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]+");

  private final Receptor receptor;
  private final AppResources apps;
  private final Counter desired;

  /**
   * @param receptor stays open
   * @param metrics gets the counter {@code LRPsDesired}
   */
  public NsyncListener(Receptor receptor, AppResources apps, MeterRegistry metrics) {
    this.receptor = receptor;
    this.apps = apps;
    this.desired = Counter.builder("LRPsDesired").description("apps accepted").register(metrics);
  }

  public void addRoutes(Router router) {
    router
        .route("PUT", "/v1/apps/:" + PROCESS_GUID, this::desire)
        .route("DELETE", "/v1/apps/:" + PROCESS_GUID, this::stop)
        .route("DELETE", "/v1/apps/:" + PROCESS_GUID + "/index/:" + INDEX, this::kill);
  }

  private Response desire(Request request) throws IOException {
    var guid = request.param(PROCESS_GUID);
    var app = AppMessages.read(request.body(MAX_BODY_BYTES));
    if (!app.processGuid().equals(guid)) {
      throw new CcBridgeException(
          ErrorKind.INVALID_REQUEST,
          "process_guid: was " + app.processGuid() + ", wanted that of the path, " + guid);
    }
    answered(guid, ReceptorErrorName.UnknownError, () -> desire(app));
    desired.increment();
    return Response.empty(202);
  }

  private void desire(DesireAppRequestFromCC app) {
    var running = receptor.findDesiredLRP(app.processGuid()).isPresent();
    try {
      apps.desire(app, running);
    } catch (RecipeException incomplete) {
      if (!running || !incomplete.error().badRequest()) {
        throw incomplete;
      }
      // The original would update it: it needs no more than the port for that.
      throw new CcBridgeException(
          ErrorKind.UNAVAILABLE,
          "the LRP runs without a resource, and of this message none can be made: "
              + incomplete.message());
    }
  }

  private Response stop(Request request) {
    var guid = request.param(PROCESS_GUID);
    answered(
        guid,
        ReceptorErrorName.DesiredLRPNotFound,
        () -> {
          if (!apps.delete(guid)) {
            // One from before there were resources.
            receptor.deleteDesiredLRP(guid);
          }
        });
    return Response.empty(202);
  }

  private Response kill(Request request) {
    var guid = request.param(PROCESS_GUID);
    var index = index(request.param(INDEX));
    answered(
        guid, ReceptorErrorName.ActualLRPIndexNotFound, () -> receptor.killActualLRP(guid, index));
    return Response.empty(202);
  }

  private static int index(String text) {
    if (!INTEGER.matcher(text).matches() || new BigInteger(text).bitLength() >= Long.SIZE) {
      throw new CcBridgeException(
          ErrorKind.INVALID_REQUEST, "index: was " + text + ", wanted an integer");
    }
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException tooLarge) {
      throw new CcBridgeException(
          ErrorKind.NOT_FOUND, "index: was " + text + ", and no LRP has so many instances");
    }
  }

  /** Everything but a bad message and {@code notFound} is 503: Cloud Controller tries again. */
  private static void answered(String guid, ReceptorErrorName notFound, Runnable call) {
    try {
      call.run();
    } catch (RecipeException refused) {
      throw refused.error().badRequest() ? refused : unavailable(guid, refused.message(), refused);
    } catch (ReceptorException failure) {
      throw failure.name() == notFound && failure.kind() == ErrorKind.NOT_FOUND
          ? failure
          : unavailable(guid, "the Receptor: " + failure.message(), failure);
    } catch (CcBridgeException refused) {
      throw unavailable(guid, refused.message(), refused);
    } catch (KubernetesClientException failure) {
      throw unavailable(guid, AppMessages.explain(failure), failure);
    }
  }

  private static CcBridgeException unavailable(String guid, String message, Exception cause) {
    LOG.warn("not carried out processGuid={} cause={}", guid, message);
    return new CcBridgeException(ErrorKind.UNAVAILABLE, message, cause);
  }
}
