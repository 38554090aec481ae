package dev.ccbridge.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * A Cloud Controller and a Receptor with so many apps: the latter runs them all already, so that
 * the bulker's rounds are measured and not a reconciler.
 */
final class BulkPart implements AutoCloseable {
  private static final Pattern PAGE = Pattern.compile("batch_size=(\\d+).*\"id\":(\\d+)");
  private static final String HEAP = "-Xmx512m";

  private final int apps;
  private final CountDownLatch end = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger pages = new AtomicInteger();
  private final AtomicInteger posts = new AtomicInteger();
  private final HttpServer cc;
  private final HttpServer receptor;

  BulkPart(int apps) throws IOException {
    this.apps = apps;
    cc = server(this::cloudController);
    receptor = server(this::receptor);
  }

  /** Runs the bulker in a process of its own, which prints its figures. */
  void run(Path kubeconfig) throws Exception {
    var child =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    HEAP,
                    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                    "-classpath",
                    System.getProperty("java.class.path"),
                    BulkChild.class.getName(),
                    kubeconfig.toString(),
                    uri(cc),
                    uri(receptor)))
            .inheritIO()
            .start();
    var status = child.waitFor();
    System.out.printf(
        "ended with %d; Cloud Controller was asked for %d pages and %d batches of apps in all%n",
        status, pages.get(), posts.get());
  }

  private HttpServer server(com.sun.net.httpserver.HttpHandler handler) throws IOException {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", handler);
    server.start();
    return server;
  }

  private void cloudController(HttpExchange exchange) throws IOException {
    try (exchange) {
      var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      if (exchange.getRequestMethod().equals("GET")) {
        pages.incrementAndGet();
        send(exchange, page(exchange.getRequestURI().getRawQuery()));
        return;
      }
      posts.incrementAndGet();
      var answer = new StringBuilder("[");
      for (var guid : body.replaceAll("[\\[\\]\"]", "").split(",")) {
        answer.append(answer.length() == 1 ? "" : ",").append(app(guid));
      }
      send(exchange, answer.append(']').toString());
    }
  }

  private String page(String query) {
    var page = PAGE.matcher(URLDecoder.decode(query, StandardCharsets.UTF_8));
    var later = page.find();
    var from = later ? Integer.parseInt(page.group(2)) : 0;
    var size = Integer.parseInt(query.replaceAll(".*batch_size=(\\d+).*", "$1"));
    var to = Math.min(apps, from + size);
    var answer = new StringBuilder("{\"token\":{\"id\":" + to + "},\"fingerprints\":[");
    for (var i = from; i < to; i++) {
      answer
          .append(i == from ? "" : ",")
          .append("{\"process_guid\":\"%s\",\"etag\":\"%s\"}".formatted(guid(i), etag(guid(i))));
    }
    return answer.append("]}").toString();
  }

  private static String guid(int i) {
    return new UUID(i, 1) + "-" + new UUID(i, 2);
  }

  private static String etag(String guid) {
    return "14404" + guid.hashCode() + ".25";
  }

  private static String app(String guid) {
    return """
    {"process_guid":"%s","etag":"%s","droplet_uri":"http://cc.test/internal/v2/droplets/%s/download",
     "stack":"cflinuxfs2","start_command":"bundle exec rackup config.ru -p $PORT",
     "execution_metadata":"","environment":[],"memory_mb":1024,"disk_mb":1024,
     "file_descriptors":16384,"num_instances":2,"routes":["%s.apps.test"],"allow_ssh":false,
     "log_guid":"%s","health_check_type":"port","health_check_timeout_in_seconds":60,
     "egress_rules":[{"protocol":"all","destinations":["0.0.0.0-9.255.255.255"]}]}
    """
        .formatted(guid, etag(guid), guid, guid, guid.substring(0, 36));
  }

  private void receptor(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      var path = exchange.getRequestURI().getPath();
      if (path.equals("/v1/events")) {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().flush();
        end.await();
      } else if (exchange.getRequestMethod().equals("GET")) {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        lrps(exchange);
      } else {
        exchange.sendResponseHeaders(204, -1);
      }
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
  }

  /** Some 2.3 KB each, as in the wild. */
  private void lrps(HttpExchange exchange) throws IOException {
    var rest = ",\"action\":{\"run\":{\"path\":\"" + "x".repeat(2000) + "\",\"user\":\"vcap\"}}}";
    try (var out = new BufferedOutputStream(exchange.getResponseBody(), 1 << 16)) {
      for (var i = 0; i < apps; i++) {
        var lrp =
            (i == 0 ? "[" : ",")
                + "{\"process_guid\":\"%s\",\"domain\":\"cf-apps\",\"annotation\":\"%s\""
                    .formatted(guid(i), etag(guid(i)));
        out.write((lrp + rest).getBytes(StandardCharsets.UTF_8));
      }
      out.write((apps == 0 ? "[]" : "]").getBytes(StandardCharsets.UTF_8));
    }
  }

  private static void send(HttpExchange exchange, String body) throws IOException {
    var bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static String uri(HttpServer server) {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @Override
  public void close() {
    end.countDown();
    threads.shutdownNow();
    cc.stop(0);
    receptor.stop(0);
  }
}
