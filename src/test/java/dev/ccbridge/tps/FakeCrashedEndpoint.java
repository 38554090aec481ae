package dev.ccbridge.tps;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ccbridge.cloudcontroller.client.CloudControllerClient;
import dev.ccbridge.cloudcontroller.client.CloudControllerConfig;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A CC that keeps the crashes that it has acknowledged, and can be out of order. Thread-safe. */
final class FakeCrashedEndpoint implements AutoCloseable {
  /** One acknowledged crash. */
  record Told(String processGuid, int index, int crashCount, String instance) {}

  private final List<Told> told = new CopyOnWriteArrayList<>();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger now = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();
  private volatile int status = 200;
  private volatile long pauseMillis;
  private final HttpService http =
      HttpService.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), this::answer);
  final CloudControllerClient client =
      new CloudControllerClient(
          new CloudControllerConfig(
              Optional.of(http.uri()), "user", "password", Duration.ofSeconds(10)));

  /** Acknowledged only with 200. */
  void setStatus(int status) {
    this.status = status;
  }

  void setPauseMillis(long millis) {
    pauseMillis = millis;
  }

  List<Told> told() {
    return List.copyOf(told);
  }

  /** Crash counts told of one instance, in order. */
  List<Integer> counts(String processGuid, int index) {
    return told.stream()
        .filter(t -> t.processGuid().equals(processGuid) && t.index() == index)
        .map(Told::crashCount)
        .toList();
  }

  int requests() {
    return requests.get();
  }

  /** The largest number of requests that were answered side by side. */
  int mostAtATime() {
    return most.get();
  }

  private Response answer(Request request) throws Exception {
    requests.incrementAndGet();
    most.accumulateAndGet(now.incrementAndGet(), Math::max);
    try {
      var answered = status;
      var body = new ObjectMapper().readTree(request.body(100_000));
      Thread.sleep(pauseMillis);
      if (answered == 200) {
        told.add(told(request, body));
      }
      return Response.empty(answered);
    } finally {
      now.decrementAndGet();
    }
  }

  private static Told told(Request request, JsonNode body) {
    return new Told(
        request.rawPath().replaceFirst("^/internal/apps/(.*)/crashed$", "$1"),
        body.path("index").asInt(),
        body.path("crash_count").asInt(),
        body.path("instance").asText());
  }

  @Override
  public void close() {
    client.close();
    http.close();
  }
}
