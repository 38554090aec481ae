package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.receptor.backend.pod.cell.CellLine;
import dev.ccbridge.receptor.model.LogLine;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log of a Pod's container, as the kubelet keeps it. */
final class PodLog {
  private static final Logger LOG = LoggerFactory.getLogger(PodLog.class);

  /** Lines beyond those of text, in which a task's progress is told. */
  private static final int MARGIN = 200;

  private static final int MAX_BYTES = 8 << 20;

  private final KubernetesClient kubernetes;
  private final String namespace;

  PodLog(KubernetesClient kubernetes, String namespace) {
    this.kubernetes = kubernetes;
    this.namespace = namespace;
  }

  /** A line, and when it was written: nanoseconds since the epoch. */
  record Entry(long timestamp, CellLine line) {}

  /** The last lines; none where they cannot be had, as of a Pod that is gone. */
  List<Entry> last(String pod, int maxLines) {
    try {
      var text =
          kubernetes
              .pods()
              .inNamespace(namespace)
              .withName(pod)
              .inContainer(PodManifests.MAIN)
              .usingTimestamps()
              .limitBytes(MAX_BYTES)
              .tailingLines(maxLines + MARGIN)
              .getLog();
      var entries = new ArrayList<Entry>();
      new BufferedReader(new StringReader(text)).lines().map(PodLog::entry).forEach(entries::add);
      return entries;
    } catch (KubernetesClientException e) {
      LOG.debug("a log cannot be read pod={} code={}", pod, e.getCode());
      return List.of();
    }
  }

  /** The last lines of text, oldest first. */
  List<LogLine> lines(String pod, int index, int maxLines) {
    var lines = new ArrayList<LogLine>();
    for (var entry : last(pod, maxLines)) {
      if (entry.line() instanceof CellLine.Text text) {
        lines.add(new LogLine(entry.timestamp(), text.source(), index, text.stderr(), text.text()));
      }
    }
    return lines.subList(Math.max(0, lines.size() - maxLines), lines.size());
  }

  /**
   * Reads from the beginning until the container has ended.
   *
   * @throws IOException when the connection is cut
   * @throws KubernetesClientException when there is no log yet
   */
  void follow(String pod, Consumer<Entry> onEntry) throws IOException {
    try (var watch =
        kubernetes
            .pods()
            .inNamespace(namespace)
            .withName(pod)
            .inContainer(PodManifests.MAIN)
            .usingTimestamps()
            .watchLog()) {
      read(watch.getOutput(), onEntry);
    }
  }

  private static void read(InputStream in, Consumer<Entry> onEntry) throws IOException {
    var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    for (String line; (line = reader.readLine()) != null; ) {
      onEntry.accept(entry(line));
    }
  }

  /** The kubelet puts the time before each line. */
  private static Entry entry(String line) {
    int space = line.indexOf(' ');
    if (space > 0) {
      try {
        var at = Instant.parse(line.substring(0, space));
        return new Entry(
            at.getEpochSecond() * 1_000_000_000L + at.getNano(),
            CellLine.parse(line.substring(space + 1)));
      } catch (DateTimeParseException e) {
        return new Entry(0, CellLine.parse(line));
      }
    }
    return new Entry(0, CellLine.parse(line));
  }
}
