package dev.ccbridge.receptor.server;

import dev.ccbridge.web.Response;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One reader's {@code text/event-stream}: what there is to tell, and a comment now and then, by
 * which a reader that is gone is noticed, and by which it notices that we are. A reader that takes
 * nothing for two heartbeats is cut.
 *
 * <p>Differs from Diego: the comments, which its clients skip, and the cutting. Source:
 * receptor/handlers/event_stream_handlers.go, vito/go-sse.
 */
final class SseStream {
  private static final Duration LEAST_PATIENCE = Duration.ofSeconds(5);
  private static final byte[] HEARTBEAT = ": \n\n".getBytes(StandardCharsets.UTF_8);

  /** What is told. Read by one thread; closed by any. */
  interface Frames extends AutoCloseable {
    /** Waits for the next frames; empty: the stream is over. */
    Optional<byte[]> next() throws IOException, InterruptedException;

    @Override
    void close();
  }

  private final Frames frames;
  private final Duration heartbeatInterval;

  /** Two threads write: frames and heartbeats. */
  private final ReentrantLock writing = new ReentrantLock();

  private boolean ended;

  SseStream(Frames frames, Duration heartbeatInterval) {
    this.frames = frames;
    this.heartbeatInterval = heartbeatInterval;
  }

  static Response headers(Duration heartbeatInterval) {
    return complete(
        Response.stream(200, "text/event-stream; charset=utf-8", out -> {}), heartbeatInterval);
  }

  static Response complete(Response response, Duration heartbeatInterval) {
    return response
        .header("Cache-Control", "no-cache, no-store, must-revalidate")
        .header("Connection", "keep-alive")
        .header("X-Heartbeat-Millis", String.valueOf(heartbeatInterval.toMillis()));
  }

  void writeUntilEnd(OutputStream out) throws IOException, InterruptedException {
    var writer = Thread.currentThread();
    var heart = Thread.ofVirtual().name("receptor-heartbeat").start(() -> beat(out, writer));
    try (frames) {
      for (var next = frames.next(); next.isPresent(); next = frames.next()) {
        write(out, next.get());
      }
    } finally {
      end();
      heart.interrupt();
    }
  }

  /** An interrupt in the middle of a write would close the connection before its last bytes. */
  private void end() {
    writing.lock();
    ended = true;
    writing.unlock();
  }

  private void beat(OutputStream out, Thread writer) {
    try {
      while (true) {
        Thread.sleep(heartbeatInterval);
        if (!writing.tryLock(patience().toNanos(), TimeUnit.NANOSECONDS)) {
          cut(writer);
          return;
        }
        try {
          if (ended) {
            return;
          }
          out.write(HEARTBEAT);
          out.flush();
        } finally {
          writing.unlock();
        }
      }
    } catch (IOException clientGone) {
      frames.close();
    } catch (InterruptedException streamEnded) {
      Thread.currentThread().interrupt();
    }
  }

  /** How long one write may take. */
  private Duration patience() {
    return heartbeatInterval.compareTo(LEAST_PATIENCE) < 0 ? LEAST_PATIENCE : heartbeatInterval;
  }

  /** An interrupt closes the connection under a write that waits. */
  private void cut(Thread writer) {
    frames.close();
    writer.interrupt();
  }

  private void write(OutputStream out, byte[] bytes) throws IOException {
    writing.lock();
    try {
      out.write(bytes);
      out.flush();
    } finally {
      writing.unlock();
    }
  }
}
