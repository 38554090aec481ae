package dev.ccbridge.operator;

import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries completion callbacks to the operator that leads the stager: a Service gives them to any.
 * Without it they would be answered 503, and come again after half a minute, maybe to the wrong one
 * again. Thread-safe.
 */
final class CallbackRelay implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CallbackRelay.class);
  private static final String RELAYED = "X-CC-Bridge-Relayed";
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** As the stager takes them. */
  private static final int MAX_BODY_BYTES = 8 << 20;

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_TIMEOUT)
          .build();
  private volatile Optional<URI> leader = Optional.empty();
  private volatile boolean leading;

  /** Where whoever leads is reached. */
  void follow(Optional<URI> other) {
    leader = other;
  }

  /** From now on this process leads. */
  void lead() {
    leading = true;
  }

  /**
   * The leader's answer; empty when it is to be answered here.
   *
   * @throws IOException when the caller has gone away
   */
  Optional<Response> relay(Request request) throws IOException, InterruptedException {
    var target = leader;
    if (leading || target.isEmpty() || request.header(RELAYED).isPresent()) {
      return Optional.empty();
    }
    var body = request.body(MAX_BODY_BYTES);
    var uri = request.uri();
    var query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    var relayed =
        HttpRequest.newBuilder(target.get().resolve(uri.getRawPath() + query))
            .timeout(TIMEOUT)
            .header("Content-Type", "application/json")
            .header(RELAYED, "true")
            .method(request.method(), BodyPublishers.ofByteArray(body))
            .build();
    try {
      var answer = client.send(relayed, BodyHandlers.ofByteArray());
      return Optional.of(
          Response.bytes(
              answer.statusCode(),
              answer.headers().firstValue("Content-Type").orElse("text/plain; charset=utf-8"),
              answer.body()));
    } catch (IOException unreachable) {
      LOG.warn("a callback could not be relayed to {}", target.get().getHost());
      return Optional.of(Response.empty(503));
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
