package dev.ccbridge.lifecycle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Looks into the archives that the lifecycle makes, with a reader that the lifecycle lacks. */
final class Archives {
  private Archives() {}

  /** One line per entry, in order: mode as {@code ls} shows it, name, target of a link. */
  static List<String> list(Path archive) {
    var lines = new ArrayList<String>();
    try (var tar = open(archive)) {
      for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        lines.add(
            mode(entry)
                + " "
                + entry.getName()
                + (entry.isSymbolicLink() ? " -> " + entry.getLinkName() : ""));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lines;
  }

  static String read(Path archive, String name) {
    return find(
        archive,
        name,
        tar -> {
          try {
            return new String(tar.readAllBytes(), StandardCharsets.UTF_8);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  static Instant modified(Path archive, String name) {
    return find(archive, name, tar -> tar.getCurrentEntry().getLastModifiedTime().toInstant());
  }

  private static <T> T find(Path archive, String name, Function<TarArchiveInputStream, T> what) {
    try (var tar = open(archive)) {
      for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (entry.getName().equals(name)) {
          return what.apply(tar);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new AssertionError("no entry " + name + " in " + list(archive));
  }

  private static TarArchiveInputStream open(Path archive) throws IOException {
    return new TarArchiveInputStream(new GZIPInputStream(Files.newInputStream(archive)));
  }

  private static String mode(TarArchiveEntry entry) {
    var text = new StringBuilder(entry.isSymbolicLink() ? "l" : entry.isDirectory() ? "d" : "-");
    for (int bit = 8; bit >= 0; bit--) {
      text.append((entry.getMode() >> bit & 1) == 1 ? "xwr".charAt(bit % 3) : '-');
    }
    return text.toString();
  }
}
