package dev.ccbridge.receptor.store.kubernetes;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.ccbridge.kubernetes.RealApiServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Stands before a real API server and lets some of the requests go wrong. */
final class FaultyApi implements AutoCloseable {
  /** What happens to a request; the numbers are answers without the server's knowledge. */
  enum Fault {
    NONE,
    ANSWER_429,
    ANSWER_500,
    RESET,
    /** Carried out, and the connection cut before the answer. */
    LOST_ANSWER,
    /** Carried out after {@link #SLOWNESS}. */
    SLOW,
    /** Carried out after {@link #release}. */
    HELD
  }

  static final Duration SLOWNESS = Duration.ofMillis(400);

  private final RealApiServer server;
  private final HttpServer http;
  private final HttpClient client;
  private final Queue<Fault> next = new ConcurrentLinkedQueue<>();
  private volatile Fault always = Fault.NONE;
  private volatile Predicate<String> which = request -> true;
  private final Queue<String> seen = new ConcurrentLinkedQueue<>();
  private final CountDownLatch released = new CountDownLatch(1);
  private final AtomicInteger held = new AtomicInteger();

  FaultyApi(RealApiServer server) throws IOException {
    this.server = server;
    this.client = HttpClient.newBuilder().sslContext(server.trust()).build();
    this.http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    http.createContext("/", this::handle);
    http.start();
  }

  /** One that does not try again by itself. */
  KubernetesClient client() {
    return new KubernetesClientBuilder()
        .withConfig(
            new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + http.getAddress().getPort())
                .withNamespace("default")
                .withRequestRetryBackoffLimit(0)
                .build())
        .build();
  }

  /** Of requests like {@code "PUT /api/…"}; the next ones, one after the other. */
  void next(Predicate<String> requests, Fault... faults) {
    which = requests;
    next.addAll(List.of(faults));
  }

  /** From now on, each. */
  void always(Fault fault) {
    always(request -> true, fault);
  }

  /** From now on, after those that were said to be next. */
  void always(Predicate<String> requests, Fault fault) {
    which = requests;
    always = fault;
  }

  /** Lets all go on that are held, and that were to be. */
  void release() {
    released.countDown();
  }

  /** How many are held, or were. */
  int held() {
    return held.get();
  }

  /** How many there were. */
  long count(Predicate<String> requests) {
    return seen.stream().filter(requests).count();
  }

  boolean isThrough() {
    return next.isEmpty();
  }

  private void handle(HttpExchange exchange) throws IOException {
    var fault = Fault.NONE;
    var words = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
    seen.add(words);
    if (which.test(words)) {
      var planned = next.poll();
      fault = planned == null ? always : planned;
    }
    try (exchange) {
      switch (fault) {
        case NONE -> answer(exchange, true);
        case LOST_ANSWER -> answer(exchange, false);
        case SLOW -> {
          Thread.sleep(SLOWNESS);
          answer(exchange, true);
        }
        case HELD -> {
          held.incrementAndGet();
          released.await();
          answer(exchange, true);
        }
        case ANSWER_429 -> exchange.sendResponseHeaders(429, -1);
        case ANSWER_500 -> exchange.sendResponseHeaders(500, -1);
        case RESET -> {}
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void answer(HttpExchange exchange, boolean told)
      throws IOException, InterruptedException {
    var body = exchange.getRequestBody().readAllBytes();
    var request =
        HttpRequest.newBuilder(server.uri().resolve(exchange.getRequestURI()))
            .header("Authorization", "Bearer " + server.token())
            .method(
                exchange.getRequestMethod(),
                body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    var type = exchange.getRequestHeaders().getFirst("Content-Type");
    if (type != null) {
      request.header("Content-Type", type);
    }
    var response = client.send(request.build(), BodyHandlers.ofByteArray());
    if (told) {
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      exchange.sendResponseHeaders(response.statusCode(), response.body().length);
      exchange.getResponseBody().write(response.body());
    }
  }

  @Override
  public void close() {
    release();
    http.stop(0);
    client.shutdownNow();
  }
}
