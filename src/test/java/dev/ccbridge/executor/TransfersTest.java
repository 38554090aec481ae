package dev.ccbridge.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class TransfersTest {
  @TempDir private Path directory;
  private final CountDownLatch atEnd = new CountDownLatch(1);
  private final List<String> credentials = new CopyOnWriteArrayList<>();
  private HttpServer server;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  @AfterEach
  void close() {
    atEnd.countDown();
    server.stop(0);
  }

  private URI serve(String path, HttpHandler handler) {
    server.createContext(
        path,
        exchange -> {
          try (exchange) {
            credentials.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            handler.handle(exchange);
          }
        });
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  private static HttpHandler redirect(String location) {
    return exchange -> {
      exchange.getResponseHeaders().add("Location", location);
      exchange.sendResponseHeaders(302, -1);
    };
  }

  private static HttpHandler text(String text) {
    return exchange -> {
      exchange.sendResponseHeaders(200, text.length());
      exchange.getResponseBody().write(text.getBytes(StandardCharsets.UTF_8));
    };
  }

  private Transfers transfers(long maxBytes, Duration awayPatience) {
    return new Transfers(
        new ExecutorConfig(
            directory,
            0,
            true,
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofMillis(1),
            awayPatience,
            Duration.ofMillis(200),
            new ArchiveLimits(maxBytes, 1, 1, 1)));
  }

  private Transfers.Fetched get(URI uri, long maxBytes) throws Exception {
    var transfers = transfers(maxBytes, Duration.ZERO);
    return transfers.attempt(
        alive -> transfers.get(uri, Map.of(), directory.resolve("file"), alive),
        new Cancellation());
  }

  @Test
  void serverThatStopsSendingIsLeft() {
    var uri =
        serve(
            "/half",
            exchange -> {
              exchange.sendResponseHeaders(200, 100);
              exchange.getResponseBody().write(new byte[50]);
              exchange.getResponseBody().flush();
              try {
                atEnd.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });

    assertThatThrownBy(() -> get(uri, 1000)).hasMessage("the server stopped sending");
    assertThat(credentials).hasSize(3);
  }

  @Test
  void bodyThatIsTooLargeIsNotTriedAgain() {
    var uri = serve("/large", text("x".repeat(101)));

    assertThatThrownBy(() -> get(uri, 100)).hasMessage("larger than 100 bytes");
    assertThat(credentials).hasSize(1);
  }

  @Test
  void redirectsAreFollowedButNotForEver() throws Exception {
    serve("/there", text("content"));
    var here = serve("/here", redirect("/there"));
    var loop = serve("/loop", redirect("/loop"));

    assertThat(get(here, 100).bytes()).isEqualTo(7);
    assertThat(directory.resolve("file")).hasContent("content");
    assertThatThrownBy(() -> get(loop, 100)).hasMessage("more than 10 redirects");
  }

  @Test
  void credentialsGoToTheHostTheyAreFor() throws Exception {
    serve("/there", text("x"));
    var port = server.getAddress().getPort();
    serve("/elsewhere", redirect("http://localhost:" + port + "/there"));
    serve("/same", redirect("/there"));

    get(URI.create("http://u:p@127.0.0.1:" + port + "/elsewhere"), 100);
    get(URI.create("http://u:p@127.0.0.1:" + port + "/same"), 100);

    assertThat(credentials).containsExactly("Basic dTpw", "null", "Basic dTpw", "Basic dTpw");
  }

  @Test
  void unreachableServerIsSaidWithoutItsUrl() {
    server.stop(0);
    var uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/x?token=canary");

    assertThatThrownBy(() -> get(uri, 100))
        .isInstanceOf(TransferException.class)
        .hasMessage("connection refused");
  }

  @Test
  void serverThatIsBeingStartedAgainIsWaitedFor() throws Exception {
    var address = server.getAddress();
    server.stop(0);
    var transfers = transfers(100, Duration.ofSeconds(15));
    var tried = new AtomicInteger();

    var fetched =
        transfers.attempt(
            alive -> {
              if (tried.incrementAndGet() > 2 * Transfers.ATTEMPTS) {
                server = HttpServer.create(address, 0);
                server.start();
                serve("/back", text("content"));
              }
              var uri = URI.create("http://127.0.0.1:" + address.getPort() + "/back");
              return transfers.get(uri, Map.of(), directory.resolve("file"), alive);
            },
            new Cancellation());

    assertThat(fetched.bytes()).isEqualTo(7);
  }

  @Test
  void connectionThatBreaksIsThatOfAServerThatIsAway() throws Exception {
    var asked = new AtomicInteger();
    var uri =
        serve(
            "/proxied",
            exchange -> {
              // A proxy takes the connection and, having nobody to pass it on to, closes it.
              if (asked.incrementAndGet() > 2 * Transfers.ATTEMPTS) {
                text("content").handle(exchange);
              }
            });
    var transfers = transfers(100, Duration.ofSeconds(15));

    var fetched =
        transfers.attempt(
            alive -> transfers.get(uri, Map.of(), directory.resolve("file"), alive),
            new Cancellation());

    assertThat(fetched.bytes()).isEqualTo(7);
  }

  @Test
  void answerIsOneOfAServerThatIsThere() {
    var uri = serve("/busy", exchange -> exchange.sendResponseHeaders(503, -1));
    var transfers = transfers(100, Duration.ofSeconds(15));

    assertThatThrownBy(
            () ->
                transfers.attempt(
                    alive -> transfers.get(uri, Map.of(), directory.resolve("file"), alive),
                    new Cancellation()))
        .hasMessage("status code 503");
    assertThat(credentials).hasSize(Transfers.ATTEMPTS);
  }

  @Test
  void serverThatStaysAwayIsGivenUp() {
    server.stop(0);
    var uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/x");
    var transfers = transfers(100, Duration.ofMillis(30));
    var tried = new AtomicInteger();

    assertThatThrownBy(
            () ->
                transfers.attempt(
                    alive -> {
                      tried.incrementAndGet();
                      return transfers.get(uri, Map.of(), directory.resolve("file"), alive);
                    },
                    new Cancellation()))
        .hasMessage("connection refused");
    assertThat(tried.get()).isGreaterThanOrEqualTo(Transfers.ATTEMPTS);
  }
}
