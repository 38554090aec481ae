package dev.ccbridge.receptor.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.type.TypeFactory;
import dev.ccbridge.receptor.model.RecentBytes;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Requests and answers as the Go client makes and takes them. Thread-safe. Nothing here puts the
 * target's credentials into a message. Source: receptor/client.go do().
 */
final class Transport implements AutoCloseable {
  private static final byte[] NOTHING = "null".getBytes(StandardCharsets.UTF_8);
  private static final String ROUTER_ERROR = "X-Cf-Routererror";
  private static final String HEARTBEAT = "X-Heartbeat-Millis";
  private static final String RESUMED = "X-Events-Resumed";

  /** 100,000 desired LRPs are 230 MB. */
  private static final long MAX_ANSWER_BYTES = 512 << 20;

  private final HttpClient http;
  private final String base;
  private final @Nullable String authorization;
  private final Duration timeout;
  private final Duration maxSilence;

  Transport(ReceptorClientConfig config) {
    var target = config.target();
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(config.connectTimeout())
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    var host = target.getHost() + (target.getPort() < 0 ? "" : ":" + target.getPort());
    this.base = target.getScheme() + "://" + host;
    this.authorization = target.getUserInfo() == null ? null : basic(target.getUserInfo());
    this.timeout = config.requestTimeout();
    this.maxSilence = config.maxSilence();
  }

  /** A request without an answer's body. */
  void call(String method, String path, byte @Nullable [] body, String... headers) {
    read(
        exchange(method, path, body, headers),
        TypeFactory.defaultInstance().constructType(Object.class));
  }

  /**
   * @return empty when the answer has no JSON, or its JSON is null
   */
  <T> Optional<T> get(String path, Class<T> type) {
    return read(exchange("GET", path, null), TypeFactory.defaultInstance().constructType(type));
  }

  /**
   * What must be there when it is not refused. Differs from Diego: without JSON it was one with
   * nothing in it, which a proxy's page would be taken for.
   *
   * @throws ReceptorException InvalidResponse when the answer has no JSON
   */
  <T> Optional<T> one(String path, Class<T> type) {
    var found = get(path, type);
    if (found.isEmpty()) {
      throw new ReceptorException(
          ReceptorErrorName.InvalidResponse, "the answer to " + path + " holds no JSON object");
    }
    return found;
  }

  /** An element that is null is one with nothing in it. */
  <T> List<T> list(String path, Class<T> element) {
    var types = TypeFactory.defaultInstance();
    var type = types.constructCollectionType(List.class, element);
    var found = Transport.<List<@Nullable T>>read(exchange("GET", path, null), type);
    return found.orElse(List.of()).stream()
        .map(one -> one == null ? Transport.<T>nothing(types.constructType(element)) : one)
        .toList();
  }

  private static <T> T nothing(JavaType type) {
    return Objects.requireNonNull(Transport.<T>decode("{}".getBytes(StandardCharsets.UTF_8), type));
  }

  /**
   * Reads a list as a stream, so that it need not fit into memory. The time limit is for the whole;
   * an answer that is no JSON is an error here, not an empty list.
   */
  <T> void each(String path, Class<T> element, Consumer<T> consumer) {
    var end = System.nanoTime() + timeout.toNanos();
    var request = listRequest(path);
    var response = send(request, BodyHandlers.ofInputStream());
    // What hangs after its headers is closed under its reader.
    var guard =
        CompletableFuture.runAsync(
            () -> closeQuietly(response.body()),
            CompletableFuture.delayedExecutor(end - System.nanoTime(), TimeUnit.NANOSECONDS));
    try (var body = response.body()) {
      if (response.statusCode() > 299
          || response.headers().firstValue(ROUTER_ERROR).isPresent()
          || !isJson(response.headers())) {
        throw failure(response.statusCode(), response.headers(), body.readNBytes(1 << 16));
      }
      readEach(body, element, consumer);
    } catch (JsonProcessingException broken) {
      throw new ReceptorException(
          ReceptorErrorName.InvalidJSON, "the answer is broken: " + broken.getOriginalMessage());
    } catch (IOException cut) {
      throw guard.isDone()
          ? ReceptorException.unreachable(
              described(request) + ": no whole answer within " + timeout, cut)
          : unreachable(request, cut);
    } finally {
      guard.cancel(false);
    }
  }

  private HttpRequest listRequest(String path) {
    return request(path)
        .header("Content-Type", "application/json")
        .method("GET", BodyPublishers.ofByteArray(NOTHING))
        .build();
  }

  private static <T> void readEach(InputStream body, Class<T> element, Consumer<T> consumer)
      throws IOException {
    var reader = ReceptorJson.mapper().readerFor(element);
    try (var json = ReceptorJson.mapper().getFactory().createParser(new RecentBytes(body))) {
      var first = json.nextToken();
      if (first == JsonToken.VALUE_NULL) {
        return;
      }
      if (first != JsonToken.START_ARRAY) {
        throw new ReceptorException(ReceptorErrorName.InvalidJSON, "the answer is no array");
      }
      while (json.nextToken() != JsonToken.END_ARRAY) {
        if (json.currentToken() != JsonToken.START_OBJECT) {
          throw new ReceptorException(
              ReceptorErrorName.InvalidJSON, "the answer is not an array of objects to its end");
        }
        consumer.accept(reader.<T>readValue(json));
      }
    }
  }

