package dev.ccbridge.web;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One HTTP listener; each request on a virtual thread of its own. */
public final class HttpService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpService.class);
  private static final int BACKLOG = 1024;
  private static final int DRAIN_SECONDS = 1;
  private static final Limits LIMITS = new Limits(Duration.ofSeconds(30), Duration.ofSeconds(10));

  /** Of a request from its first byte to its last: streamed bodies and slow headers end there. */
  private static final Duration MAX_REQUEST_TIME = Duration.ofHours(1);

  private static final int MAX_CONNECTIONS = 10_000;

  static {
    // Read once, when the JDK's server is first used: answers are small and must not wait for an
    // ACK.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    System.setProperty("sun.net.httpserver.maxIdleConnections", "2000");
    System.setProperty("sun.net.httpserver.maxReqTime", "" + MAX_REQUEST_TIME.toSeconds());
    System.setProperty("jdk.httpserver.maxConnections", "" + MAX_CONNECTIONS);
  }

  /**
   * How long a sender may take.
   *
   * @param body for a body that is read as a whole; later: 408
   * @param linger for the rest of a request that has been refused; later the connection is closed
   */
  record Limits(Duration body, Duration linger) {}

  private final HttpServer server;
  private final ExecutorService executor;

  private HttpService(HttpServer server, ExecutorService executor) {
    this.server = server;
    this.executor = executor;
  }

  /**
   * Listens at {@code address} (port 0: any free one) and answers with {@code handler}.
   *
   * @throws CcBridgeException UNAVAILABLE when the address cannot be had
   */
  public static HttpService start(InetSocketAddress address, Handler handler) {
    return start(address, handler, null);
  }

  /**
   * The same over TLS.
   *
   * @param tls null for plain HTTP
   * @throws CcBridgeException UNAVAILABLE when the address cannot be had
   */
  public static HttpService start(
      InetSocketAddress address, Handler handler, @Nullable SSLContext tls) {
    return start(address, handler, tls, LIMITS);
  }

  static HttpService start(
      InetSocketAddress address, Handler handler, @Nullable SSLContext tls, Limits limits) {
    try {
      var server = create(address, tls);
      var executor = Executors.newVirtualThreadPerTaskExecutor();
      server.setExecutor(executor);
      server.createContext("/", exchange -> serve(exchange, handler, limits));
      server.start();
      return new HttpService(server, executor);
    } catch (IOException failure) {
      throw new CcBridgeException(
          ErrorKind.UNAVAILABLE,
          "cannot listen at "
              + address.getHostString()
              + ":"
              + address.getPort()
              + ": "
              + failure.getMessage(),
          failure);
    }
  }

  private static HttpServer create(InetSocketAddress address, @Nullable SSLContext tls)
      throws IOException {
    if (tls == null) {
      return HttpServer.create(address, BACKLOG);
    }
    var server = HttpsServer.create(address, BACKLOG);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    return server;
  }

  /** Where it listens, with the real port. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  /** {@code http://host:port}, with TLS {@code https}; without a slash at the end. */
  public URI uri() {
    var host = address().getHostString();
    return URI.create(
        (server instanceof HttpsServer ? "https://" : "http://")
            + (host.contains(":") ? "[" + host + "]" : host)
            + ":"
            + address().getPort());
  }

  /** Stops listening, gives running requests a moment, then interrupts them. */
  @Override
  public void close() {
    server.stop(DRAIN_SECONDS);
    executor.shutdownNow();
  }

  private static void serve(HttpExchange exchange, Handler handler, Limits limits) {
    try (exchange;
        var incoming = incoming(exchange, limits)) {
      var request =
          new Request(
              exchange.getRequestMethod(),
              exchange.getRequestURI(),
              exchange.getRequestHeaders(),
              incoming);
      var response = handler.handle(request);
      try (var body = response.writer()) {
        if (isEmpty(exchange, response)) {
          incoming.discard(limits.linger());
          sendHead(exchange, response);
          return;
        }
        send(exchange, response, body);
        // Closing while the client still sends would reset the connection, and the client would
        // never see why it was refused.
        incoming.discard(limits.linger());
        exchange.getResponseBody().close();
      }
    } catch (IOException clientGone) {
      LOG.debug(
          "client went away method={} path={}",
          exchange.getRequestMethod(),
          exchange.getRequestURI().getRawPath());
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    } catch (Exception unexpected) {
      LOG.error(
          "answer failed method={} path={}",
          exchange.getRequestMethod(),
          exchange.getRequestURI().getRawPath(),
          unexpected);
    }
  }

  private static IncomingBody incoming(HttpExchange exchange, Limits limits) {
    var headers = exchange.getRequestHeaders();
    var isThere = headers.containsKey("Content-Length") || headers.containsKey("Transfer-Encoding");
    return new IncomingBody(exchange.getRequestBody(), isThere ? limits.body() : null);
  }

  private static boolean isEmpty(HttpExchange exchange, Response response) {
    return exchange.getRequestMethod().equals("HEAD") || response.length() == 0;
  }

  private static void setHeaders(HttpExchange exchange, Response response) {
    response.headers().forEach((name, values) -> exchange.getResponseHeaders().put(name, values));
  }

  private static void sendHead(HttpExchange exchange, Response response) throws IOException {
    setHeaders(exchange, response);
    if (exchange.getRequestMethod().equals("HEAD") && response.length() > 0) {
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(response.length()));
    }
    exchange.sendResponseHeaders(response.status(), -1);
  }

  private static void send(HttpExchange exchange, Response response, Response.BodyWriter body)
      throws Exception {
    setHeaders(exchange, response);
    // In the JDK's terms 0 means chunks.
    exchange.sendResponseHeaders(
        response.status(), response.length() == Response.UNKNOWN_LENGTH ? 0 : response.length());
    if (response.length() == Response.UNKNOWN_LENGTH) {
      exchange.getResponseBody().flush();
    }
    body.writeTo(exchange.getResponseBody());
    exchange.getResponseBody().flush();
  }
}
