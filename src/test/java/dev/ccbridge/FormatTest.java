package dev.ccbridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.JavaFormatterOptions.Style;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Holds every Java file to google-java-format. {@code mvn test -Dtest=FormatTest
 * -Dformat.update=true} rewrites the files instead. It is a test and no plugin because plugins run
 * on the Java that Maven runs on, which may be too old to parse our sources.
 */
class FormatTest {
  private static final boolean UPDATE = Boolean.getBoolean("format.update");

  @Test
  void everyJavaFileIsFormatted() throws Exception {
    var formatter = new Formatter(JavaFormatterOptions.builder().style(Style.GOOGLE).build());
    var files = javaFiles();
    assertThat(files).hasSizeGreaterThan(20);
    var unformatted = new ArrayList<Path>();
    for (var file : files) {
      var source = Files.readString(file);
      var formatted =
          formatter.formatSource(
              ImportOrderer.reorderImports(
                  RemoveUnusedImports.removeUnusedImports(source), Style.GOOGLE));
      if (source.equals(formatted)) {
        continue;
      }
      if (UPDATE) {
        Files.writeString(file, formatted);
      } else {
        unformatted.add(file);
      }
    }
    assertThat(unformatted).as("run: mvn test -Dtest=FormatTest -Dformat.update=true").isEmpty();
  }

  private static List<Path> javaFiles() throws Exception {
    try (var walk = Files.walk(Path.of("src"))) {
      return walk.filter(f -> f.toString().endsWith(".java")).sorted().toList();
    }
  }
}
