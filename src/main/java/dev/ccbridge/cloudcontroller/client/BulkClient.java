package dev.ccbridge.cloudcontroller.client;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.ccbridge.cloudcontroller.client.LimitedInputStream.TooLongException;
import dev.ccbridge.cloudcontroller.model.CloudControllerJson;
import dev.ccbridge.cloudcontroller.model.DesireAppRequestFromCC;
import dev.ccbridge.cloudcontroller.model.DesiredAppFingerprint;
import dev.ccbridge.cloudcontroller.model.FingerprintPage;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What shall run, as the Cloud Controller's bulk endpoint tells it. Thread-safe; every call has a
 * time limit for the whole of it, body included, and ends when its thread is interrupted. Answers
 * are read as a stream, up to a limit.
 *
 * <p>Source: nsync/bulk/fetcher.go @fb3fab5. Differs from Diego: the token is percent-encoded in
 * the URL, and an answer without {@code fingerprints}, or with a fingerprint without guid, is an
 * error: to take it for "nothing shall run" would stop every app.
 */
public final class BulkClient implements AutoCloseable {
  private static final String PATH = "/internal/bulk/apps";
  private static final Duration MAX_CONNECT_TIME = Duration.ofSeconds(10);
  private static final long MAX_PAGE_BYTES = 32L << 20;
  private static final long MAX_APPS_BYTES = 64L << 20;
  private static final ObjectReader FINGERPRINTS =
      CloudControllerJson.mapper().readerFor(DesiredAppFingerprint.class);
  private static final ObjectReader APPS =
      CloudControllerJson.mapper().readerFor(DesireAppRequestFromCC.class);

  private final String endpoint;
  private final String authorization;
  private final Duration timeout;
  private final HttpClient http;

  /**
   * @param config with a base URL
   * @throws IllegalArgumentException without one, or when it is no http or https URL
   */
  public BulkClient(CloudControllerConfig config) {
    var base =
        config
            .baseUrl()
            .filter(url -> url.getHost() != null)
            .orElseThrow(() -> new IllegalArgumentException("baseUrl: none with a host is given"));
    var port = base.getPort() < 0 ? "" : ":" + base.getPort();
    var path = base.getRawPath() == null ? "" : base.getRawPath();
    this.endpoint = base.getScheme() + "://" + base.getHost() + port + path + PATH;
    this.authorization = "Basic " + base64(config.username() + ":" + config.password());
    this.timeout = config.timeout();
    this.http =
        config
            .httpClient()
            .connectTimeout(timeout.compareTo(MAX_CONNECT_TIME) < 0 ? timeout : MAX_CONNECT_TIME)
            .build();
  }

  /**
   * One page of what shall run. A page with fewer entries than {@code batchSize} is the last one.
   *
   * @param token {@link FingerprintPage#FIRST_TOKEN}, or the one of the page before
   * @throws CloudControllerException when CC refuses, cannot be reached, does not answer in time,
   *     or when its answer cannot be understood
   */
  public FingerprintPage fingerprints(int batchSize, String token) {
    var query =
        "?batch_size="
            + batchSize
            + "&format=fingerprint&token="
            + URLEncoder.encode(token, StandardCharsets.UTF_8);
    return exchange(request(query).GET().build(), MAX_PAGE_BYTES, BulkClient::page);
  }

