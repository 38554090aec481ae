package dev.ccbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Tests that a document calls upon exist. */
class DocsTest {
  private static final Pattern NAMED =
      Pattern.compile("`([A-Z]\\w*(?:Test|IT|E2E|Contract))(?:\\.(\\w+))?`");

  @Test
  void theTestsThatDocumentsNameAreThere() throws IOException {
    var sources = sources();
    var missing = new TreeSet<String>();
    var found = 0;
    for (var document : List.of("docs/security.md", "docs/gitops.md", "docs/architecture.md")) {
      var named = NAMED.matcher(Files.readString(Path.of(document)));
      while (named.find()) {
        found++;
        var source = sources.get(named.group(1));
        var method = named.group(2);
        if (source == null || method != null && !source.contains("void " + method + "(")) {
          missing.add(document + ": " + named.group());
        }
      }
    }
    assertThat(found).isGreaterThan(30);
    assertThat(missing).isEmpty();
  }

  /** By the name of the class. */
  private static Map<String, String> sources() throws IOException {
    try (var files = Files.walk(Path.of("src/test/java"))) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .collect(
              Collectors.toMap(
                  file -> file.getFileName().toString().replace(".java", ""),
                  DocsTest::read,
                  (one, other) -> one + other,
                  TreeMap::new));
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
