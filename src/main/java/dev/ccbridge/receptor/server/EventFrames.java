package dev.ccbridge.receptor.server;

import dev.ccbridge.receptor.EventSource;
import dev.ccbridge.receptor.EventStreamEndedException;
import dev.ccbridge.receptor.model.ReceptorEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events in the original's frames, with a count from 0 for an id, or, for a reader that asks for
 * it, with ids by which the stream can be gone on with. What is there already goes in one piece.
 */
final class EventFrames implements SseStream.Frames {
  private static final Logger LOG = LoggerFactory.getLogger(EventFrames.class);
  private static final int PIECE_BYTES = 32 << 10;

  private final EventSource events;
  private final EventEncoder encoder;
  private final boolean resumable;
  private long count;
  private boolean begun;

  EventFrames(EventSource events, EventEncoder encoder, boolean resumable) {
    this.events = events;
    this.encoder = encoder;
    this.resumable = resumable;
  }

  @Override
  public Optional<byte[]> next() throws IOException, InterruptedException {
    if (resumable && !begun) {
      begun = true;
      // Also a reader that is cut before its first event can go on: an id without data is no event.
      return Optional.of(ascii("id: " + events.lastEventId() + "\n\n"));
    }
    try {
      var piece = new ByteArrayOutputStream();
      for (var event = Optional.of(events.next()); event.isPresent(); event = more(piece)) {
        add(piece, event.get());
      }
      return Optional.of(piece.toByteArray());
    } catch (EventStreamEndedException ended) {
      LOG.debug("event stream ended: {}", ended.message());
      return Optional.empty();
    }
  }

  private Optional<ReceptorEvent> more(ByteArrayOutputStream piece) {
    return piece.size() < PIECE_BYTES ? events.poll() : Optional.empty();
  }

  private void add(ByteArrayOutputStream piece, ReceptorEvent event) throws IOException {
    piece.write(ascii("id: " + (resumable ? events.lastEventId() : count++) + "\n"));
    piece.write(encoder.lines(event));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void close() {
    events.close();
  }
}
