package dev.ccbridge.registry;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A registry's answer, with a body that is read as it comes: never more of it than asked for, and
 * never for longer than allowed. Used by one thread.
 */
final class Answer implements Closeable {
  private static final int BUFFER_BYTES = 1 << 16;

  private final HttpResponse<InputStream> response;
  private final Duration limit;
  private final AtomicBoolean late = new AtomicBoolean();
  private final CompletableFuture<Void> watch = new CompletableFuture<>();

  /**
   * @param limit for the body, from now
   */
  Answer(HttpResponse<InputStream> response, Duration limit) {
    this.response = response;
    this.limit = limit;
    // Closing it from outside wakes the reader, who may be waiting for a byte that never comes.
    watch
        .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((done, tooLate) -> cutOff(tooLate));
  }

  private void cutOff(@Nullable Throwable tooLate) {
    if (tooLate != null) {
      late.set(true);
      closeBody();
    }
  }

  int status() {
    return response.statusCode();
  }

  String header(String name) {
    return response.headers().firstValue(name).orElse("");
  }

  HttpResponse<InputStream> response() {
    return response;
  }

  /** The body as it comes; ends with an {@code IOException} when the time is up. */
  InputStream body() {
    return response.body();
  }

  /**
   * Writes the whole body to {@code target}.
   *
   * @return its length in bytes
   * @throws IOException if it is longer than {@code maxBytes}, takes too long, or breaks off
   */
  long copyTo(OutputStream target, long maxBytes) throws IOException {
    var buffer = new byte[BUFFER_BYTES];
    long total = 0;
    try {
      for (int n = body().read(buffer); n >= 0; n = body().read(buffer)) {
        total += n;
        if (total > maxBytes) {
          throw new IOException("more than " + maxBytes + " bytes");
        }
        target.write(buffer, 0, n);
      }
      return total;
    } catch (IOException e) {
      if (late.get()) {
        throw new IOException("not complete after " + limit.toSeconds() + " s", e);
      }
      throw e;
    }
  }

  byte[] bytes(int maxBytes) throws IOException {
    var bytes = new ByteArrayOutputStream();
    copyTo(bytes, maxBytes);
    return bytes.toByteArray();
  }

  /** The beginning of the body, as far as it can be had. */
  byte[] beginning(int bytes) {
    try {
      return body().readNBytes(bytes);
    } catch (IOException e) {
      return new byte[0]; // only wanted for a message about something worse
    }
  }

  @Override
  public void close() {
    watch.complete(null);
    closeBody();
  }

  private void closeBody() {
    try {
      response.body().close();
    } catch (IOException e) {
      return; // gone already, which is what we want
    }
  }
}
