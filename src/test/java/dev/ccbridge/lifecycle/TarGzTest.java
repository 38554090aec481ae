package dev.ccbridge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarGzTest {
  @TempDir Path work;

  @Test
  void modesLinksTimesAndNamesAreKept() throws IOException {
    var tree = Files.createDirectories(work.resolve("tree"));
    var script = Files.writeString(tree.resolve("script"), "x");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-x--x"));
    Files.setLastModifiedTime(script, FileTime.from(Instant.parse("2015-08-21T00:00:00Z")));
    Files.createSymbolicLink(tree.resolve("link"), Path.of("missing/target"));
    Files.createDirectories(tree.resolve("empty"));
    var deep = Files.createDirectories(tree.resolve("d".repeat(120) + "/" + "e".repeat(120)));
    Files.writeString(deep.resolve("é☕"), "deep");

    var archive = work.resolve("a.tgz");
    try (var tar = TarGz.create(archive)) {
      tar.addTree("./app/", tree);
    }

    var deepName = "./app/" + tree.relativize(deep);
    assertThat(Archives.list(archive))
        .containsExactly(
            "drwxr-xr-x ./app/",
            "drwxr-xr-x ./app/" + "d".repeat(120) + "/",
            "drwxr-xr-x " + deepName + "/",
            "-rw-r--r-- " + deepName + "/é☕",
            "drwxr-xr-x ./app/empty/",
            "lrwxrwxrwx ./app/link -> missing/target",
            "-rwxr-x--x ./app/script");
    assertThat(Archives.read(archive, deepName + "/é☕")).isEqualTo("deep");
    assertThat(Archives.modified(archive, "./app/script"))
        .isEqualTo(Instant.parse("2015-08-21T00:00:00Z"));
  }

  @Test
  void whatIsNeitherFileNorDirectoryIsLeftOut() throws Exception {
    var tree = Files.createDirectories(work.resolve("tree"));
    assertThat(new ProcessBuilder("mkfifo", tree.resolve("pipe").toString()).start().waitFor())
        .isZero();

    var archive = work.resolve("a.tgz");
    try (var tar = TarGz.create(archive)) {
      tar.addChildren("./", tree);
    }

    assertThat(Archives.list(archive)).isEmpty();
  }
}
