package dev.ccbridge.executor;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A journal in a file: one JSON line per event. Each outlives this process at once, and the machine
 * once something is to be done that follows from it, so that what is done after the last of them is
 * the only thing to wait for the disk. A line that was cut off by a crash is dropped, as what it
 * tells had not been acted on.
 */
public final class FileJournal implements Journal, AutoCloseable {
  private enum Event {
    STARTED,
    FINISHED,
    DEADLINE
  }

  private record Line(
      @JsonProperty("path") String path,
      @JsonProperty("event") Event event,
      @JsonProperty("at") long at,
      @JsonProperty("failure") @JsonInclude(Include.NON_NULL) Outcome.@Nullable Failure failure) {}

  private final FileChannel file;
  private final Map<String, Long> started = new HashMap<>();
  private final Map<String, Outcome> finished = new HashMap<>();
  private final Map<String, Long> deadlines = new HashMap<>();
  private boolean isEndUnforced;

  private FileJournal(FileChannel file) {
    this.file = file;
  }

  /**
   * Opens the journal, and makes it if it is not there. That the file is there at all is for the
   * caller to make durable.
   */
  public static FileJournal open(Path path) throws IOException {
    var known = Files.exists(path);
    var channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    var journal = new FileJournal(channel);
    if (known) {
      journal.replay(Files.readAllBytes(path));
    }
    return journal;
  }

  /** Makes durable that a directory holds the files it holds. */
  public static void syncDirectory(@Nullable Path directory) throws IOException {
    if (directory != null) {
      try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private void replay(byte[] content) throws IOException {
    int start = 0;
    for (int i = 0; i < content.length; i++) {
      if (content[i] == '\n') {
        apply(
            ReceptorJson.mapper()
                .readValue(
                    new String(content, start, i - start, StandardCharsets.UTF_8), Line.class));
        start = i + 1;
      }
    }
    file.truncate(start);
    file.position(start);
  }

  private void apply(Line line) {
    switch (line.event()) {
      case STARTED -> started.put(line.path(), line.at());
      case FINISHED -> finished.put(line.path(), new Outcome(line.failure(), line.at()));
      case DEADLINE -> deadlines.put(line.path(), line.at());
    }
  }

  @Override
  public synchronized Optional<Entry> find(String path) {
    var at = started.get(path);
    return at == null ? Optional.empty() : Optional.of(new Entry(at, finished.get(path)));
  }

  @Override
  public synchronized void started(String path, long at) {
    if (!started.containsKey(path)) {
      write(new Line(path, Event.STARTED, at, null));
      if (isEndUnforced) {
        force();
      }
    }
  }

  @Override
  public synchronized void finished(String path, Outcome outcome) {
    write(new Line(path, Event.FINISHED, outcome.endedAt(), outcome.failure()));
    isEndUnforced = true;
  }

  @Override
  public synchronized long deadline(String path, long wanted) {
    var known = deadlines.get(path);
    if (known != null) {
      return known;
    }
    write(new Line(path, Event.DEADLINE, wanted, null));
    force();
    return wanted;
  }

  private void write(Line line) {
    try {
      var bytes = ByteBuffer.wrap((json(line) + "\n").getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the journal cannot be written", e);
    }
    apply(line);
  }

  private void force() {
    try {
      file.force(false);
    } catch (IOException e) {
      throw new UncheckedIOException("the journal cannot be written", e);
    }
    isEndUnforced = false;
  }

  private static String json(Line line) throws JsonProcessingException {
    return ReceptorJson.mapper().writeValueAsString(line);
  }

  @Override
  public synchronized void close() throws IOException {
    file.close();
  }
}
