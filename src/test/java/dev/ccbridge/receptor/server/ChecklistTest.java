package dev.ccbridge.receptor.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Each line of the checklist that was drawn up of the original's suites has a test whose name
 * begins with the line's name, or with several. S1, a start while the store is down, cannot be: the
 * store is in the process. Source: receptor/cmd/receptor, handlers, *_test.go.
 */
class ChecklistTest {
  private static final Path TESTS = Path.of("src/test/java/dev/ccbridge");
  private static final Pattern NAMES = Pattern.compile("\"((?:[A-Z]\\d{1,2}[ ,|]+)+)");
  private static final Pattern NAME = Pattern.compile("[A-Z]\\d{1,2}");

  @Test
  void everyLineIsATest() throws IOException {
    var lines =
        Stream.of(
                lines("T", 8),
                lines("D", 5),
                lines("A", 4),
                lines("C", 1),
                lines("M", 3),
                lines("E", 5),
                lines("U", 3),
                lines("O", 2),
                List.of("F1", "N1"),
                lines("H", 20),
                lines("K", 3))
            .flatMap(List::stream)
            .toList();
    assertThat(named()).containsAll(lines);
  }

  private static List<String> lines(String letter, int count) {
    return IntStream.rangeClosed(1, count).mapToObj(number -> letter + number).toList();
  }

  private static Set<String> named() throws IOException {
    var named = new TreeSet<String>();
    try (var files =
        Stream.concat(
            Files.walk(TESTS.resolve("receptor")),
            Stream.of(TESTS.resolve("e2e/ReceptorProcessIT.java")))) {
      for (var file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        named.addAll(named(Files.readString(file)));
      }
    }
    return named;
  }

  private static Set<String> named(String source) {
    return NAMES
        .matcher(source)
        .results()
        .flatMap(found -> NAME.matcher(found.group(1)).results())
        .map(name -> name.group())
        .collect(Collectors.toSet());
  }
}
