package dev.ccbridge.operator;

import dev.ccbridge.web.Handler;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;

/**
 * Counts and times the requests to one front door, until their answer begins. Labels are of few
 * values: a path holds guids and is none of them. Thread-safe.
 */
final class MeteredDoor implements Handler {
  private static final Set<String> METHODS = Set.of("GET", "HEAD", "PUT", "POST", "DELETE");

  private final String door;
  private final Handler handler;
  private final MeterRegistry registry;

  MeteredDoor(String door, Handler handler, MeterRegistry registry) {
    this.door = door;
    this.handler = handler;
    this.registry = registry;
  }

  @Override
  public Response handle(Request request) throws Exception {
    var begun = System.nanoTime();
    // What is thrown past the router is answered 500.
    var status = 500;
    try {
      var response = handler.handle(request);
      status = response.status();
      return response;
    } finally {
      timer(request.method(), status).record(Duration.ofNanos(System.nanoTime() - begun));
    }
  }

  private Timer timer(String method, int status) {
    return Timer.builder("ccbridge.requests")
        .description("requests to a front door, until the answer begins")
        .tag("door", door)
        .tag("method", METHODS.contains(method) ? method.toLowerCase(Locale.ROOT) : "other")
        .tag("status", status / 100 + "xx")
        .serviceLevelObjectives(
            Duration.ofMillis(10),
            Duration.ofMillis(100),
            Duration.ofSeconds(1),
            Duration.ofSeconds(10))
        .register(registry);
  }
}
