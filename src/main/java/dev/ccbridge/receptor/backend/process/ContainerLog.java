package dev.ccbridge.receptor.backend.process;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.ccbridge.executor.LogSink;
import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of a task or of one LRP instance: JSON lines in a file that is put aside when it is full,
 * so that two of them are kept. Thread-safe.
 *
 * <p>A task's log also remembers how much of each program's output it holds, together with the
 * lines themselves, so that after a crash no line is lost or told twice.
 */
final class ContainerLog implements LogSink {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerLog.class);
  private static final long MAX_FILE_BYTES = 1 << 20;
  private static final int OUTPUT_LINES = 20;
  private static final int OUTPUT_CHARS = 2048;

  private final Path file;
  private final Path older;
  private final int index;
  private final boolean remembers;
  private final Clock clock;
  private final Map<String, Long> positions = new HashMap<>();
  private final Deque<String> output = new ArrayDeque<>();
  private long fileBytes;

  /** {@code position}: of the output named {@code key}, how many bytes are in the log. */
  private record Stored(
      @JsonProperty("timestamp") long timestamp,
      @JsonProperty("source") String source,
      @JsonProperty("index") int index,
      @JsonProperty("stderr") boolean stderr,
      @JsonProperty("text") String text,
      @JsonProperty("key") @JsonInclude(Include.NON_NULL) @Nullable String key,
      @JsonProperty("position") @JsonInclude(Include.NON_DEFAULT) long position,
      @JsonProperty("output") @JsonInclude(Include.NON_DEFAULT) boolean output,
      @JsonProperty("positions") @JsonInclude(Include.NON_NULL)
          @Nullable Map<String, Long> positions) {

    LogLine line() {
      return new LogLine(timestamp, source, index, stderr, text);
    }
  }

  /** A line that a program printed, and where in its output the next one begins. */
  record OutputLine(String text, long position) {}

  /**
   * Goes on with the log in the file, if there is one.
   *
   * @param index of the instance; 0 for a task
   * @param remembers whether lines of a key that was appended before are dropped
   */
  ContainerLog(Path file, int index, boolean remembers, Clock clock) throws IOException {
    this.file = file;
    this.older = file.resolveSibling(file.getFileName() + ".1");
    this.index = index;
    this.remembers = remembers;
    this.clock = clock;
    Files.createDirectories(file.toAbsolutePath().getParent());
    dropCutOffLine();
    for (var stored : read()) {
      remember(stored);
    }
  }

  private void dropCutOffLine() throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    var content = Files.readAllBytes(file);
    int end = content.length;
    while (end > 0 && content[end - 1] != '\n') {
      end--;
    }
    try (var access = new RandomAccessFile(file.toFile(), "rw")) {
      access.setLength(end);
    }
    fileBytes = end;
  }

  private void remember(Stored stored) {
    if (stored.positions() != null) {
      positions.putAll(stored.positions());
    }
    if (stored.key() != null) {
      positions.merge(stored.key(), stored.position(), Math::max);
    }
    if (stored.output()) {
      output.addLast(stored.text());
      if (output.size() > OUTPUT_LINES) {
        output.removeFirst();
      }
    }
  }

  @Override
  public synchronized void append(String key, String source, boolean stderr, String text) {
    if (!remembers) {
      write(List.of(stored(null, 0, false, source, stderr, text)));
    } else if (!positions.containsKey(key)) {
      write(List.of(stored(key, 1, false, source, stderr, text)));
    }
  }

  /** Appends lines of one program's output. */
  synchronized void append(String key, String source, boolean stderr, List<OutputLine> lines) {
    var name = remembers ? key : null;
    write(
        lines.stream()
            .map(line -> stored(name, line.position(), true, source, stderr, line.text()))
            .toList());
  }

  private Stored stored(
      @Nullable String key,
      long position,
      boolean isOutput,
      String source,
      boolean stderr,
      String text) {
    var now = clock.instant();
    long timestamp = now.getEpochSecond() * 1_000_000_000L + now.getNano();
    return new Stored(timestamp, source, index, stderr, text, key, position, isOutput, null);
  }

  /** How many bytes of this output are in the log. */
  synchronized long position(String key) {
    return positions.getOrDefault(key, 0L);
  }

  private void write(List<Stored> lines) {
    try {
      if (fileBytes > MAX_FILE_BYTES) {
        putAside();
      }
      var text = new StringBuilder();
      for (var line : lines) {
        text.append(ReceptorJson.mapper().writeValueAsString(line)).append('\n');
      }
      append(text.toString());
    } catch (IOException e) {
      LOG.warn("a log cannot be written error={}", e.getClass().getSimpleName());
    }
    lines.forEach(this::remember);
  }

  private void append(String text) throws IOException {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    Files.write(file, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    fileBytes += bytes.length;
  }

  private void putAside() throws IOException {
    Files.move(file, older, StandardCopyOption.ATOMIC_MOVE);
    fileBytes = 0;
    if (!positions.isEmpty()) {
      var all = new Stored(0, "", 0, false, "", null, 0, false, Map.copyOf(positions));
      append(ReceptorJson.mapper().writeValueAsString(all) + "\n");
    }
  }

  private List<Stored> read() throws IOException {
    var all = new ArrayList<Stored>();
    for (var part : List.of(older, file)) {
      if (Files.exists(part)) {
        for (var line : Files.readAllLines(part)) {
          all.add(ReceptorJson.mapper().readValue(line, Stored.class));
        }
      }
    }
    return all;
  }

  /** The last lines, oldest first. */
  synchronized List<LogLine> last(int maxLines) {
    try {
      var lines =
          read().stream().filter(line -> line.positions() == null).map(Stored::line).toList();
      return lines.subList(Math.max(0, lines.size() - maxLines), lines.size());
    } catch (IOException e) {
      LOG.warn("a log cannot be read error={}", e.getClass().getSimpleName());
      return List.of();
    }
  }

  /** The last lines that programs printed, at most 20 and about 2 KB. */
  synchronized String lastOutput() {
    var text = String.join("\n", output);
    return text.length() > OUTPUT_CHARS ? text.substring(text.length() - OUTPUT_CHARS) : text;
  }
}