  /**
   * The apps with these guids, those left out that CC does not have any more.
   *
   * @throws CloudControllerException as above; then nothing of the answer is used
   */
  public List<DesireAppRequestFromCC> apps(List<String> processGuids) {
    try {
      var body = CloudControllerJson.mapper().writeValueAsBytes(processGuids);
      var request = request("").POST(BodyPublishers.ofByteArray(body)).build();
      return exchange(request, MAX_APPS_BYTES, BulkClient::appList);
    } catch (JsonProcessingException onlyTexts) {
      throw new IllegalStateException(onlyTexts);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }

  private HttpRequest.Builder request(String query) {
    return HttpRequest.newBuilder(URI.create(endpoint + query))
        .timeout(timeout)
        .header("Content-Type", "application/json")
        .header("Authorization", authorization);
  }

  @FunctionalInterface
  private interface Reading<T> {
    T from(JsonParser json) throws IOException;
  }

  private <T> T exchange(HttpRequest request, long maxBytes, Reading<T> reading) {
    var end = System.nanoTime() + timeout.toNanos();
    var response = send(request);
    var late = new AtomicBoolean();
    // The library's timeout ends with the headers; what hangs later is closed under its reader.
    var guard =
        CompletableFuture.runAsync(
            () -> {
              late.set(true);
              closeQuietly(response.body());
            },
            CompletableFuture.delayedExecutor(end - System.nanoTime(), TimeUnit.NANOSECONDS));
    try (var body = new LimitedInputStream(response.body(), maxBytes)) {
      if (response.statusCode() != 200) {
        throw CloudControllerException.answered(response.statusCode());
      }
      try (var json = CloudControllerJson.mapper().getFactory().createParser(body)) {
        return reading.from(json);
      }
    } catch (IOException cut) {
      throw failure(cut, late.get());
    } finally {
      guard.cancel(false);
    }
  }

  private HttpResponse<InputStream> send(HttpRequest request) {
    var answer = http.sendAsync(request, BodyHandlers.ofInputStream());
    try {
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException silent) {
      answer.cancel(true);
      throw silent(silent);
    } catch (ExecutionException broken) {
      throw failure(broken.getCause(), false);
    } catch (InterruptedException stopping) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw CloudControllerException.unreachable("we are stopping", stopping);
    }
  }

  private CloudControllerException failure(@Nullable Throwable cause, boolean late) {
    if (late || cause instanceof java.net.http.HttpTimeoutException) {
      return silent(cause);
    }
    return switch (cause) {
      case ConnectException refused ->
          CloudControllerException.unreachable("the connection was refused", refused);
      case TooLongException tooLong ->
          CloudControllerException.unreadable(String.valueOf(tooLong.getMessage()));
      // Without the parser's quotation of the body, which may hold credentials.
      case JsonProcessingException broken ->
          CloudControllerException.unreadable(
              "the answer is no JSON of the expected form at byte "
                  + broken.getLocation().getByteOffset());
      case null, default -> CloudControllerException.unreachable("the connection broke", cause);
    };
  }

  private CloudControllerException silent(@Nullable Throwable cause) {
    return CloudControllerException.unreachable("no answer within " + timeout, cause);
  }

  private static FingerprintPage page(JsonParser json) throws IOException {
    expect(json.nextToken() == JsonToken.START_OBJECT, "an object with fingerprints");
    List<DesiredAppFingerprint> fingerprints = null;
    var token = Optional.<String>empty();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      var name = json.currentName();
      json.nextToken();
      if (name.equalsIgnoreCase("fingerprints")) {
        fingerprints = elements(json, FINGERPRINTS, "fingerprints");
      } else if (name.equalsIgnoreCase("token")) {
        token =
            Optional.of(json.<JsonNode>readValueAsTree())
                .filter(t -> !t.isNull())
                .map(JsonNode::toString);
      } else {
        json.skipChildren();
      }
    }
    expect(json.currentToken() == JsonToken.END_OBJECT, "an object to its end");
    if (fingerprints == null) {
      throw CloudControllerException.unreadable("the answer has no fingerprints");
    }
    if (fingerprints.stream().anyMatch(f -> f.processGuid().isEmpty())) {
      throw CloudControllerException.unreadable("a fingerprint has no process_guid");
    }
    return new FingerprintPage(fingerprints, token);
  }

  private static List<DesireAppRequestFromCC> appList(JsonParser json) throws IOException {
    json.nextToken();
    return elements(json, APPS, "the answer");
  }

  /** The array that the parser stands at. */
  private static <T> List<T> elements(JsonParser json, ObjectReader reader, String what)
      throws IOException {
    expect(json.currentToken() == JsonToken.START_ARRAY, "an array as " + what);
    var elements = new ArrayList<T>();
    while (json.nextToken() == JsonToken.START_OBJECT) {
      elements.add(reader.<T>readValue(json));
    }
    expect(json.currentToken() == JsonToken.END_ARRAY, "only objects in " + what);
    return elements;
  }

  private static void expect(boolean met, String what) {
    if (!met) {
      throw CloudControllerException.unreadable("expected " + what);
    }
  }

  private static void closeQuietly(InputStream body) {
    try {
      body.close();
    } catch (IOException alreadyBroken) {
      // Its reader learns of it.
    }
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