  private static void closeQuietly(InputStream body) {
    try {
      body.close();
    } catch (IOException alreadyBroken) {
      // Its reader learns of it.
    }
  }

  /**
   * A stream that has begun.
   *
   * @param isResumed whether it goes on after the event that was named
   */
  record Stream(SseFrames frames, boolean isResumed) {}

  /** Opens a stream; there is a time limit only until it begins. */
  Stream stream(String path, String lastEventId) {
    var request =
        request(path)
            .header("Accept", "text/event-stream")
            .header("Last-Event-ID", lastEventId)
            .GET()
            .build();
    var response = send(request, BodyHandlers.ofInputStream());
    if (response.statusCode() == 200) {
      var headers = response.headers();
      var promised = headers.firstValue(HEARTBEAT).isPresent();
      return new Stream(
          new SseFrames(response.body(), promised, maxSilence),
          headers.firstValue(RESUMED).filter("true"::equals).isPresent());
    }
    try (var body = response.body()) {
      throw failure(response.statusCode(), response.headers(), body.readNBytes(1 << 16));
    } catch (IOException cut) {
      throw unreachable(request, cut);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }

  private HttpResponse<byte[]> exchange(
      String method, String path, byte @Nullable [] body, String... headers) {
    var request =
        request(path)
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofByteArray(body == null ? NOTHING : body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(
        request.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES));
  }

  private HttpRequest.Builder request(String path) {
    var request = HttpRequest.newBuilder(URI.create(base + path));
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    return request;
  }

  private <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler) {
    // The library's own timeout ends with the headers, so the whole is timed here.
    var answer = http.sendAsync(request, handler);
    try {
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException silent) {
      answer.cancel(true);
      throw ReceptorException.unreachable(
          described(request) + ": no answer within " + timeout, silent);
    } catch (ExecutionException failure) {
      throw unreachable(request, failure.getCause() == null ? failure : failure.getCause());
    } catch (InterruptedException interrupted) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw ReceptorException.unreachable(described(request) + ": interrupted", interrupted);
    }
  }

  private static ReceptorException unreachable(HttpRequest request, Throwable cause) {
    return ReceptorException.unreachable(
        described(request) + ": cannot reach the Receptor: " + cause, cause);
  }

  private static String described(HttpRequest request) {
    var uri = request.uri();
    return request.method() + " " + uri.getScheme() + "://" + uri.getAuthority() + uri.getRawPath();
  }

  private static <T> Optional<T> read(HttpResponse<byte[]> response, JavaType type) {
    var status = response.statusCode();
    var headers = response.headers();
    if (status > 299 || headers.firstValue(ROUTER_ERROR).isPresent()) {
      throw failure(status, headers, response.body());
    }
    return isJson(headers) ? Optional.ofNullable(decode(response.body(), type)) : Optional.empty();
  }

  private static ReceptorException failure(int status, HttpHeaders headers, byte[] body) {
    var router = headers.firstValue(ROUTER_ERROR);
    if (router.isPresent()) {
      return new ReceptorException(ReceptorErrorName.RouterError, router.get());
    }
    if (!isJson(headers)) {
      return new ReceptorException(
          ReceptorErrorName.InvalidResponse, "Invalid Response with status code: " + status);
    }
    ErrorBody error = decode(body, TypeFactory.defaultInstance().constructType(ErrorBody.class));
    if (error == null) {
      // A missing instance is told so: 404 with null.
      return status == 404
          ? new ReceptorException(ReceptorErrorName.ActualLRPIndexNotFound, "")
          : new ReceptorException(ReceptorErrorName.UnknownError, "status code: " + status);
    }
    return new ReceptorException(named(error.name()), String.valueOf(error.message()));
  }

  private static ReceptorErrorName named(@Nullable String name) {
    return Arrays.stream(ReceptorErrorName.values())
        .filter(known -> known.name().equals(name))
        .findFirst()
        .orElse(ReceptorErrorName.UnknownError);
  }

  private static <T> @Nullable T decode(byte[] body, JavaType type) {
    try {
      return ReceptorJson.mapper().readValue(body, type);
    } catch (JsonProcessingException broken) {
      // Without the parser's quotation of the body.
      throw new ReceptorException(
          ReceptorErrorName.InvalidJSON, "the answer is broken: " + broken.getOriginalMessage());
    } catch (IOException impossible) {
      throw new IllegalStateException("reading from memory", impossible);
    }
  }

  /** Spelling, spaces and parameters as they may be. */
  private static boolean isJson(HttpHeaders headers) {
    var type = headers.firstValue("Content-Type").orElse("");
    var end = type.indexOf(';');
    return (end < 0 ? type : type.substring(0, end))
        .strip()
        .toLowerCase(Locale.ROOT)
        .equals("application/json");
  }

  private static String basic(String userInfo) {
    return "Basic " + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
  }

  private record ErrorBody(@Nullable String name, @Nullable String message) {}
}
