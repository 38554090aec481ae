package dev.ccbridge.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A watch or an event stream with something wrong, event by event. */
final class RelayedStream {
  private static final String GONE =
      """
      {"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",\
      "message":"too old resource version: 1 (2)","reason":"Expired","code":410}}
      """;

  private final BufferedReader in;
  private final OutputStream out;

  /** Of a watch, an event is a line; otherwise it ends with an empty one. */
  private final boolean isWatch;

  RelayedStream(InputStream in, OutputStream out, boolean isWatch) {
    this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    this.out = out;
    this.isWatch = isWatch;
  }

  /** Everything, each event {@code delay} after it came, and {@code times} times. */
  void passOn(Duration delay, int times) throws IOException, InterruptedException {
    for (var event = next(); event != null; event = next()) {
      Thread.sleep(delay);
      for (var i = 0; i < times; i++) {
        write(event);
      }
    }
  }

  /** Reads and gives nothing. */
  void swallow() throws IOException {
    while (next() != null) {
      out.flush();
    }
  }

  /** Ends at the first event, of which {@code share} is passed on. */
  void cut(double share) throws IOException {
    var event = next();
    if (event != null) {
      write(event.substring(0, (int) (event.length() * share)));
    }
    throw new IOException("cut");
  }

  void sayGone() throws IOException {
    write(GONE);
    swallow();
  }

  private String next() throws IOException {
    var event = new StringBuilder();
    for (var line = in.readLine(); line != null; line = in.readLine()) {
      event.append(line).append('\n');
      if (isWatch || line.isEmpty()) {
        return event.toString();
      }
    }
    return null;
  }

  private void write(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
