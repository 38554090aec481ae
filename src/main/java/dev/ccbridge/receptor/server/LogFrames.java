package dev.ccbridge.receptor.server;

import dev.ccbridge.receptor.EventStreamEndedException;
import dev.ccbridge.receptor.LogSource;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log as events named {@code log}, whose id is the line's timestamp. When the log is over, one
 * named {@code end}; a stream that ends without it was cut.
 */
final class LogFrames implements SseStream.Frames {
  private static final Logger LOG = LoggerFactory.getLogger(LogFrames.class);
  private static final byte[] END = "event: end\ndata: {}\n\n".getBytes(StandardCharsets.UTF_8);

  private final LogSource log;
  private boolean over;

  LogFrames(LogSource log) {
    this.log = log;
  }

  @Override
  public Optional<byte[]> next() throws IOException, InterruptedException {
    if (over) {
      return Optional.empty();
    }
    try {
      var lines = log.next();
      over = lines.isEmpty();
      if (over) {
        return Optional.of(END);
      }
      var piece = new ByteArrayOutputStream();
      for (var line : lines) {
        var data = ReceptorJson.mapper().writeValueAsString(line);
        var frame = "id: " + line.timestamp() + "\nevent: log\ndata: " + data + "\n\n";
        piece.write(frame.getBytes(StandardCharsets.UTF_8));
      }
      return Optional.of(piece.toByteArray());
    } catch (EventStreamEndedException ended) {
      LOG.debug("log stream ended: {}", ended.message());
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    log.close();
  }
}
