package dev.ccbridge.operator;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a process shows of itself: {@code /metrics}, {@code /debug/threads}, and the log level that
 * any request to {@code /log-level} sets; for a kubelet {@code /healthz} and {@code /readyz}.
 * Source: debugserver/server.go; the Go profiles have no counterpart.
 */
final class DebugServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DebugServer.class);
  private static final int MAX_BODY = 1024;
  private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

  /** What a body may be, to the last byte. */
  private static final Map<String, String> LEVELS =
      Map.ofEntries(
          Map.entry("debug", "debug"),
          Map.entry("DEBUG", "debug"),
          Map.entry("d", "debug"),
          Map.entry("0", "debug"),
          Map.entry("info", "info"),
          Map.entry("INFO", "info"),
          Map.entry("i", "info"),
          Map.entry("1", "info"),
          Map.entry("error", "error"),
          Map.entry("ERROR", "error"),
          Map.entry("e", "error"),
          Map.entry("2", "error"),
          Map.entry("fatal", "fatal"),
          Map.entry("FATAL", "fatal"),
          Map.entry("f", "fatal"),
          Map.entry("3", "fatal"));

  private final PrometheusMeterRegistry registry;
  private final JvmGcMetrics garbageCollections = new JvmGcMetrics();
  private final HttpService http;
  private volatile Lacking process = () -> List.of("the process is starting");

  private DebugServer(InetSocketAddress address) {
    this.registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    garbageCollections.bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    LogLines.INSTANCE.bindTo(registry);
    Gauge.builder("ccbridge.ready", () -> process.lacking().isEmpty() ? 1 : 0)
        .description("1 while /readyz answers 200")
        .register(registry);
    Gauge.builder("ccbridge.build", () -> 1)
        .description("always 1; the label names the version")
        .baseUnit("info")
        .tag("version", Main.version())
        .register(registry);
    this.http = HttpService.start(address, this::handle);
  }

  /** Listens at {@code address}. */
  static DebugServer start(InetSocketAddress address) {
    var server = new DebugServer(address);
    LOG.info("debug-server.started url={}", server.uri());
    return server;
  }

  /** The text for a body, or empty for one that means nothing. */
  static Optional<String> level(String body) {
    return Optional.ofNullable(LEVELS.get(body));
  }

  /** Where all rooms count. */
  MeterRegistry registry() {
    return registry;
  }

  URI uri() {
    return http.uri();
  }

  private Response handle(Request request) throws IOException {
    return switch (request.rawPath()) {
      case "/log-level" -> {
        var body = new String(request.body(MAX_BODY), StandardCharsets.UTF_8);
        level(body).ifPresent(LogLines.INSTANCE::level);
        yield Response.empty(200);
      }
      case "/metrics" ->
          Response.bytes(200, PROMETHEUS_TEXT, registry.scrape().getBytes(StandardCharsets.UTF_8));
      // It answers, so it lives: what is lost for good ends the process by itself.
      case "/healthz" -> Response.text(200, "ok\n");
      case "/readyz" -> readiness();
      case "/debug/threads" -> Response.text(200, threads());
      default -> Response.text(404, "404 page not found\n");
    };
  }

  /** From now on the process is ready whenever {@code part} lacks nothing. */
  void started(Lacking part) {
    process = part;
  }

  private Response readiness() {
    var lacking = process.lacking();
    return lacking.isEmpty()
        ? Response.text(200, "ok\n")
        : Response.text(503, String.join("\n", lacking) + "\n");
  }

  /** With the virtual ones, which only a dump into a file has. */
  private static String threads() throws IOException {
    var directory = Files.createTempDirectory("cc-bridge-threads-");
    var file = directory.resolve("threads");
    try {
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .dumpThreads(file.toString(), ThreadDumpFormat.TEXT_PLAIN);
      return Files.readString(file);
    } finally {
      Files.deleteIfExists(file);
      Files.deleteIfExists(directory);
    }
  }

  @Override
  public void close() {
    http.close();
    garbageCollections.close();
    registry.close();
  }
}
