package dev.ccbridge.receptor.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ccbridge.receptor.EventStreamEndedException;
import dev.ccbridge.receptor.LogSource;
import dev.ccbridge.receptor.client.SseFrames.Frame;
import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A log that is followed at a Receptor elsewhere. */
final class SseLogSource implements LogSource {
  private static final int MOST_AT_A_TIME = 1000;

  private final SseFrames frames;
  private boolean over;

  SseLogSource(SseFrames frames) {
    this.frames = frames;
  }

  @Override
  public List<LogLine> next() throws InterruptedException {
    var lines = new ArrayList<LogLine>();
    while (!over && lines.isEmpty()) {
      for (var frame = Optional.of(frames.next()); frame.isPresent(); frame = more(lines.size())) {
        read(frame.get(), lines);
      }
    }
    return lines;
  }

  private Optional<Frame> more(int lines) {
    return over || lines >= MOST_AT_A_TIME ? Optional.empty() : frames.poll();
  }

  private void read(Frame frame, List<LogLine> lines) {
    switch (frame.event()) {
      case "log" -> lines.add(line(frame));
      case "end" -> over = true;
      default -> {
        // Later Receptors may tell more.
      }
    }
  }

  private LogLine line(Frame frame) {
    try {
      return ReceptorJson.mapper().readValue(frame.data(), LogLine.class);
    } catch (JsonProcessingException broken) {
      var why = "invalid json payload: " + broken.getOriginalMessage();
      frames.end(why);
      throw new EventStreamEndedException("the log stream has ended: " + why, null);
    }
  }

  @Override
  public void close() {
    frames.close();
  }
}
