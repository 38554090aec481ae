package dev.ccbridge.receptor.store;

import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Posts the outcome of a task. Addresses may hold credentials, so nothing here logs them.
 * Thread-safe. Source: bbs/taskworkpool/taskworkpool.go handleCompletedTask().
 */
final class CallbackClient implements AutoCloseable {
  private static final int MAX_ATTEMPTS = 3;
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  private enum Attempt {
    ANSWERED,
    TRY_AGAIN,
    FAILED
  }

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_TIMEOUT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();
  private final Duration timeout;

  /**
   * @param timeout of one attempt, from connecting to the end of the answer
   */
  CallbackClient(Duration timeout) {
    this.timeout = timeout;
  }

  /**
   * Posts the body, up to three times without a pause while the receiver is unavailable.
   *
   * @return whether somebody answered, with whatever status but 503 and 504; false also for an
   *     address that cannot be called
   */
  boolean post(String url, byte[] body) throws InterruptedException {
    HttpRequest request;
    try {
      request = request(URI.create(url), body);
    } catch (IllegalArgumentException notCallable) {
      return false;
    }
    for (var attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      var outcome = attempt(request);
      if (outcome != Attempt.TRY_AGAIN) {
        return outcome == Attempt.ANSWERED;
      }
    }
    return false;
  }

  @Override
  public void close() {
    http.shutdownNow();
  }

  private Attempt attempt(HttpRequest request) throws InterruptedException {
    // The request's own timeout ends with the headers, so the whole is timed here.
    var answer = http.sendAsync(request, BodyHandlers.discarding());
    try {
      var status = answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS).statusCode();
      return status == 503 || status == 504 ? Attempt.TRY_AGAIN : Attempt.ANSWERED;
    } catch (TimeoutException silent) {
      return Attempt.FAILED;
    } catch (ExecutionException failure) {
      return wasClosed(failure.getCause()) ? Attempt.TRY_AGAIN : Attempt.FAILED;
    } finally {
      answer.cancel(true);
    }
  }

  /** The connection was closed before an answer, as when a kept-alive one has been given up. */
  private static boolean wasClosed(@Nullable Throwable failure) {
    for (var cause = failure; cause instanceof IOException; cause = cause.getCause()) {
      if (cause instanceof EOFException || cause.getClass() == ClosedChannelException.class) {
        return true;
      }
    }
    return false;
  }

  private static HttpRequest request(URI uri, byte[] body) {
    var request =
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(body));
    if (uri.getUserInfo() != null) {
      var credentials = uri.getUserInfo().getBytes(StandardCharsets.UTF_8);
      request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials));
    }
    return request.build();
  }
}
