package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A program under test, started as a user would, with what it prints. */
final class Program implements AutoCloseable {
  private static final Path LAUNCHER = Path.of("cc-bridge").toAbsolutePath();

  private final String name;
  private final Process process;
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Thread reader;

  private Program(String name, Process process) {
    this.name = name;
    this.process = process;
    this.reader = Thread.ofVirtual().start(this::read);
  }

  /** {@code ./cc-bridge arguments…}, as built. */
  static Program ccBridge(Map<String, String> environment, String... arguments) {
    var command = new ArrayList<>(List.of(LAUNCHER.toString()));
    command.addAll(Arrays.asList(arguments));
    return start("cc-bridge", environment, command);
  }

  static Program start(String name, Map<String, String> environment, List<String> command) {
    try {
      var builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder
          .environment()
          .keySet()
          .removeIf(v -> v.startsWith("CC_BRIDGE_") || v.equals("KUBECONFIG"));
      builder.environment().putAll(environment);
      var process = builder.start();
      process.getOutputStream().close();
      return new Program(name, process);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private void read() {
    try (var out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      out.lines().forEach(lines::add);
    } catch (IOException | UncheckedIOException ended) {
      lines.add("(output ended: " + ended.getMessage() + ")");
    }
  }

  /** All that it printed so far, on both streams. */
  String output() {
    return String.join("\n", lines);
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits for a line in which {@code regex} is found. */
  Matcher awaitLine(String regex, Duration limit) {
    var pattern = Pattern.compile(regex);
    await(name + " prints " + regex)
        .atMost(limit)
        .pollInterval(Duration.ofMillis(100))
        .failFast(
            () ->
                assertThat(process.isAlive() || find(pattern) != null)
                    .as("%s has ended:%n%s", name, output())
                    .isTrue())
        .until(() -> find(pattern) != null);
    return find(pattern);
  }

  private Matcher find(Pattern pattern) {
    for (var line : lines) {
      var matcher = pattern.matcher(line);
      if (matcher.find()) {
        return matcher;
      }
    }
    return null;
  }

  /** Waits for its end and gives the exit code. */
  int awaitEnd(Duration limit) throws InterruptedException {
    assertThat(process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS))
        .as("%s ends within %s:%n%s", name, limit, output())
        .isTrue();
    reader.join(5000);
    return process.exitValue();
  }

  /** SIGINT, as from Ctrl-C. */
  void interrupt() throws Exception {
    signal("INT");
  }

  /** SIGTERM, as from a supervisor. */
  void terminate() throws Exception {
    signal("TERM");
  }

  /** SIGKILL. */
  void kill() throws Exception {
    signal("KILL");
    process.waitFor(10, TimeUnit.SECONDS);
  }

  /** SIGSTOP. */
  void pause() throws Exception {
    signal("STOP");
  }

  /** SIGCONT. */
  void goOn() throws Exception {
    signal("CONT");
  }

  private void signal(String signal) throws Exception {
    new ProcessBuilder("kill", "-" + signal, String.valueOf(pid())).inheritIO().start().waitFor();
  }

  /** Ends it in whatever way, for the end of a test. */
  @Override
  public void close() throws IOException {
    process.destroy();
    await(name + " ends").atMost(Duration.ofSeconds(60)).until(() -> !process.isAlive());
  }
}
