package dev.ccbridge.receptor.server;

import dev.ccbridge.receptor.EventSource;
import dev.ccbridge.receptor.EventStreamEndedException;
import dev.ccbridge.receptor.model.ReceptorEvent;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.web.Response;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One subscriber's stream: framing, and a comment now and then, by which a client that is gone is
 * noticed too.
 *
 * <p>Differs from Diego: the comments; clients skip them. Source: receptor/handlers/
 * event_stream_handlers.go, vito/go-sse.
 */
final class EventStream {
  private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);
  private static final byte[] HEARTBEAT = ": \n\n".getBytes(StandardCharsets.UTF_8);

  private final EventSource events;
  private final Duration heartbeatInterval;

  /** Two threads write: events and heartbeats. */
  private final ReentrantLock writing = new ReentrantLock();

  private boolean ended;

  private EventStream(EventSource events, Duration heartbeatInterval) {
    this.events = events;
    this.heartbeatInterval = heartbeatInterval;
  }

  static Response headers() {
    return complete(Response.stream(200, "text/event-stream; charset=utf-8", out -> {}));
  }

  /** The subscription is active already; it is closed when the stream ends. */
  static Response of(EventSource events, Duration heartbeatInterval) {
    var stream = new EventStream(events, heartbeatInterval);
    return complete(
        Response.stream(200, "text/event-stream; charset=utf-8", stream::writeUntilEnd));
  }

  private static Response complete(Response response) {
    return response
        .header("Cache-Control", "no-cache, no-store, must-revalidate")
        .header("Connection", "keep-alive");
  }

  private void writeUntilEnd(OutputStream out) throws IOException, InterruptedException {
    var heart = Thread.ofVirtual().name("receptor-heartbeat").start(() -> beat(out));
    try (events) {
      for (var id = 0L; ; id++) {
        write(out, frame(id, events.next()));
      }
    } catch (EventStreamEndedException ended) {
      LOG.debug("event stream ended: {}", ended.message());
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

  private void beat(OutputStream out) {
    try {
      while (true) {
        Thread.sleep(heartbeatInterval);
        write(out, HEARTBEAT);
      }
    } catch (IOException clientGone) {
      events.close();
    } catch (InterruptedException streamEnded) {
      Thread.currentThread().interrupt();
    }
  }

  private void write(OutputStream out, byte[] bytes) throws IOException {
    writing.lock();
    try {
      if (ended) {
        return;
      }
      out.write(bytes);
      out.flush();
    } finally {
      writing.unlock();
    }
  }

  private static byte[] frame(long id, ReceptorEvent event) throws IOException {
    var data = ReceptorJson.mapper().writeValueAsString(event);
    var frame = "id: " + id + "\nevent: " + event.wireName() + "\ndata: " + data + "\n\n";
    return frame.getBytes(StandardCharsets.UTF_8);
  }
}
