package dev.ccbridge.tps;

import dev.ccbridge.TrustEverybody;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks a traffic controller of Loggregator. Thread-safe. Source: noaa/consumer.go
 * ContainerMetrics().
 */
public final class TrafficControllerMetrics implements MetricsSource, AutoCloseable {
  /** One metric has about 100 bytes, and an LRP at most 10,000 instances. */
  private static final long MAX_ANSWER_BYTES = 8L << 20;

  private final TrafficControllerConfig config;
  private final HttpClient http;

  public TrafficControllerMetrics(TrafficControllerConfig config) {
    this.config = config;
    var builder =
        HttpClient.newBuilder()
            .connectTimeout(config.timeout())
            .followRedirects(Redirect.NEVER)
            .version(HttpClient.Version.HTTP_1_1);
    if (config.skipVerification()) {
      builder.sslContext(TrustEverybody.sslContext());
    }
    this.http = builder.build();
  }

  @Override
  public List<ContainerMetric> containerMetrics(String logGuid, String authorization) {
    var answer = send(request(logGuid, authorization));
    if (answer.statusCode() != 200) {
      throw new MetricsException("the traffic controller answered " + answer.statusCode());
    }
    var contentType = answer.headers().firstValue("Content-Type").orElse("");
    return Multipart.parts(contentType, answer.body()).stream()
        .map(Envelope::containerMetric)
        .flatMap(Optional::stream)
        .toList();
  }

  @Override
  public void close() {
    http.shutdownNow();
  }

  private HttpRequest request(String logGuid, String authorization) {
    var guid = URLEncoder.encode(logGuid, StandardCharsets.UTF_8).replace("+", "%20");
    try {
      return HttpRequest.newBuilder(
              URI.create(config.base() + "/apps/" + guid + "/containermetrics"))
          .header("Authorization", authorization)
          .GET()
          .build();
    } catch (IllegalArgumentException unusable) {
      // Its message may hold the authorization.
      throw new MetricsException("the caller's authorization cannot be passed on");
    }
  }

  private HttpResponse<byte[]> send(HttpRequest request) {
    // The library's own timeout ends with the headers, so the whole is timed here.
    var answer =
        http.sendAsync(
            request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES));
    try {
      return answer.get(config.timeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException silent) {
      answer.cancel(true);
      throw new MetricsException(
          "the traffic controller gave no answer within " + config.timeout(), silent);
    } catch (ExecutionException failure) {
      throw new MetricsException(
          "the traffic controller could not be asked: " + failure.getCause(), failure);
    } catch (InterruptedException stopping) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new MetricsException("interrupted", stopping);
    }
  }
}
