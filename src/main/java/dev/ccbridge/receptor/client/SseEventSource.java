package dev.ccbridge.receptor.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ccbridge.receptor.EventSource;
import dev.ccbridge.receptor.EventStreamEndedException;
import dev.ccbridge.receptor.client.SseFrames.Frame;
import dev.ccbridge.receptor.model.ReceptorEvent;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.io.IOException;
import java.util.Optional;

/**
 * The event stream of a Receptor elsewhere. Events of unknown types are skipped; one that cannot be
 * read ends the stream, as in the original. Source: receptor/event_source.go.
 */
final class SseEventSource implements EventSource {
  private final SseFrames frames;
  private final boolean resumed;

  /** Of the event that was taken last; until there is one, of the beginning. */
  private String lastEventId = "";

  /**
   * @param resumed whether the Receptor says that the stream goes on where another one ended
   */
  SseEventSource(SseFrames frames, boolean resumed) {
    this.frames = frames;
    this.resumed = resumed;
  }

  @Override
  public ReceptorEvent next() throws InterruptedException {
    while (true) {
      var event = read(frames.next());
      if (event.isPresent()) {
        return event.get();
      }
    }
  }

  @Override
  public Optional<ReceptorEvent> poll() {
    var frame = frames.poll();
    return frame.isEmpty() ? Optional.empty() : read(frame.get());
  }

  @Override
  public String lastEventId() {
    // Without any event yet, what the Receptor told of its own accord.
    return lastEventId.isEmpty() ? frames.firstId() : lastEventId;
  }

  @Override
  public boolean isResumed() {
    return resumed;
  }

  @Override
  public void close() {
    frames.close();
  }

  private Optional<ReceptorEvent> read(Frame frame) {
    lastEventId = frame.id();
    var type = ReceptorEvent.typeOf(frame.event());
    if (type.isEmpty()) {
      return Optional.empty();
    }
    // An array, in which the parser can say where a route's value stands, also in a long text.
    try (var json = ReceptorJson.mapper().createParser(frame.data().toCharArray())) {
      return Optional.of(ReceptorJson.mapper().readValue(json, type.get()));
    } catch (JsonProcessingException broken) {
      var why = "invalid json payload: " + broken.getOriginalMessage();
      frames.end(why);
      throw new EventStreamEndedException("the event stream has ended: " + why, null);
    } catch (IOException impossible) {
      throw new IllegalStateException("reading from memory", impossible);
    }
  }
}
