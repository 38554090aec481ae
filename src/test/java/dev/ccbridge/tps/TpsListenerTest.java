package dev.ccbridge.tps;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.receptor.FakeReceptor;
import dev.ccbridge.receptor.Requests;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import dev.ccbridge.web.Router;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Beside the recorded cases of {@code VectorsTest}. */
class TpsListenerTest {
  private final Instant now = Instant.parse("2015-08-21T23:33:20.5Z");
  private final FakeReceptor receptor = new FakeReceptor(Clock.fixed(now, ZoneOffset.UTC));

  @Test
  void theBodyIsCompactInTheOrderOfTheOriginalAndEndsWithALineBreak() throws Exception {
    receptor.createDesiredLRP(Requests.lrp("web", 1));
    receptor.runAll("web");
    var guid = receptor.findActualLRP("web", 0).orElseThrow().instanceGuid();
    var routes = routes(200, (logGuid, token) -> List.of(new ContainerMetric(0, 3, -1, 2048)));

    var response = get(routes, "/v1/actual_lrps/web/stats", Map.of("Authorization", "bearer t"));

    assertThat(body(response))
        .isEqualTo(
            """
            [{"process_guid":"web","instance_guid":"%s","index":0,"state":"RUNNING",\
            "host":"127.0.0.1","port":61001,"uptime":0,"since":1440200000,\
            "stats":{"time":"2015-08-21T23:33:20.5Z","cpu":0.03,"mem":18446744073709551615,\
            "disk":2048}}]
            """
                .formatted(guid));
  }

  @Test
  void theRequestsIdIsGivenBackOrMadeUp() throws Exception {
    var routes = routes(200, MetricsSource.NONE);
    var given = get(routes, "/v1/actual_lrps/x", Map.of("X-Cf-Requestid", "abc"));
    assertThat(given.headers().get("X-CF-RequestID")).containsExactly("abc");
    var refused = get(routes, "/v1/bulk_actual_lrp_status?guids=,", Map.of());
    assertThat(refused.status()).isEqualTo(400);
    assertThat(UUID.fromString(refused.headers().get("X-CF-RequestID").getFirst())).isNotNull();
  }

  @Test
  void theLimitCountsAllRoutesTogetherAndRoomComesBack() throws Exception {
    var routes = routes(1, MetricsSource.NONE);
    var inside = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    receptor.intercept(
        (when, operation, number) -> {
          inside.countDown();
          await(goOn);
        });
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      var first = pool.submit(() -> get(routes, "/v1/actual_lrps/x", Map.of()));
      inside.await();
      for (var path :
          List.of("/v1/actual_lrps/x", "/v1/actual_lrps/x/stats", "/v1/bulk_actual_lrp_status")) {
        var refused = get(routes, path, Map.of());
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.length()).isZero();
      }
      goOn.countDown();
      assertThat(first.get().status()).isEqualTo(200);
    }
    assertThat(get(routes, "/v1/actual_lrps/x", Map.of()).status()).isEqualTo(200);
  }

  @Test
  void aBulkRequestAsksForFifteenAtATimeAtMost() throws Exception {
    var underWay = new AtomicInteger();
    var most = new AtomicInteger();
    var fifteen = new CountDownLatch(15);
    receptor.intercept(
        (when, operation, number) -> {
          if (when == FakeReceptor.When.BEFORE) {
            most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
            fifteen.countDown();
            await(fifteen);
          } else {
            underWay.decrementAndGet();
          }
        });
    var guids = IntStream.range(0, 60).mapToObj(i -> "app-" + i).collect(Collectors.joining(","));
    var response =
        get(routes(200, MetricsSource.NONE), "/v1/bulk_actual_lrp_status?guids=" + guids, Map.of());
    assertThat(body(response)).startsWith("{\"app-0\":[],\"app-1\":[],\"app-10\":[]");
    assertThat(most).hasValueLessThanOrEqualTo(15);
    assertThat(receptor.calls("actualLRPsOf")).isEqualTo(60);
  }

  @Test
  void veryManyGuidsNeedNoMoreStackThanOne() throws Exception {
    var guids = "a,".repeat(200_000) + "\n";
    var path = "/v1/bulk_actual_lrp_status?guids=" + guids.replace("\n", "%0A");
    var response = get(routes(200, MetricsSource.NONE), path, Map.of());
    assertThat(response.status()).isEqualTo(400);
    assertThat(body(response)).hasSizeLessThan(500).contains("guids");
  }

  private Router routes(int maxInFlight, MetricsSource metrics) {
    var router = new Router();
    new TpsListener(
            new TpsListenerConfig(maxInFlight, 15),
            receptor,
            metrics,
            Clock.fixed(now, ZoneOffset.UTC))
        .addRoutes(router);
    return router;
  }

  private static Response get(Router routes, String path, Map<String, String> headers) {
    var lines =
        headers.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, e -> List.of(e.getValue())));
    return routes.handle(
        new Request("GET", URI.create(path), lines, InputStream.nullInputStream()));
  }

  private static String body(Response response) throws Exception {
    var out = new ByteArrayOutputStream();
    response.writer().writeTo(out);
    return out.toString(StandardCharsets.UTF_8);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }
}
