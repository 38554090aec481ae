package dev.ccbridge.receptor.backend.pod.cell;

import dev.ccbridge.executor.LogSink;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Writes the container's log, which is this program's output. Thread-safe. */
final class CellLog implements LogSink {
  private final OutputStream out;

  CellLog(OutputStream out) {
    this.out = out;
  }

  @Override
  public void append(String key, String source, boolean stderr, String text) {
    text.lines().forEach(line -> write(new CellLine.Text(source, stderr, false, line)));
  }

  void write(CellLine line) {
    var bytes = (line.format() + "\n").getBytes(StandardCharsets.UTF_8);
    synchronized (this) {
      try {
        out.write(bytes);
        out.flush();
      } catch (IOException e) {
        // Nobody reads it; the outcome is told in another way.
        return;
      }
    }
  }
}
