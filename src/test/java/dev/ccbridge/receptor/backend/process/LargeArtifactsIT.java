package dev.ccbridge.receptor.backend.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is larger than the heap goes through it nevertheless. */
@Timeout(60)
class LargeArtifactsIT {
  private static final long BYTES = 200L << 20;

  @Test
  void artifactsAreStreamedBothWays(@TempDir Path data) throws Exception {
    var received = new AtomicLong();
    var server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/big",
        exchange -> {
          try (exchange) {
            exchange.getResponseHeaders().add("ETag", "\"big\"");
            exchange.sendResponseHeaders(200, 0);
            writeArchive(exchange.getResponseBody());
          }
        });
    server.createContext(
        "/droplet",
        exchange -> {
          try (exchange) {
            received.set(exchange.getRequestBody().transferTo(OutputStream.nullOutputStream()));
            exchange.sendResponseHeaders(200, -1);
          }
        });
    server.start();
    try {
      var process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx40m",
                  "-cp",
                  System.getProperty(
                      "surefire.test.class.path", System.getProperty("java.class.path")),
                  SmallHeapOperator.class.getName(),
                  data.toString(),
                  "http://127.0.0.1:" + server.getAddress().getPort())
              .redirectError(Redirect.DISCARD)
              .start();

      assertThat(process.inputReader().readLine())
          .isEqualTo("ContainerOutcome[failed=false, reason=, result=]");

      assertThat(process.waitFor()).isZero();
      assertThat(received).hasValue(BYTES);
    } finally {
      server.stop(0);
    }
  }

  private static void writeArchive(OutputStream out) throws IOException {
    var tar = new TarArchiveOutputStream(out);
    var entry = new TarArchiveEntry("big");
    entry.setSize(BYTES);
    tar.putArchiveEntry(entry);
    var block = new byte[1 << 20];
    new Random(1).nextBytes(block);
    for (long written = 0; written < BYTES; written += block.length) {
      tar.write(block);
    }
    tar.closeArchiveEntry();
    tar.finish();
    tar.flush();
  }
}
