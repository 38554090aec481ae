package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.receptor.backend.pod.cell.CellLine;
import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.LogRange;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.TimeTailPrettyLoggable;
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
import java.util.function.Supplier;
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
    return entries(
        pod,
        () ->
            log(pod)
                .tailingLines((int) Math.min(Integer.MAX_VALUE, (long) maxLines + MARGIN))
                .getLog());
  }

  private List<Entry> since(String pod, Instant time) {
    return entries(pod, () -> log(pod).sinceTime(time.toString()).getLog());
  }

  private TimeTailPrettyLoggable log(String pod) {
    return kubernetes
        .pods()
        .inNamespace(namespace)
        .withName(pod)
        .inContainer(PodManifests.MAIN)
        .usingTimestamps()
        .limitBytes(MAX_BYTES);
  }

  private static List<Entry> entries(String pod, Supplier<String> log) {
    try {
      return new BufferedReader(new StringReader(log.get())).lines().map(PodLog::entry).toList();
    } catch (KubernetesClientException e) {
      LOG.debug("a log cannot be read pod={} code={}", pod, e.getCode());
      return List.of();
    }
  }

  /** Lines of text, oldest first. */
  List<LogLine> lines(String pod, int index, LogRange range) {
    return range.of(texts(pod, index, range));
  }

  private List<LogLine> texts(String pod, int index, LogRange range) {
    // The API knows seconds only, so this may begin with lines that are not wanted.
    var entries =
        range.isFromTheEnd()
            ? last(pod, range.lines())
            : since(pod, Instant.ofEpochSecond(0, range.after()));
    var lines = new ArrayList<LogLine>();
    var before = 0L;
    for (var entry : entries) {
      if (entry.line() instanceof CellLine.Text text) {
        // A line's time is its place: no two have the same.
        before = Math.max(entry.timestamp(), before + 1);
        lines.add(new LogLine(before, text.source(), index, text.stderr(), text.text()));
      }
    }
    return lines;
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
