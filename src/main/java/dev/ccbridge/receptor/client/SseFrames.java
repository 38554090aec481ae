package dev.ccbridge.receptor.client;

import dev.ccbridge.receptor.EventStreamEndedException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a {@code text/event-stream}. A thread of its own reads ahead, so that {@link #next()} can
 * be interrupted; when the reader is slow, the connection is too.
 *
 * <p>A stream that has promised heartbeats (comments), or has sent one, and falls silent is over:
 * nobody may be at the other end any more. Any other may be silent for ever. Source:
 * receptor/event_source.go, vito/go-sse.
 */
final class SseFrames implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SseFrames.class);
  private static final int READ_AHEAD = 64;
  private static final int MAX_FRAME_BYTES = 16 << 20;

  /** One event of the stream, as its lines say; an event without data is none. */
  record Frame(String id, String event, String data) {}

  /** What the reader thread hands over: an event, a sign of life, or the end and why. */
  private sealed interface Signal {
    record Arrived(Frame frame) implements Signal {}

    record Heartbeat() implements Signal {}

    record Ended(String why, @Nullable Throwable cause) implements Signal {}
  }

  private final InputStream stream;
  private final Duration maxSilence;
  private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>(READ_AHEAD);
  private final Thread reader;
  private boolean heartbeats;
  private volatile Signal.@Nullable Ended ended;

  private String lastId = "";

  /** The first id, if it came without an event. */
  private volatile String firstId = "";

  /**
   * @param heartbeats whether the other end has promised any
   * @param maxSilence of a stream with heartbeats
   */
  SseFrames(InputStream stream, boolean heartbeats, Duration maxSilence) {
    this.stream = stream;
    this.heartbeats = heartbeats;
    this.maxSilence = maxSilence;
    this.reader = Thread.ofVirtual().name("receptor-events").start(this::readAll);
  }

  /**
   * Waits for the next event.
   *
   * @throws EventStreamEndedException when there is none any more
   */
  Frame next() throws InterruptedException {
    while (true) {
      var over = ended;
      if (over != null) {
        throw new EventStreamEndedException("the event stream has ended: " + over.why, over.cause);
      }
      switch (await()) {
        case Signal.Arrived arrived -> {
          return arrived.frame;
        }
        case Signal.Heartbeat beat -> heartbeats = true;
        case Signal.Ended end -> end(end);
      }
    }
  }

  /** The next event if it is there already. */
  Optional<Frame> poll() {
    while (signals.peek() instanceof Signal.Arrived || signals.peek() instanceof Signal.Heartbeat) {
      switch (signals.remove()) {
        case Signal.Arrived arrived -> {
          return Optional.of(arrived.frame);
        }
        case Signal.Heartbeat beat -> heartbeats = true;
        case Signal.Ended end -> end(end);
      }
    }
    return Optional.empty();
  }

  /** The place where the stream began; {@code ""} when the Receptor does not tell. */
  String firstId() {
    return firstId;
  }

  @Override
  public void close() {
    end("it was closed by its reader");
  }

  void end(String why) {
    end(new Signal.Ended(why, null));
  }

  private Signal await() throws InterruptedException {
    if (!heartbeats) {
      return signals.take();
    }
    var signal = signals.poll(maxSilence.toMillis(), TimeUnit.MILLISECONDS);
    return signal == null ? new Signal.Ended("no heartbeat for " + maxSilence, null) : signal;
  }

  private void end(Signal.Ended end) {
    if (ended == null) {
      ended = end;
    }
    reader.interrupt();
    try {
      stream.close();
    } catch (IOException gone) {
      LOG.debug("closing an event stream failed", gone);
    }
    // For a next() that waits; when the queue is full nobody does.
    signals.offer(end);
  }

  private void readAll() {
    try (var bytes = new BufferedInputStream(stream, 1 << 14)) {
      signals.put(readUntilEnd(bytes));
    } catch (IOException ignoredAtClose) {
      LOG.debug("closing an event stream failed", ignoredAtClose);
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private Signal.Ended readUntilEnd(InputStream bytes) throws InterruptedException {
    var frame = new Lines();
    try {
      for (var line = line(bytes); line != null; line = line(bytes)) {
        if (line.startsWith(":")) {
          signals.put(new Signal.Heartbeat());
        } else if (!line.isEmpty()) {
          frame.add(line);
        } else {
          var event = frame.finish();
          if (event.isPresent()) {
            signals.put(new Signal.Arrived(event.get()));
          }
        }
      }
      return new Signal.Ended("the Receptor closed it", null);
    } catch (IOException cut) {
      return new Signal.Ended("it was cut: " + cut, cut);
    }
  }

  /** Null at the end; what comes behind the last line end is no line. */
  private static @Nullable String line(InputStream bytes) throws IOException {
    var line = new ByteArrayOutputStream(256);
    for (var next = bytes.read(); next >= 0; next = bytes.read()) {
      if (next == '\n') {
        var text = line.toString(StandardCharsets.UTF_8);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
      }
      if (line.size() == MAX_FRAME_BYTES) {
        throw tooLong();
      }
      line.write(next);
    }
    return null;
  }

  private static IOException tooLong() {
    return new IOException("an event of more than " + MAX_FRAME_BYTES + " bytes");
  }

  /** The lines of one event. Used by the reader thread. */
  private final class Lines {
    private String name = "";
    private boolean begun;
    private final StringBuilder data = new StringBuilder();

    void add(String line) throws IOException {
      var colon = line.indexOf(':');
      var field = colon < 0 ? line : line.substring(0, colon);
      var value = colon < 0 ? "" : line.substring(colon + 1);
      if (value.startsWith(" ")) {
        value = value.substring(1);
      }
      switch (field) {
        case "id" -> lastId = value;
        case "event" -> name = value;
        case "data" -> data.append(data.isEmpty() ? "" : "\n").append(value);
        default -> {
          // retry is of no use: who subscribes anew decides when.
        }
      }
      if (data.length() > MAX_FRAME_BYTES) {
        throw tooLong();
      }
    }

    Optional<Frame> finish() {
      var frame = new Frame(lastId, name, data.toString());
      if (!begun && frame.data().isEmpty()) {
        firstId = lastId;
      }
      begun = true;
      name = "";
      data.setLength(0);
      return frame.data().isEmpty() ? Optional.empty() : Optional.of(frame);
    }
  }
}
