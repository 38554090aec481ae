package dev.ccbridge.nsync.bulk;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A neighbour that answers as it is told, and remembers what it was asked. */
public final class ScriptedServer implements AutoCloseable {

  /**
   * What came.
   *
   * @param path with the query, which is decoded
   */
  public record Seen(String method, String path, String authorization, String body) {}

  /** What goes out. */
  public record Answer(int status, String contentType, String body, Kind kind) {
    enum Kind {
      WHOLE,
      /** Nothing is ever said. */
      HANG,
      /** The headers and a part of the body, and then nothing more. */
      STALL,
      /** The connection is closed. */
      DROP
    }

    public static final Answer HANG = new Answer(200, "", "", Kind.HANG);
    public static final Answer DROP = new Answer(200, "", "", Kind.DROP);

    public static Answer json(String body) {
      return of(200, "application/json", body);
    }

    public static Answer status(int status) {
      return of(status, "text/plain", "");
    }

    public static Answer of(int status, String contentType, String body) {
      return new Answer(status, contentType, body, Kind.WHOLE);
    }

    public static Answer stall(String beginning) {
      return new Answer(200, "application/json", beginning, Kind.STALL);
    }
  }

  /** Called on the thread of each request. */
  @FunctionalInterface
  public interface Script {
    Answer answer(Seen request) throws Exception;
  }

  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final CountDownLatch end = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;
  private final Script script;

  public ScriptedServer(Script script) {
    this.script = script;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  public URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  public List<Seen> seen() {
    return List.copyOf(seen);
  }

  /** Those with this method. */
  public List<Seen> seen(String method) {
    return seen.stream().filter(s -> s.method().equals(method)).toList();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      var uri = exchange.getRequestURI();
      var query =
          uri.getRawQuery() == null
              ? ""
              : "?" + URLDecoder.decode(uri.getRawQuery(), StandardCharsets.UTF_8);
      var request =
          new Seen(
              exchange.getRequestMethod(),
              uri.getPath() + query,
              String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")),
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      seen.add(request);
      send(exchange, script.answer(request));
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    } catch (Exception failure) {
      throw new IOException(failure);
    }
  }

  private void send(HttpExchange exchange, Answer answer) throws Exception {
    if (answer.kind() == Answer.Kind.DROP) {
      return;
    }
    if (answer.kind() == Answer.Kind.HANG) {
      end.await();
      return;
    }
    var body = answer.body().getBytes(StandardCharsets.UTF_8);
    if (!answer.contentType().isEmpty()) {
      exchange.getResponseHeaders().set("Content-Type", answer.contentType());
    }
    var stalls = answer.kind() == Answer.Kind.STALL;
    exchange.sendResponseHeaders(
        answer.status(), stalls ? body.length + 1000 : body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      exchange.getResponseBody().write(body);
      exchange.getResponseBody().flush();
    }
    if (stalls) {
      end.await();
    }
  }

  @Override
  public void close() {
    end.countDown();
    threads.shutdownNow();
    server.stop(0);
  }
}
