package dev.ccbridge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZipExtractorTest {
  private static final int FILE = 0100644;
  private static final int SCRIPT = 0100755;
  private static final int LINK = 0120777;
  private static final int DEVICE = 0060644;

  @TempDir Path work;
  private Path target;

  @BeforeEach
  void makeTarget() throws IOException {
    target = Files.createDirectories(work.resolve("target"));
  }

  /** Entries as name, mode, content. */
  private Path zip(Object... entries) throws IOException {
    var archive = work.resolve("a.zip");
    try (var zip = new ZipArchiveOutputStream(archive)) {
      for (int i = 0; i < entries.length; i += 3) {
        var entry = new ZipArchiveEntry((String) entries[i]);
        if ((int) entries[i + 1] != 0) {
          entry.setUnixMode((int) entries[i + 1]);
        }
        zip.putArchiveEntry(entry);
        zip.write(((String) entries[i + 2]).getBytes(StandardCharsets.UTF_8));
        zip.closeArchiveEntry();
      }
    }
    return archive;
  }

  private String permissions(String name) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(target.resolve(name)));
  }

  @Test
  void filesComeWithTheirModesAndLinksWithTheirTargets() throws IOException {
    ZipExtractor.extract(
        zip("bp/bin/detect", SCRIPT, "x", "bp/README", FILE, "y", "bp/l", LINK, "bin/detect"),
        target);

    assertThat(target.resolve("bp/bin/detect")).hasContent("x");
    assertThat(permissions("bp/bin/detect")).isEqualTo("rwxr-xr-x");
    assertThat(permissions("bp/README")).isEqualTo("rw-r--r--");
    assertThat(Files.readSymbolicLink(target.resolve("bp/l"))).isEqualTo(Path.of("bin/detect"));
  }

  @Test
  void scriptsFromAnArchiveWithoutModesCanBeRun() throws IOException {
    ZipExtractor.extract(zip("bin/detect", 0, "x"), target);

    assertThat(permissions("bin/detect")).isEqualTo("rwxr-xr-x");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../out", "a/../../out", "/out", "a/.."})
  void namesThatLeadOutAreRefused(String name) throws IOException {
    var archive = zip(name, FILE, "x");

    assertThatThrownBy(() -> ZipExtractor.extract(archive, target))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("archive entry");
    assertThat(work.resolve("out")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"l,..", "l,/etc/passwd", "a/l,../../out", "l,a/../../out"})
  void linksThatLeadOutAreRefused(String name, String to) throws IOException {
    var archive = zip(name, LINK, to);

    assertThatThrownBy(() -> ZipExtractor.extract(archive, target))
        .hasMessageContaining("links out of the archive");
    assertThat(target.resolve(name)).doesNotExist();
  }

  @Test
  void nothingIsWrittenThroughALink() throws IOException {
    var archive = zip("l", LINK, ".", "l/file", FILE, "x");

    assertThatThrownBy(() -> ZipExtractor.extract(archive, target)).isInstanceOf(IOException.class);
    assertThat(target.resolve("file")).doesNotExist();
  }

  @Test
  void devicesAreRefused() throws IOException {
    var archive = zip("dev", DEVICE, "");

    assertThatThrownBy(() -> ZipExtractor.extract(archive, target))
        .hasMessageContaining("neither file, directory nor link");
  }

  @Test
  void archivesBeyondTheLimitsAreRefused() throws IOException {
    var archive = zip("a", FILE, "x".repeat(100_000), "b", FILE, "y");

    ZipExtractor.extract(archive, target, 100_001, 2);
    assertThat(target.resolve("b")).hasContent("y");

    assertThatThrownBy(() -> ZipExtractor.extract(archive, target, 100_000, 2))
        .hasMessage("archive unpacks to too many bytes");
    assertThatThrownBy(() -> ZipExtractor.extract(archive, target, 100_001, 1))
        .hasMessage("archive has too many entries");
  }

  @Test
  void whatIsNoZipFileIsRefused() throws IOException {
    var archive = Files.writeString(work.resolve("a.zip"), "<html>not found</html>");

    assertThatThrownBy(() -> ZipExtractor.extract(archive, target)).isInstanceOf(IOException.class);
  }
}
