package dev.ccbridge.receptor.backend.process;

import dev.ccbridge.receptor.backend.process.ContainerLog.OutputLine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Takes what a program appends to a file into the container's log, line by line. The program writes
 * to a file and not to us, so that it does not notice when the operator dies. Not thread-safe.
 */
final class OutputTail {
  private static final int MAX_LINE_BYTES = 64 * 1024;
  private static final long FREE_AFTER_BYTES = 4 << 20;

  /** What is taken at a time, so that one output never keeps the other waiting. */
  private static final long MAX_POLL_BYTES = 4 << 20;

  /** A program that prints faster than that is read loses output; the log keeps far less. */
  private static final long MAX_BACKLOG_BYTES = 32 << 20;

  private static final long KEPT_BACKLOG_BYTES = 1 << 20;

  private final Path file;
  private final String key;
  private final String source;
  private final boolean stderr;
  private final ContainerLog log;
  private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
  private long position;
  private long freedUpTo;

  /**
   * @param key names the output within the container
   */
  OutputTail(Path file, String key, String source, boolean stderr, ContainerLog log) {
    this.file = file;
    this.key = key;
    this.source = source;
    this.stderr = stderr;
    this.log = log;
    this.position = log.position(key);
  }

  /**
   * Takes what is there.
   *
   * @return whether there was anything
   */
  boolean poll() throws IOException {
    if (!Files.exists(file)) {
      return false;
    }
    long size = Files.size(file);
    if (size <= position) {
      return false;
    }
    if (size - position > MAX_BACKLOG_BYTES) {
      leaveOut(size - KEPT_BACKLOG_BYTES);
    }
    var buffer = ByteBuffer.allocate(MAX_LINE_BYTES);
    long until = position + MAX_POLL_BYTES;
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (int n; position < until && (n = channel.read(buffer, position)) > 0; buffer.clear()) {
        take(buffer.array(), n);
      }
    }
    freeWhatWasTaken();
    return true;
  }

  /** What was begun to be read is told as a line, and then that something is missing. */
  private void leaveOut(long upTo) {
    var lines = new ArrayList<OutputLine>();
    if (partial.size() > 0) {
      lines.add(line());
    }
    lines.add(
        new OutputLine(
            "cc-bridge: left out " + (upTo - position) + " bytes that came too fast", upTo));
    position = upTo;
    append(lines);
  }

  private void take(byte[] bytes, int length) {
    var lines = new ArrayList<OutputLine>();
    for (int i = 0; i < length; i++) {
      position++;
      if (bytes[i] == '\n') {
        lines.add(line());
      } else {
        partial.write(bytes[i]);
        if (partial.size() == MAX_LINE_BYTES) {
          lines.add(line());
        }
      }
    }
    append(lines);
  }

  private OutputLine line() {
    var text = partial.toString(StandardCharsets.UTF_8);
    partial.reset();
    return new OutputLine(
        text.endsWith("\r") ? text.substring(0, text.length() - 1) : text, position);
  }

  private void append(List<OutputLine> lines) {
    if (!lines.isEmpty()) {
      log.append(key, source, stderr, lines);
    }
  }

  /** The program has ended: takes the rest, also a last line without its end. */
  void finish() throws IOException {
    while (poll()) {
      // Until all was taken.
    }
    if (partial.size() > 0) {
      append(List.of(line()));
    }
  }

  /**
   * Gives back the disk space of what is in the log already. A hole in the file, and not a shorter
   * file: the program may be writing at this moment. Where it cannot be done the file just grows.
   */
  private void freeWhatWasTaken() throws IOException {
    if (position - freedUpTo < FREE_AFTER_BYTES) {
      return;
    }
    freedUpTo = position;
    var process =
        new ProcessBuilder(
                "/bin/sh",
                "-c",
                "exec fallocate --punch-hole --offset 0 --length \"$1\" \"$2\"",
                "sh",
                Long.toString(position),
                file.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      process.waitFor(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
