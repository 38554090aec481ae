package dev.ccbridge.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArchivesTest {
  @TempDir private Path directory;
  private Path root;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes);
  private final Cancellation cancellation = new Cancellation();

  @BeforeEach
  void makeRoot() throws IOException {
    root = Files.createDirectory(directory.resolve("root"));
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
  }

  private void add(String name, String content) throws IOException {
    var entry = new TarArchiveEntry(name, true);
    entry.setSize(content.length());
    add(entry, content);
  }

  private void add(TarArchiveEntry entry, String content) throws IOException {
    tar.putArchiveEntry(entry);
    tar.write(content.getBytes(StandardCharsets.UTF_8));
    tar.closeArchiveEntry();
  }

  private void link(String name, byte kind, String target) throws IOException {
    var entry = new TarArchiveEntry(name, kind, true);
    entry.setLinkName(target);
    add(entry, "");
  }

  private void unpackTar(ArchiveLimits limits) throws Exception {
    tar.close();
    unpack(bytes.toByteArray(), limits);
  }

  private void unpack(byte[] archive, ArchiveLimits limits) throws Exception {
    var file = Files.write(directory.resolve("archive"), archive);
    Archives.unpack(file, new Unpacker(root, archive.length, limits, cancellation));
  }

  private void unpackTar() throws Exception {
    unpackTar(ArchiveLimits.DEFAULT);
  }

  @Test
  void unpacksFilesDirectoriesAndLinksInside() throws Exception {
    var script = new TarArchiveEntry("./bin/run", true);
    script.setMode(0104750);
    script.setSize(2);
    add(script, "hi");
    link("bin/up", TarConstants.LF_SYMLINK, "../lib/x");
    link("same", TarConstants.LF_LINK, "bin/run");
    add("empty/", "");

    unpackTar();

    assertThat(root.resolve("bin/run")).hasContent("hi");
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("bin/run"))))
        .isEqualTo("rwxr-x---");
    assertThat(Files.readSymbolicLink(root.resolve("bin/up"))).hasToString("../lib/x");
    assertThat(root.resolve("same")).hasContent("hi");
    assertThat(root.resolve("empty")).isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x", "a/../../x", "a/..", "/etc/x", "./../x", "//x"})
  void refusesNamesThatLeadOut(String name) throws Exception {
    add(name, "x");

    assertThatThrownBy(this::unpackTar)
        .isInstanceOf(TransferException.class)
        .message()
        .containsAnyOf("a name with \"..\"", "an absolute name");
    assertThat(root).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource({
    "l, /etc/passwd",
    "l, ..",
    "l, ../x",
    "a/l, ../../x",
    "a/l, b/../../../x",
    "a/b/l, c/../.."
  })
  void refusesSymbolicLinksThatLeadOut(String name, String target) throws Exception {
    link(name, TarConstants.LF_SYMLINK, target);

    assertThatThrownBy(this::unpackTar).hasMessageContaining("a link leads out of the archive");
  }

  @Test
  void refusesToWriteThroughALink() throws Exception {
    add("d/", "");
    link("l", TarConstants.LF_SYMLINK, "d");
    add("l/x", "x");

    assertThatThrownBy(this::unpackTar).hasMessageContaining("a name goes through a link");
  }

  @Test
  void laterEntryReplacesALinkInsteadOfWritingWhereItLeads() throws Exception {
    add("file", "old");
    link("l", TarConstants.LF_SYMLINK, "file");
    add("l", "new");

    unpackTar();

    assertThat(root.resolve("file")).hasContent("old");
    assertThat(root.resolve("l")).hasContent("new").isRegularFile();
    assertThat(Files.isSymbolicLink(root.resolve("l"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"../archive", "/etc/passwd", "link", "missing"})
  void refusesHardLinksToWhatIsNoFileOfTheArchive(String target) throws Exception {
    link("link", TarConstants.LF_SYMLINK, "nowhere");
    link("hard", TarConstants.LF_LINK, target);

    assertThatThrownBy(this::unpackTar).isInstanceOf(TransferException.class);
  }

  @ParameterizedTest
  @ValueSource(bytes = {TarConstants.LF_CHR, TarConstants.LF_BLK, TarConstants.LF_FIFO})
  void refusesDevices(byte kind) throws Exception {
    link("device", kind, "");

    assertThatThrownBy(this::unpackTar).hasMessageContaining("the archive holds a device");
    assertThat(root).isEmptyDirectory();
  }

  @Test
  void refusesTooManyBytesAndEntries() throws Exception {
    add("a", "x".repeat(600));
    add("b", "x".repeat(600));
    tar.close();

    assertThatThrownBy(() -> unpack(bytes.toByteArray(), new ArchiveLimits(1000, 10, 100, 1000)))
        .hasMessage("the archive unpacks to more than 1000 bytes");
    assertThatThrownBy(() -> unpack(bytes.toByteArray(), new ArchiveLimits(10_000, 1, 100, 1000)))
        .hasMessage("the archive holds more than 1 entries");
  }

  @Test
  void refusesABomb() throws Exception {
    var packed = new ByteArrayOutputStream();
    add("zeros", "0".repeat(2_000_000));
    tar.close();
    try (var gzip = new GzipCompressorOutputStream(packed)) {
      gzip.write(bytes.toByteArray());
    }

    assertThatThrownBy(
            () -> unpack(packed.toByteArray(), new ArchiveLimits(1 << 30, 10, 100, 1_000_000)))
        .hasMessage("the archive unpacks to more than 100 times its size");
  }

  @Test
  void refusesAZipWithAHugeDirectory() throws Exception {
    var packed = new ByteArrayOutputStream();
    try (var zip = new ZipArchiveOutputStream(packed)) {
      for (int i = 0; i < 100; i++) {
        zip.putArchiveEntry(new ZipArchiveEntry("n" + i));
        zip.closeArchiveEntry();
      }
    }

    assertThatThrownBy(() -> unpack(packed.toByteArray(), new ArchiveLimits(1000, 10, 100, 1000)))
        .hasMessage("the archive holds more than 10 entries");
  }

  @Test
  void zipKeepsModesAndLinks() throws Exception {
    var packed = new ByteArrayOutputStream();
    try (var zip = new ZipArchiveOutputStream(packed)) {
      for (var file : Map.of("dir/run", 0100755, "dir/link", 0120777).entrySet()) {
        var entry = new ZipArchiveEntry(file.getKey());
        entry.setUnixMode(file.getValue());
        zip.putArchiveEntry(entry);
        zip.write("run".getBytes(StandardCharsets.UTF_8));
        zip.closeArchiveEntry();
      }
    }

    unpack(packed.toByteArray(), ArchiveLimits.DEFAULT);

    assertThat(root.resolve("dir/run")).isExecutable();
    assertThat(Files.readSymbolicLink(root.resolve("dir/link"))).hasToString("run");
  }

  @Test
  void refusesWhatIsNoArchiveOrABrokenOne() throws Exception {
    assertThatThrownBy(
            () -> unpack("<html>".getBytes(StandardCharsets.UTF_8), ArchiveLimits.DEFAULT))
        .hasMessage("neither a gzip'd tar, nor a zip, nor a tar");
    assertThatThrownBy(() -> unpack(new byte[0], ArchiveLimits.DEFAULT))
        .hasMessage("neither a gzip'd tar, nor a zip, nor a tar");
    assertThatThrownBy(() -> unpack(new byte[] {0x1f, (byte) 0x8b, 8, 0, 1}, ArchiveLimits.DEFAULT))
        .hasMessage("the archive is broken");
    assertThatThrownBy(
            () ->
                unpack(
                    "PK\3\4 and no more".getBytes(StandardCharsets.UTF_8), ArchiveLimits.DEFAULT))
        .hasMessage("the archive is broken");
  }

  @Test
  void cutOffArchiveIsBroken() throws Exception {
    add("a", "x".repeat(5000));
    tar.close();
    var cut = Arrays.copyOf(bytes.toByteArray(), 3000);

    assertThatThrownBy(() -> unpack(cut, ArchiveLimits.DEFAULT))
        .isInstanceOf(TransferException.class)
        .hasMessage("the archive is broken");
  }

  @Test
  void stopsWhenCancelled() throws Exception {
    add("a", "x");
    cancellation.cancel();

    assertThatThrownBy(this::unpackTar).isInstanceOf(StoppedException.class);
  }
}
