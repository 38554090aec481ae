package dev.ccbridge.nsync.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class IndexMemoryIT {
  private static final String HEAP = "-Xmx160m";

  @Test
  void whatIsKnownOf100000AppsFitsIntoASmallHeap() throws Exception {
    var child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                HEAP,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-classpath",
                System.getProperty("java.class.path"),
                IndexMemory.class.getName())
            .redirectErrorStream(true)
            .start();
    var output = new String(child.getInputStream().readAllBytes());
    assertThat(child.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(child.exitValue()).as(output).isZero();
  }
}
