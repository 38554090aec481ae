package dev.ccbridge.receptor.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ccbridge.receptor.EventSource;
import dev.ccbridge.receptor.EventStreamEndedException;
import dev.ccbridge.receptor.model.ReceptorEvent;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
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
 * <p>A stream that has sent heartbeats (comments) and falls silent is over; one that never sent any
 * may be silent for ever. Events of unknown types are skipped. Source: receptor/event_source.go,
 * vito/go-sse.
 */
final class SseEventSource implements EventSource {
  private static final Logger LOG = LoggerFactory.getLogger(SseEventSource.class);
  private static final int READ_AHEAD = 64;
  private static final Duration SILENCE_AFTER_HEARTBEATS = Duration.ofSeconds(60);

  /** What the reader thread hands over: an event, a sign of life, or the end and why. */
  private sealed interface Signal {
    record Arrived(ReceptorEvent event) implements Signal {}

    record Heartbeat() implements Signal {}

    record Ended(String why, @Nullable Throwable cause) implements Signal {}
  }

  private final InputStream stream;
  private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>(READ_AHEAD);
  private final Thread reader;
  private boolean heartbeats;
  private volatile Signal.@Nullable Ended ended;

  SseEventSource(InputStream stream) {
    this.stream = stream;
    this.reader = Thread.ofVirtual().name("receptor-events").start(this::readAll);
  }

  @Override
  public ReceptorEvent next() throws InterruptedException {
    while (true) {
      var over = ended;
      if (over != null) {
        throw new EventStreamEndedException("the event stream has ended: " + over.why, over.cause);
      }
      switch (await()) {
        case Signal.Arrived arrived -> {
          return arrived.event;
        }
        case Signal.Heartbeat beat -> heartbeats = true;
        case Signal.Ended end -> end(end);
      }
    }
  }

  @Override
  public void close() {
    end(new Signal.Ended("it was closed by its reader", null));
  }

  private Signal await() throws InterruptedException {
    if (!heartbeats) {
      return signals.take();
    }
    var signal = signals.poll(SILENCE_AFTER_HEARTBEATS.toSeconds(), TimeUnit.SECONDS);
    return signal == null
        ? new Signal.Ended("no heartbeat for " + SILENCE_AFTER_HEARTBEATS, null)
        : signal;
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
    try (var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      signals.put(readUntilEnd(lines));
    } catch (IOException ignoredAtClose) {
      LOG.debug("closing an event stream failed", ignoredAtClose);
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private Signal.Ended readUntilEnd(BufferedReader lines) throws InterruptedException {
    var frame = new Frame();
    try {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
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
    } catch (JsonProcessingException broken) {
      return new Signal.Ended("invalid json payload: " + broken.getOriginalMessage(), null);
    } catch (IOException cut) {
      return new Signal.Ended("it was cut: " + cut, cut);
    }
  }

  /** The lines of one event. Used by the reader thread. */
  private static final class Frame {
    private String name = "";
    private final StringBuilder data = new StringBuilder();

    void add(String line) {
      var colon = line.indexOf(':');
      var field = colon < 0 ? line : line.substring(0, colon);
      var value = colon < 0 ? "" : line.substring(colon + 1);
      if (value.startsWith(" ")) {
        value = value.substring(1);
      }
      switch (field) {
        case "event" -> name = value;
        case "data" -> data.append(data.isEmpty() ? "" : "\n").append(value);
        default -> {
          // id and retry are of no use without resuming.
        }
      }
    }

    /** Empty for one without data, or of a type we do not know. */
    Optional<ReceptorEvent> finish() throws JsonProcessingException {
      var payload = data.toString();
      var type = ReceptorEvent.typeOf(name);
      name = "";
      data.setLength(0);
      if (payload.isEmpty() || type.isEmpty()) {
        return Optional.empty();
      }
      return Optional.of(ReceptorJson.mapper().readValue(payload, type.get()));
    }
  }
}
