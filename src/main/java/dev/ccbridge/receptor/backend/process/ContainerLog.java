package dev.ccbridge.receptor.backend.process;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.ccbridge.executor.LogSink;
import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.LogRange;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of a task or of one LRP instance: JSON lines in a file that is put aside when it is full,
 * so that two of them are kept. Thread-safe.
 *
 * <p>A place in it is counted in bytes, from the beginning of what was there when this object was
 * made; so a reader needs no more than a number, and whoever is overtaken by the bound is told how
 * much it missed. Files are read without holding up who writes.
 *
 * <p>A task's log also remembers how much of each program's output it holds, together with the
 * lines themselves, so that after a crash no line is lost or told twice.
 */
final class ContainerLog implements LogSink {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerLog.class);
  private static final long MAX_FILE_BYTES = 1 << 20;
  private static final int READ_BYTES = 256 << 10;

  /** Many short lines take several times their bytes. */
  private static final int WRITE_CHARS = 256 << 10;

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
  private long olderBytes;

  /** The place behind the last line. */
  private long end;

  private long lastTimestamp;
  private boolean closed;

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

  /** A line and the place behind it. */
  private record Placed(LogLine line, long end) {}

  /**
   * What was read at a place.
   *
   * @param next the place behind it
   * @param lost bytes that were dropped before anybody read them at this place
   */
  record Piece(List<LogLine> lines, long next, long lost) {}

  /** Part of a file, opened while it still has its name. */
  private record Part(FileChannel channel, long offset, long length, long place, long lost) {}

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
    olderBytes = Files.exists(older) ? Files.size(older) : 0;
    end = olderBytes + fileBytes;
    for (var part : List.of(older, file)) {
      if (Files.exists(part)) {
        try (var lines = Files.lines(part, StandardCharsets.ISO_8859_1)) {
          lines
              .map(line -> decode(line.getBytes(StandardCharsets.ISO_8859_1)))
              .forEach(stored -> stored.ifPresent(this::remember));
        }
      }
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
    lastTimestamp = Math.max(lastTimestamp, stored.timestamp());
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
    return new Stored(nextTimestamp(), source, index, stderr, text, key, position, isOutput, null);
  }

  /** No two lines have the same one, whatever the clock says: it is a line's place for readers. */
  private long nextTimestamp() {
    var now = clock.instant();
    lastTimestamp =
        Math.max(now.getEpochSecond() * 1_000_000_000L + now.getNano(), lastTimestamp + 1);
    return lastTimestamp;
  }

  /** How many bytes of this output are in the log. */
  synchronized long position(String key) {
    return positions.getOrDefault(key, 0L);
  }

  private void write(List<Stored> lines) {
    try {
      var text = new StringBuilder();
      for (var line : lines) {
        text.append(ReceptorJson.mapper().writeValueAsString(line)).append('\n');
        if (text.length() > WRITE_CHARS) {
          append(text.toString());
          text.setLength(0);
        }
      }
      append(text.toString());
    } catch (IOException e) {
      LOG.warn("a log cannot be written error={}", e.getClass().getSimpleName());
    }
    lines.forEach(this::remember);
    notifyAll();
  }

  private void append(String text) throws IOException {
    if (text.isEmpty() || closed) {
      return;
    }
    if (fileBytes > MAX_FILE_BYTES) {
      putAside();
    }
    appendWhole(text.getBytes(StandardCharsets.UTF_8));
  }

  /** All of it or nothing: half a line would spoil the next one. */
  private void appendWhole(byte[] bytes) throws IOException {
    try {
      Files.write(file, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      try (var access = new RandomAccessFile(file.toFile(), "rw")) {
        access.setLength(fileBytes);
      }
      throw e;
    }
    fileBytes += bytes.length;
    end += bytes.length;
  }

  private void putAside() throws IOException {
    Files.move(file, older, StandardCopyOption.ATOMIC_MOVE);
    olderBytes = fileBytes;
    fileBytes = 0;
    if (!positions.isEmpty()) {
      var all = new Stored(0, "", 0, false, "", null, 0, false, Map.copyOf(positions));
      appendWhole(
          (ReceptorJson.mapper().writeValueAsString(all) + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Nothing is written any more, and there is nothing to be read: the files are going. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /** Waits until there is something at this place, or the log is closed. */
  synchronized void await(long place, Duration patience) throws InterruptedException {
    var deadline = System.nanoTime() + patience.toNanos();
    for (var left = patience.toNanos(); left > 0 && place >= end && !closed; ) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      left = deadline - System.nanoTime();
    }
  }

  /** The last lines, oldest first. */
  List<LogLine> last(int maxLines) {
    return lines(LogRange.last(maxLines));
  }

  /** The lines of the range, oldest first. */
  List<LogLine> lines(LogRange range) {
    var lines = new ArrayList<LogLine>();
    try {
      var place = place(range);
      for (var piece = read(place);
          piece.next() > place && lines.size() < range.lines();
          piece = read(place)) {
        lines.addAll(piece.lines());
        place = piece.next();
      }
    } catch (IOException e) {
      LOG.warn("a log cannot be read error={}", e.getClass().getSimpleName());
    }
    return lines.size() > range.lines() ? List.copyOf(lines.subList(0, range.lines())) : lines;
  }

  /** Where the range begins. */
  long place(LogRange range) throws IOException {
    synchronized (this) {
      var isBehindAll = !range.isFromTheEnd() && range.after() >= lastTimestamp;
      if (isBehindAll || (range.isFromTheEnd() && range.lines() == 0)) {
        return end;
      }
    }
    return range.isFromTheEnd() ? placeOfLast(range.lines()) : placeAfter(range.after());
  }

  private long placeOfLast(int lines) throws IOException {
    // One place more than lines: the line begins where the one before it ends.
    var ends = new ArrayDeque<Long>();
    var place = beginning();
    ends.add(place);
    for (var piece = placed(place); !piece.isEmpty(); piece = placed(place)) {
      for (var line : piece) {
        ends.add(line.end());
        if (ends.size() > lines + 1) {
          ends.remove();
        }
      }
      place = piece.getLast().end();
    }
    return ends.element();
  }

  private long placeAfter(long timestamp) throws IOException {
    var place = beginning();
    for (var piece = placed(place); !piece.isEmpty(); piece = placed(place)) {
      for (var line : piece) {
        if (line.line().timestamp() > timestamp) {
          return place;
        }
        place = line.end();
      }
    }
    return place;
  }

  private synchronized long beginning() {
    return end - fileBytes - olderBytes;
  }

  private List<Placed> placed(long from) throws IOException {
    var part = open(from);
    if (part == null) {
      return List.of();
    }
    var lines = decode(part);
    return lines.isEmpty() ? placed(part.place() + part.length()) : lines;
  }

  /** What is there at a place, some hundred kilobytes of it. */
  Piece read(long from) throws IOException {
    var part = open(from);
    if (part == null) {
      return new Piece(List.of(), from, 0);
    }
    var lines = decode(part);
    if (lines.isEmpty()) {
      return new Piece(List.of(), part.place() + part.length(), part.lost());
    }
    return new Piece(lines.stream().map(Placed::line).toList(), lines.getLast().end(), part.lost());
  }

  private synchronized @Nullable Part open(long from) throws IOException {
    if (closed || from >= end) {
      return null;
    }
    var first = end - fileBytes - olderBytes;
    var place = Math.max(from, first);
    var begin = end - fileBytes;
    var lost = place - from;
    return place < begin
        ? new Part(
            FileChannel.open(older, StandardOpenOption.READ),
            place - first,
            begin - place,
            place,
            lost)
        : new Part(
            FileChannel.open(file, StandardOpenOption.READ),
            place - begin,
            end - place,
            place,
            lost);
  }

  /** Whole lines from the beginning of the part; none only when there is none in all of it. */
  private static List<Placed> decode(Part part) throws IOException {
    var lines = new ArrayList<Placed>();
    try (var channel = part.channel()) {
      var buffer = ByteBuffer.allocate((int) Math.min(READ_BYTES, part.length()));
      var partial = new ByteArrayOutputStream();
      var read = 0L;
      while (read < part.length() && lines.isEmpty()) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), part.length() - read));
        var n = channel.read(buffer, part.offset() + read);
        if (n <= 0) {
          break;
        }
        for (var i = 0; i < n; i++) {
          if (buffer.get(i) == '\n') {
            var place = part.place() + read + i + 1;
            decode(partial.toByteArray())
                .filter(stored -> stored.positions() == null)
                .ifPresent(stored -> lines.add(new Placed(stored.line(), place)));
            partial.reset();
          } else {
            partial.write(buffer.get(i));
          }
        }
        read += n;
      }
    }
    return lines;
  }

  /** Empty for a line that cannot be read, as after a crash of the machine. */
  private static Optional<Stored> decode(byte[] line) {
    try {
      return Optional.of(ReceptorJson.mapper().readValue(line, Stored.class));
    } catch (IOException broken) {
      return Optional.empty();
    }
  }

  /** The last lines that programs printed, at most 20 and about 2 KB. */
  synchronized String lastOutput() {
    var text = String.join("\n", output);
    return text.length() > OUTPUT_CHARS ? text.substring(text.length() - OUTPUT_CHARS) : text;
  }
}
