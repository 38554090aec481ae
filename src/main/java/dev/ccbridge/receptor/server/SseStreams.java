package dev.ccbridge.receptor.server;

import dev.ccbridge.web.Response;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The streams that are open, so that they can be ended before the listener is. Thread-safe. */
final class SseStreams implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SseStreams.class);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Duration heartbeatInterval;
  private final Set<SseStream.Frames> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  SseStreams(Duration heartbeatInterval) {
    this.heartbeatInterval = heartbeatInterval;
  }

  /** To a HEAD: nobody would ever read it. */
  Response headers() {
    return SseStream.headers(heartbeatInterval);
  }

  /**
   * @param frames closed with the answer, whatever becomes of it
   */
  Response answer(SseStream.Frames frames) {
    open.add(frames);
    if (closed) {
      frames.close();
    }
    return SseStream.complete(
        Response.stream(200, "text/event-stream; charset=utf-8", new Body(frames)),
        heartbeatInterval);
  }

  private final class Body implements Response.BodyWriter {
    private final SseStream.Frames frames;

    Body(SseStream.Frames frames) {
      this.frames = frames;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException, InterruptedException {
      new SseStream(frames, heartbeatInterval).writeUntilEnd(out);
    }

    /** After the last chunk, so that whoever waits for the end waits for that too. */
    @Override
    public void close() {
      open.remove(frames);
      frames.close();
    }
  }

  /**
   * Ends each stream at a frame's end, with the last chunk of its body; waits a moment for that.
   */
  @Override
  public void close() {
    closed = true;
    open.forEach(SseStream.Frames::close);
    var end = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (!open.isEmpty() && System.nanoTime() < end) {
        TimeUnit.MILLISECONDS.sleep(5);
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
    if (!open.isEmpty()) {
      LOG.info("streams cut, their readers take nothing count={}", open.size());
    }
  }

  /** How many streams are open. */
  int size() {
    return open.size();
  }
}
