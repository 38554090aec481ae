package dev.ccbridge.receptor.history;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One Receptor after the other over the same data, each killed to make room for the next. */
final class Lives implements AutoCloseable {

  /**
   * @param diedAt completes with the time at which the process was surely dead
   */
  record Life(Process process, int port, CompletableFuture<Long> diedAt) {
    String url() {
      return "http://127.0.0.1:" + port;
    }
  }

  private final Path data;
  private Process standby;
  private volatile CompletableFuture<Life> current = new CompletableFuture<>();

  Lives(Path data) throws Exception {
    this.data = data;
    this.standby = launch();
    begin();
  }

  /** Waits for the next one while none is there. */
  Life current() {
    return current.join();
  }

  /** SIGKILL, and the next one; returns when that answers. */
  void killAndBegin() throws Exception {
    var dying = current.join();
    dying.process().destroyForcibly().waitFor();
    current = new CompletableFuture<>();
    dying.diedAt().complete(System.nanoTime());
    begin();
  }

  private void begin() throws Exception {
    var process = standby;
    standby = launch();
    process.getOutputStream().write('\n');
    process.getOutputStream().flush();
    var out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    var line = out.readLine();
    if (line == null || !line.startsWith(ReceptorProcess.READY)) {
      throw new IllegalStateException("a Receptor did not come up: " + line + "; see " + log());
    }
    var port = Integer.parseInt(line.substring(ReceptorProcess.READY.length()));
    current.complete(new Life(process, port, new CompletableFuture<>()));
  }

  private Process launch() throws IOException {
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                ReceptorProcess.class.getName(),
                data.toString()))
        .redirectError(Redirect.appendTo(log().toFile()))
        .start();
  }

  private Path log() {
    return data.resolve("log");
  }

  /** In order, so that no container is left. */
  @Override
  public void close() {
    standby.destroyForcibly();
    // It may not have come up.
    if (current.isDone()) {
      var last = current.join().process();
      last.destroy();
      last.onExit().completeOnTimeout(last, 30, TimeUnit.SECONDS).join();
      last.destroyForcibly();
    }
  }
}
