package dev.ccbridge.receptor.backend.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.receptor.model.LogLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.List;
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
  void endlessLinesAreCut() throws Exception {
    var log = log(true);
    print("x".repeat(150_000));

    tail(log).finish();

    assertThat(texts(log)).extracting(String::length).containsExactly(65536, 65536, 18928);
  }
}
