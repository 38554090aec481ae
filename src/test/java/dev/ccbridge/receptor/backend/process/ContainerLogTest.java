package dev.ccbridge.receptor.backend.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.LogRange;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerLogTest {
  @TempDir private Path directory;

  private ContainerLog log(boolean remembers) throws IOException {
    return new ContainerLog(directory.resolve("log"), 7, remembers, Clock.systemUTC());
  }

  private static List<String> texts(ContainerLog log) {
    return log.last(1000).stream().map(LogLine::text).toList();
  }

  private OutputTail tail(ContainerLog log) {
    return new OutputTail(directory.resolve("out"), "0/out", "APP", false, log);
  }

  private void print(String text) throws IOException {
    Files.writeString(
        directory.resolve("out"), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @Test
  void keepsSourceIndexAndStream() throws Exception {
    log(false).append("k", "APP", true, "text");

    var line = log(false).last(10).getFirst();

    assertThat(line.source()).isEqualTo("APP");
    assertThat(line.index()).isEqualTo(7);
    assertThat(line.stderr()).isTrue();
    assertThat(line.text()).isEqualTo("text");
  }

  @Test
  void lineOfAKnownKeyIsDroppedWhenItRemembers() throws Exception {
    log(true).append("k", "APP", false, "once");
    log(true).append("k", "APP", false, "twice");
    assertThat(texts(log(true))).containsExactly("once");

    log(false).append("k", "APP", false, "again");
    assertThat(texts(log(false))).containsExactly("once", "again");
  }

  @Test
  void outputIsNeitherLostNorRepeatedAcrossLives() throws Exception {
    print("one\ntwo\nthr");
    tail(log(true)).poll();
    print("ee\nfour\r\nrest");

    tail(log(true)).finish();
    tail(log(true)).finish();

    assertThat(texts(log(true))).containsExactly("one", "two", "three", "four", "rest");
    assertThat(log(true).lastOutput()).isEqualTo("one\ntwo\nthree\nfour\nrest");
  }

  @Test
  void fullFilesAreDroppedButNotThePositions() throws Exception {
    var log = log(true);
    print("first\n");
    tail(log).poll();
    for (int i = 0; i < 3000; i++) {
      log.append("k" + i, "APP", false, "x".repeat(1000));
    }

    assertThat(Files.size(directory.resolve("log"))).isLessThan(2 << 20);
    assertThat(Files.size(directory.resolve("log.1"))).isLessThan(2 << 20);
    assertThat(texts(log(true))).hasSizeBetween(900, 1000).doesNotContain("first");
    print("second\n");
    tail(log(true)).finish();
    assertThat(texts(log(true))).contains("second").doesNotContain("first");
  }

  @Test
  void cutOffLineIsDropped() throws Exception {
    log(true).append("a", "APP", false, "whole");
    Files.writeString(directory.resolve("log"), "{\"time", StandardOpenOption.APPEND);

    log(true).append("b", "APP", false, "next");

    assertThat(texts(log(true))).containsExactly("whole", "next");
  }

  @Test
  void noTwoLinesHaveTheSameTimestampWhateverTheClockSays() throws Exception {
    var still = Clock.fixed(Instant.ofEpochSecond(1_000), ZoneOffset.UTC);
    var path = directory.resolve("log");
    var log = new ContainerLog(path, 0, false, still);
    for (var i = 0; i < 3; i++) {
      log.append("k", "APP", false, "line " + i);
    }
    new ContainerLog(path, 0, false, Clock.fixed(Instant.EPOCH, ZoneOffset.UTC))
        .append("k", "APP", false, "after the clock was set back");
    assertThat(log(false).last(10))
        .extracting(line -> line.timestamp() - 1_000_000_000_000L)
        .containsExactly(0L, 1L, 2L, 3L);
  }

  @Test
  void goesOnAfterALine() throws Exception {
    var log = log(false);
    for (var i = 0; i < 4000; i++) {
      log.append("k", "APP", false, i + " " + "x".repeat(300));
    }
    var all = log.lines(LogRange.last(5000));
    assertThat(all).hasSizeGreaterThan(2500);
    assertThat(log.lines(LogRange.after(all.get(7).timestamp(), 3)))
        .containsExactlyElementsOf(all.subList(8, 11));
    assertThat(log.lines(LogRange.last(1700)))
        .containsExactlyElementsOf(all.subList(all.size() - 1700, all.size()));
    assertThat(log.lines(LogRange.after(all.getLast().timestamp(), 9))).isEmpty();
    assertThat(log.lines(LogRange.after(0, 1))).containsExactly(all.getFirst());
  }

  @Test
  void aReaderGetsEveryLineOnceHoweverOftenTheFileIsPutAside() throws Exception {
    var log = log(true);
    var cursor = new ContainerLogCursor(() -> Optional.of(log), LogRange.last(0), () -> true);
    assertThat(cursor.next(Duration.ZERO)).isEmpty();
    var seen = new ArrayList<String>();
    for (var i = 0; i < 6000; i++) {
      log.append("k" + i, "APP", false, i + " " + "x".repeat(1000));
      if (i % 700 == 0) {
        read(cursor, seen);
      }
    }
    read(cursor, seen);
    assertThat(seen).hasSize(6000);
    for (var i = 0; i < 6000; i++) {
      assertThat(seen.get(i)).startsWith(i + " ");
    }
  }

  private static void read(ContainerLogCursor cursor, List<String> seen) throws Exception {
    for (var lines = cursor.next(Duration.ZERO); !lines.isEmpty(); ) {
      lines.forEach(line -> seen.add(line.text()));
      lines = cursor.next(Duration.ZERO);
    }
  }

  @Test
  void aReaderThatIsOvertakenIsToldHowMuchItMissed() throws Exception {
    var log = log(false);
    log.append("k", "APP", false, "seen");
    var cursor = new ContainerLogCursor(() -> Optional.of(log), LogRange.last(1), () -> true);
    assertThat(cursor.next(Duration.ZERO)).hasSize(1);
    for (var i = 0; i < 5000; i++) {
      log.append("k", "APP", false, "x".repeat(1000));
    }
    var lines = cursor.next(Duration.ZERO);
    assertThat(lines.getFirst().text())
        .matches("cc-bridge: \\d+ bytes of the log were dropped before they were read");
    assertThat(lines.get(1).text()).startsWith("xxx");
    assertThat(lines).isSortedAccordingTo(Comparator.comparing(LogLine::timestamp));
  }

  @Test
  void aReaderWaitsForALogAndSurvivesItsEnd() throws Exception {
    var now = new AtomicReference<Optional<ContainerLog>>(Optional.empty());
    var cursor = new ContainerLogCursor(now::get, LogRange.last(10), () -> true);
    assertThat(cursor.next(Duration.ofMillis(10))).isEmpty();
    var first = log(false);
    first.append("k", "APP", false, "one");
    now.set(Optional.of(first));
    assertThat(cursor.next(Duration.ofSeconds(20))).hasSize(1);

    first.close();
    Files.delete(directory.resolve("log"));
    first.append("k", "APP", false, "to nobody");
    assertThat(directory.resolve("log")).doesNotExist();
    var second = log(false);
    second.append("k", "APP", false, "two");
    now.set(Optional.of(second));
    assertThat(cursor.next(Duration.ofSeconds(20)))
        .extracting(LogLine::text)
        .containsExactly("two");
  }

  @Test
  void halfALineOfADiskThatWasFullSpoilsNothing() throws Exception {
    log(false).append("a", "APP", false, "whole");
    Files.writeString(directory.resolve("log"), "{\"time\n", StandardOpenOption.APPEND);
    log(false).append("b", "APP", false, "next");
    assertThat(texts(log(false))).containsExactly("whole", "next");
  }

  @Test
  void manyEmptyLinesDoNotMakeTheFileLarge() throws Exception {
    var log = log(true);
    print("\n".repeat(200_000));
    tail(log).finish();
    assertThat(Files.size(directory.resolve("log"))).isLessThan(2 << 20);
    assertThat(Files.size(directory.resolve("log.1"))).isLessThan(2 << 20);
  }

  @Test
  void outputThatComesTooFastIsLeftOutAndItsEndKept() throws Exception {
    var log = log(true);
    print("first\nunfinished");
    var tail = tail(log);
    tail.poll();
    try (var out = new RandomAccessFile(directory.resolve("out").toFile(), "rw")) {
      out.setLength(100 << 20);
      out.seek(100 << 20);
      out.write("\nlast\n".getBytes(StandardCharsets.UTF_8));
    }
    tail.finish();
    var texts = texts(log);
    assertThat(texts).last().isEqualTo("last");
    assertThat(texts).doesNotContain("second");
    assertThat(log.position("0/out")).isEqualTo((100 << 20) + 6);
    assertThat(tail.poll()).isFalse();
  }

  @Test
  void whatWasLeftOutIsSaid() throws Exception {
    var log = log(false);
    print("first\nunfinished");
    var tail = tail(log);
    tail.poll();
    try (var out = new RandomAccessFile(directory.resolve("out").toFile(), "rw")) {
      out.seek(49 << 20);
      out.write("x".repeat(1 << 20).getBytes(StandardCharsets.UTF_8));
    }
    tail.poll();
    assertThat(texts(log))
        .startsWith(
            "first",
            "unfinished",
            "cc-bridge: left out " + ((49 << 20) - 16) + " bytes that came too fast");
  }

  @Test
  void endlessLinesAreCut() throws Exception {
    var log = log(true);
    print("x".repeat(150_000));

    tail(log).finish();

    assertThat(texts(log)).extracting(String::length).containsExactly(65536, 65536, 18928);
  }
}
