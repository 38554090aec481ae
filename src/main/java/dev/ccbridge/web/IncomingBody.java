package dev.ccbridge.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A request's body, whose sender may take its time only so long. Used by one thread.
 *
 * <p>What has a time limit is read by a thread of its own: a read from a socket ends with the
 * connection only, and a sender that is too slow shall still be told so.
 */
final class IncomingBody implements AutoCloseable {
  private static final Duration LAST_WORDS = Duration.ofSeconds(1);

  private final InputStream in;
  private final @Nullable Duration limit;
  private final List<Thread> readers = new ArrayList<>();
  private volatile boolean ended;

  /** One that is there already, or of which there is nothing. */
  IncomingBody(InputStream in) {
    this(in, null);
  }

  /**
   * @param limit for the whole of it, when it is read as a whole
   */
  IncomingBody(InputStream in, @Nullable Duration limit) {
    this.in = in;
    this.limit = limit;
  }

  InputStream stream() {
    return in;
  }

  /**
   * @throws BodyTooLargeException when it has more than {@code maxBytes}; no more than that is held
   *     in memory
   * @throws RefusedException 408 when it does not arrive in time
   */
  byte[] readAll(int maxBytes) throws IOException {
    if (limit == null) {
      return read(maxBytes);
    }
    var reading = new FutureTask<>(() -> read(maxBytes));
    readers.add(Thread.ofVirtual().start(reading));
    try {
      return reading.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException slow) {
      throw new RefusedException(
          408, "RequestTimeout", "the body did not arrive within " + limit.toMillis() + " ms");
    } catch (ExecutionException failure) {
      throw rethrown(failure.getCause());
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("stopping").initCause(stopping);
    }
  }

  private static IOException rethrown(@Nullable Throwable cause) {
    return switch (cause) {
      case RuntimeException ours -> throw ours;
      case Error error -> throw error;
      case IOException broken -> broken;
      case null, default -> new IOException(cause);
    };
  }

  private byte[] read(int maxBytes) throws IOException {
    var bytes = in.readNBytes(maxBytes);
    if (bytes.length == maxBytes && in.read() >= 0) {
      throw new BodyTooLargeException(maxBytes);
    }
    ended = true;
    return bytes;
  }

  /** Reads on to the end, or until {@code linger} is over; then the connection is closed. */
  void discard(Duration linger) throws InterruptedException {
    if (limit == null || ended) {
      return;
    }
    var before = List.copyOf(readers);
    var discarding = Thread.ofVirtual().start(() -> discardAfter(before));
    readers.add(discarding);
    if (!discarding.join(linger)) {
      close();
    }
  }

  private void discardAfter(List<Thread> before) {
    try {
      for (var reader : before) {
        reader.join();
      }
      in.transferTo(OutputStream.nullOutputStream());
      ended = true;
    } catch (IOException | InterruptedException gone) {
      // Nobody wants it.
    }
  }

  /** Closes the connection if it is still being read from: so does an interrupt, by the JDK. */
  @Override
  public void close() {
    readers.forEach(Thread::interrupt);
    try {
      for (var reader : readers) {
        var unused = reader.join(LAST_WORDS);
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }
}
