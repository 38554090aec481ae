package dev.ccbridge.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** {@code ./cc-bridge} as a user starts it, with the moment at which a line was printed. */
final class Child implements AutoCloseable {
  private static final int LIMIT_SECONDS = 120;

  private final long begin = System.nanoTime();
  private final Process process;
  private final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
  private final CompletableFuture<Long> awaited = new CompletableFuture<>();

  private Child(Process process, String awaitedText) {
    this.process = process;
    Thread.ofVirtual().start(() -> read(awaitedText));
  }

  /**
   * @param awaitedText what the line contains that {@link #secondsToLine} waits for
   */
  static Child start(String awaitedText, String... arguments) throws IOException {
    var command = new ArrayList<>(List.of(Path.of("cc-bridge").toAbsolutePath().toString()));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder
        .environment()
        .keySet()
        .removeIf(v -> v.startsWith("CC_BRIDGE_") || v.equals("KUBECONFIG"));
    return new Child(builder.start(), awaitedText);
  }

  private void read(String awaitedText) {
    try (var out = new BufferedReader(process.inputReader(StandardCharsets.UTF_8))) {
      out.lines()
          .forEach(
              line -> {
                lines.add(line);
                if (line.contains(awaitedText)) {
                  awaited.complete(System.nanoTime() - begin);
                }
              });
    } catch (IOException | UncheckedIOException ended) {
      lines.add("(output ended: " + ended.getMessage() + ")");
    }
    awaited.completeExceptionally(
        new IllegalStateException("ended early:\n" + String.join("\n", lines)));
  }

  /** From the start of the process to the awaited line. */
  double secondsToLine() throws Exception {
    return awaited.get(LIMIT_SECONDS, TimeUnit.SECONDS) / 1e9;
  }

  /** From the start of the process to its successful end. */
  double secondsToEnd() throws Exception {
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IllegalStateException("no success:\n" + String.join("\n", lines));
    }
    return (System.nanoTime() - begin) / 1e9;
  }

  /** Who waits for what it does need not wait any more when it has ended. */
  void requireRunning() {
    if (!process.isAlive()) {
      throw new IllegalStateException("ended early:\n" + String.join("\n", lines));
    }
  }

  /** Resident memory now, in MiB; {@code VmHWM}: the most there was. */
  double residentMiB(String field) throws IOException {
    // The launcher replaces itself by the JVM, so this is the JVM.
    for (var line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith(field + ":")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    throw new IllegalStateException("no " + field + " of process " + process.pid());
  }

  /** CPU seconds that it has used, in user and system mode. */
  double cpuSeconds() {
    return process.info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException stopped) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
