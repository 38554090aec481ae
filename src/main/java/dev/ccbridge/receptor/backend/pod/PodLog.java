package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.executor.Wording;
import dev.ccbridge.receptor.backend.pod.SingleProgram.Unhealthy;
import dev.ccbridge.receptor.backend.pod.cell.CellLine;
import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.LogRange;
import io.fabric8.kubernetes.api.model.Pod;
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
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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

  /** How a line of a log is to be read. */
  private interface Form extends Function<String, CellLine> {
    static Form of(Pod pod) {
      return PodMarks.isSingle(pod) ? plain(PodMarks.logSource(pod)) : CellLine::parse;
    }

    /** What a program has printed itself, whatever it looks like. */
    private static Form plain(String source) {
      return line -> new CellLine.Text(source, false, true, line);
    }
  }

  /** The last lines; none where they cannot be had, as of a Pod that is gone. */
  List<Entry> last(String pod, int maxLines) {
    return last(pod, PodManifests.MAIN, maxLines, CellLine::parse);
  }

  private List<Entry> last(String pod, String container, int maxLines, Form form) {
    return entries(
        pod,
        () ->
            log(pod, container)
                .tailingLines((int) Math.min(Integer.MAX_VALUE, (long) maxLines + MARGIN))
                .getLog(),
        form);
  }

  private List<Entry> since(String pod, String container, Instant time, Form form) {
    return entries(pod, () -> log(pod, container).sinceTime(time.toString()).getLog(), form);
  }

  private TimeTailPrettyLoggable log(String pod, String container) {
    return kubernetes
        .pods()
        .inNamespace(namespace)
        .withName(pod)
        .inContainer(container)
        .usingTimestamps()
        .limitBytes(MAX_BYTES);
  }

  private static List<Entry> entries(String pod, Supplier<String> log, Form form) {
    try {
      return new BufferedReader(new StringReader(log.get()))
          .lines()
          .map(line -> entry(line, form))
          .toList();
    } catch (KubernetesClientException e) {
      LOG.debug("a log cannot be read pod={} code={}", pod, e.getCode());
      return List.of();
    }
  }

  /** Lines of text of a task, oldest first. */
  List<LogLine> lines(String pod, int index, LogRange range) {
    return range.of(texts(read(pod, PodManifests.MAIN, range, CellLine::parse), index));
  }

  /** Lines of text of an instance, from all its containers, oldest first. */
  List<LogLine> lines(Pod pod, int index, LogRange range) {
    var name = pod.getMetadata().getName();
    var entries = new ArrayList<Entry>();
    if (hasSetup(pod)) {
      entries.addAll(read(name, PodManifests.SETUP, range, CellLine::parse));
    }
    entries.addAll(read(name, PodManifests.MAIN, range, Form.of(pod)));
    if (PodMarks.isSingle(pod)) {
      entries.addAll(ends(pod));
    }
    return range.of(texts(entries, index));
  }

  private static boolean hasSetup(Pod pod) {
    var containers = pod.getSpec().getInitContainers();
    return containers != null
        && containers.stream().anyMatch(c -> PodManifests.SETUP.equals(c.getName()));
  }

  private List<Entry> read(String pod, String container, LogRange range, Form form) {
    // The API knows seconds only, so this may begin with lines that are not wanted.
    return range.isFromTheEnd()
        ? last(pod, container, range.lines(), form)
        : since(pod, container, Instant.ofEpochSecond(0, range.after()), form);
  }

  /** What an executor would have told of the end of a program. */
  private static List<Entry> ends(Pod pod) {
    var entries = new ArrayList<Entry>();
    PodState.end(pod)
        .ifPresent(
            end -> {
              long at = nanos(end.getFinishedAt());
              if (PodMarks.unhealthy(pod).equals(Optional.of(Unhealthy.NEVER_HEALTHY))) {
                PodMarks.startTimeout(pod)
                    .map(timeout -> Wording.neverHealthy(timeout.toNanos()))
                    .map(text -> new CellLine.Text(PodMarks.aboutSource(pod), true, false, text))
                    .ifPresent(line -> entries.add(new Entry(at, line)));
              }
              var text = Wording.exitStatus(Objects.requireNonNullElse(end.getExitCode(), 0));
              entries.add(
                  new Entry(at, new CellLine.Text(PodMarks.logSource(pod), false, false, text)));
            });
    return entries;
  }

  private static long nanos(@Nullable String time) {
    try {
      return time == null ? 0 : nanos(Instant.parse(time));
    } catch (DateTimeParseException e) {
      return 0;
    }
  }

  private static long nanos(Instant at) {
    return at.getEpochSecond() * 1_000_000_000L + at.getNano();
  }

  private static List<LogLine> texts(List<Entry> entries, int index) {
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
      onEntry.accept(entry(line, CellLine::parse));
    }
  }

  /** The kubelet puts the time before each line. */
  private static Entry entry(String line, Form form) {
    int space = line.indexOf(' ');
    if (space > 0) {
      try {
        var at = Instant.parse(line.substring(0, space));
        return new Entry(nanos(at), form.apply(line.substring(space + 1)));
      } catch (DateTimeParseException e) {
        return new Entry(0, form.apply(line));
      }
    }
    return new Entry(0, form.apply(line));
  }
}
