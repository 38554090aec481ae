package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

/** A source that is larger than the heap goes through every step: nothing holds it in memory. */
@Timeout(400)
class LargeSourceE2E {
  private static final Duration LIMIT = Duration.ofSeconds(300);
  private static final String HEAP = "-Xmx128m";
  private static final int FILES = 4;
  private static final int FILE_BYTES = 50 << 20;

  /** Not in memory, where the directory for temporary files may be. */
  static final class OnDisk implements TempDirFactory {
    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext extension)
        throws IOException {
      return Files.createTempDirectory(
          Files.createDirectories(Path.of("target").toAbsolutePath()), "large-source");
    }
  }

  @TempDir(factory = OnDisk.class)
  Path data;

  @TempDir(factory = OnDisk.class)
  Path source;

  @Test
  void aSourceOf200MegabytesIsStagedAndRunWithAHeapOf128() throws Exception {
    writeSource();
    try (var quickstart =
        Program.ccBridge(
            Map.of("CC_BRIDGE_JAVA_OPTS", HEAP),
            "quickstart",
            source.toString(),
            "--once",
            "--data",
            data.toString())) {
      quickstart.awaitLine("from source to a running app", LIMIT);
      var command = Files.readString(Path.of("/proc/" + quickstart.pid() + "/cmdline"));
      assertThat(command.split("\0")).contains(HEAP, "quickstart");
      assertThat(quickstart.awaitEnd(LIMIT)).as(quickstart.output()).isZero();
      assertThat(quickstart.output()).contains("upload droplet", "quickstart: ok");
    }
  }

  /** Random, so that it does not become smaller on its way. */
  private void writeSource() throws IOException {
    Files.writeString(source.resolve("index.html"), "<h1>large</h1>");
    var random = new Random(1);
    var block = new byte[1 << 16];
    for (int i = 0; i < FILES; i++) {
      try (var out =
          new BufferedOutputStream(Files.newOutputStream(source.resolve("part-" + i + ".bin")))) {
        for (int written = 0; written < FILE_BYTES; written += block.length) {
          random.nextBytes(block);
          out.write(block);
        }
      }
    }
  }
}
