package dev.ccbridge.uploader;

import dev.ccbridge.TrustEverybody;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;
import javax.net.ssl.SSLException;

/** HTTP to whatever CC a request names. Thread-safe. Source: ccclient/uploader.go, poller.go. */
final class CcConnection implements AutoCloseable {
  static final int ATTEMPTS = 3;
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final int MAX_REDIRECTS = 10;

  private final HttpClient http;
  private final IntConsumer connectFailed;

  /**
   * @param connectFailed told the number of each attempt that got no connection, from 1
   */
  CcConnection(boolean skipCertVerify, IntConsumer connectFailed) {
    this.connectFailed = connectFailed;
    var client =
        HttpClient.newBuilder()
            .version(Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .followRedirects(Redirect.NEVER)
            .executor(Executors.newVirtualThreadPerTaskExecutor());
    if (skipCertVerify) {
      client.sslContext(TrustEverybody.sslContext());
    }
    this.http = client.build();
  }

  /**
   * POSTs {@code file}. Up to three attempts, another one only when no connection came about: then
   * nothing of the body has been read, and the next attempt sends all of it. A redirect is not
   * followed; it is the answer.
   *
   * <p>Differs from Diego, whose later attempts find the body closed, and whose client turned 302
   * and 303 into a GET that uploads nothing.
   *
   * @throws UploadFailedException 500 when there is no answer within {@code deadline}
   */
  Answer upload(CcUrl url, MultipartFile file, String contentMd5, Deadline deadline)
      throws UploadFailedException {
    for (int attempt = 1; ; attempt++) {
      var request =
          request(url)
              .header("Content-Type", file.contentType())
              .header("Content-MD5", contentMd5)
              .POST(file.publisher())
              .build();
      try {
        return exchange(request, deadline.remaining());
      } catch (ConnectException | HttpConnectTimeoutException unconnected) {
        connectFailed.accept(attempt);
        if (attempt == ATTEMPTS || file.isTouched()) {
          throw failed(url, unconnected);
        }
      } catch (IOException broken) {
        throw failed(url, broken);
      } catch (TimeoutException late) {
        throw new UploadFailedException(
            500,
            "the upload was cancelled: not done within " + deadline.timeout().toSeconds() + " s",
            late);
      }
    }
  }

  /**
   * GETs, following redirects as Go's client does; credentials stay with the host that they were
   * given for.
   *
   * @throws UploadFailedException 500 when there is no answer within {@code timeout}
   */
  Answer get(CcUrl url, Duration timeout) throws UploadFailedException {
    var at = url;
    for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      var answer = getOnce(at, timeout);
      var location = answer.headers().firstValue("Location");
      if (answer.status() / 100 != 3 || location.isEmpty()) {
        return answer;
      }
      try {
        at = at.redirectedTo(location.get());
      } catch (IllegalArgumentException unusable) {
        throw new UploadFailedException(
            500, "the redirect from " + at + " leads nowhere", unusable);
      }
    }
    throw new UploadFailedException(500, "stopped after " + MAX_REDIRECTS + " redirects");
  }

  private Answer getOnce(CcUrl url, Duration timeout) throws UploadFailedException {
    try {
      return exchange(request(url).GET().build(), timeout);
    } catch (IOException broken) {
      throw failed(url, broken);
    } catch (TimeoutException late) {
      throw new UploadFailedException(500, "no answer from " + url + " in time", late);
    }
  }

  private static HttpRequest.Builder request(CcUrl url) throws UploadFailedException {
    try {
      var request = HttpRequest.newBuilder(url.uri());
      url.basicAuthorization().ifPresent(value -> request.header("Authorization", value));
      return request;
    } catch (IllegalArgumentException unusable) {
      throw new UploadFailedException(500, String.valueOf(unusable.getMessage()), unusable);
    }
  }

  /** The connection is given up when the time is over or the thread is interrupted. */
  private Answer exchange(HttpRequest request, Duration timeout)
      throws IOException, TimeoutException, UploadFailedException {
    var response = http.sendAsync(request, info -> new Answer.Body());
    try {
      return answer(response.get(timeout.toNanos(), TimeUnit.NANOSECONDS));
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof IOException io ? io : new IOException(failed.getCause());
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new UploadFailedException(500, "upstream request was cancelled", stopping);
    } finally {
      response.cancel(true);
    }
  }

  private static Answer answer(HttpResponse<byte[]> response) {
    return new Answer(response.statusCode(), response.headers(), response.body());
  }

  private static UploadFailedException failed(CcUrl url, IOException error) {
    return new UploadFailedException(500, url + ": " + reason(error), error);
  }

  /** In our words: the client's may quote the URL. */
  private static String reason(IOException error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case CallerBody.CallerGoneException gone -> {
          return String.valueOf(gone.getMessage());
        }
        case UnresolvedAddressException unknown -> {
          return "no such host";
        }
        case SSLException tls -> {
          return "TLS failed: " + tls.getMessage();
        }
        default -> {}
      }
    }
    return switch (error) {
      case ConnectException refused -> "connection refused";
      case HttpConnectTimeoutException slow ->
          "no connection within " + CONNECT_TIMEOUT.toSeconds() + " s";
      default -> "the connection broke";
    };
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
