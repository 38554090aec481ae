package dev.ccbridge.tps;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ccbridge.cloudcontroller.model.CloudControllerJson;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.web.ErrorMapping;
import dev.ccbridge.web.Handler;
import dev.ccbridge.web.RefusedException;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import dev.ccbridge.web.Router;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells CC what runs. Thread-safe. Calls to the Receptor are as long as the {@link Receptor} lets
 * them be: 30 s for one elsewhere, where the original waited for ever. Source: tps handler/.
 */
public final class TpsListener {
  private static final Logger LOG = LoggerFactory.getLogger(TpsListener.class);
  private static final String REQUEST_ID = "X-CF-RequestID";
  private static final Pattern GUID = Pattern.compile("[a-zA-Z0-9_-]+");
  private static final int MAX_SHOWN = 200;

  private final TpsListenerConfig config;
  private final Receptor receptor;
  private final MetricsSource metrics;
  private final Clock clock;
  private final Semaphore room;

  /**
   * @param clock for uptime and the time of stats
   */
  public TpsListener(
      TpsListenerConfig config, Receptor receptor, MetricsSource metrics, Clock clock) {
    this.config = config;
    this.receptor = receptor;
    this.metrics = metrics;
    this.clock = clock;
    this.room = new Semaphore(config.maxInFlightRequests());
  }

  public void addRoutes(Router router) {
    router
        .route("GET", "/v1/actual_lrps/:guid", limited(this::status))
        .route("GET", "/v1/actual_lrps/:guid/stats", limited(this::stats))
        .route("GET", "/v1/bulk_actual_lrp_status", limited(this::bulkStatus));
  }

  private Handler limited(Handler handler) {
    return request -> {
      var id =
          request
              .header(REQUEST_ID)
              .filter(sent -> !sent.isBlank())
              .orElseGet(() -> UUID.randomUUID().toString());
      return withRoom(request, handler).header(REQUEST_ID, id);
    };
  }

  private Response withRoom(Request request, Handler handler) throws Exception {
    if (!room.tryAcquire()) {
      return Response.empty(503);
    }
    try {
      return handler.handle(request);
    } catch (RefusedException refused) {
      return ErrorMapping.DEFAULT.answer(request, refused);
    } catch (ReceptorException failure) {
      LOG.warn("the Receptor failed path={} cause={}", request.rawPath(), failure.message());
      return Response.empty(500);
    } finally {
      room.release();
    }
  }

  private Response status(Request request) {
    return json(statuses(request.param("guid"), clock.instant()));
  }

  private List<LRPInstance> statuses(String processGuid, Instant now) {
    return receptor.actualLRPsOf(processGuid).stream()
        .map(lrp -> LRPInstance.status(lrp, now))
        .toList();
  }

  private Response stats(Request request) {
    var authorization =
        request
            .header("Authorization")
            .filter(sent -> !sent.isEmpty())
            .orElseThrow(
                () ->
                    new RefusedException(
                        401,
                        "Unauthorized",
                        "header Authorization: expected the user's token, was absent"));
    var guid = request.param("guid");
    var desired = receptor.findDesiredLRP(guid);
    if (desired.isEmpty()) {
      return Response.empty(404);
    }
    var instances = receptor.actualLRPsOf(guid);
    var used = metrics(desired.get().logGuid(), authorization);
    var now = clock.instant();
    return json(
        instances.stream().map(lrp -> LRPInstance.stats(lrp, now, used.get(lrp.index()))).toList());
  }

  /** By instance index. Failing is no error: CC shows its defaults in place of stats. */
  private Map<Integer, ContainerMetric> metrics(String logGuid, String authorization) {
    try {
      return metrics.containerMetrics(logGuid, authorization).stream()
          .collect(
              Collectors.toMap(
                  ContainerMetric::instanceIndex, Function.identity(), (before, last) -> last));
    } catch (MetricsException failure) {
      LOG.warn("no container metrics logGuid={} cause={}", logGuid, failure.message());
      return Map.of();
    }
  }

  private Response bulkStatus(Request request) throws InterruptedException {
    var guids = guids(request.query("guids").orElse(""));
    var now = clock.instant();
    var statuses = new TreeMap<String, List<LRPInstance>>();
    var atATime = Math.min(config.bulkCallsAtATime(), guids.size());
    try (var pool = Executors.newFixedThreadPool(atATime, Thread.ofVirtual().factory())) {
      var running = new ArrayList<Future<?>>();
      for (var guid : guids) {
        running.add(pool.submit(() -> answered(guid, now).ifPresent(s -> put(statuses, guid, s))));
      }
      for (var one : running) {
        await(one);
      }
    }
    return json(statuses);
  }

  private static void put(
      Map<String, List<LRPInstance>> statuses, String guid, List<LRPInstance> instances) {
    synchronized (statuses) {
      statuses.put(guid, instances);
    }
  }

  private static void await(Future<?> call) throws InterruptedException {
    try {
      call.get();
    } catch (ExecutionException unexpected) {
      throw new IllegalStateException(unexpected.getCause());
    }
  }

  /** Empty when the Receptor fails: that guid is left out. */
  private Optional<List<LRPInstance>> answered(String guid, Instant now) {
    try {
      return Optional.of(statuses(guid, now));
    } catch (ReceptorException failure) {
      LOG.warn("left out of a bulk status processGuid={} cause={}", guid, failure.message());
      return Optional.empty();
    }
  }

  /**
   * The original's pattern {@code ^([a-zA-Z0-9_-]+,)*[a-zA-Z0-9_-]+$}, taken apart: as one pattern
   * it needs stack for each guid.
   */
  private static List<String> guids(String text) {
    var guids = List.of(text.split(",", -1));
    if (!guids.stream().allMatch(guid -> GUID.matcher(guid).matches())) {
      throw new RefusedException(
          400,
          "InvalidGuids",
          "query parameter guids: expected process guids of letters, digits, _ and - with commas"
              + " between them, was \""
              + text.substring(0, Math.min(MAX_SHOWN, text.length()))
              + '"');
    }
    return guids;
  }

  /** JSON with a line break, typed as Go guessed it. */
  private static Response json(Object body) {
    try {
      return Response.text(200, CloudControllerJson.mapper().writeValueAsString(body) + "\n");
    } catch (JsonProcessingException ourOwnRecord) {
      throw new IllegalStateException(ourOwnRecord);
    }
  }
}
