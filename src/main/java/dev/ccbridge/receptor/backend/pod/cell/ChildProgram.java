package dev.ccbridge.receptor.backend.pod.cell;

import dev.ccbridge.executor.Sandbox.Execution;
import dev.ccbridge.executor.Sandbox.Exit;
import dev.ccbridge.executor.Sandbox.Program;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A program that this one has started, and its output on the way into the log.
 *
 * <p>The output comes through pipes of our own: those of {@link Process} are closed when the
 * program ends, and what it left running would die of its next line.
 */
final class ChildProgram implements Execution {
  private static final int NOT_FOUND = 127;
  private static final int MAX_LINE_BYTES = 64 * 1024;

  /** How long to wait for the end of an output that others than the program hold open. */
  private static final Duration OUTPUT_PATIENCE = Duration.ofMillis(500);

  private static final Object SPAWNING = new Object();

  private final @Nullable Process process;
  private final CompletableFuture<Exit> exit;

  private ChildProgram(@Nullable Process process, CompletableFuture<Exit> exit) {
    this.process = process;
    this.exit = exit;
  }

  /**
   * @throws IOException when there is no pipe to be had; a program that cannot be started is one
   *     that has ended with 127
   */
  static ChildProgram start(
      Program program, Map<String, String> env, File dir, CellLog log, Clock clock)
      throws IOException {
    long killsBefore = OutOfMemoryKills.count();
    var out = LibC.pipe();
    var err = LibC.pipe();
    var outEnd = pump(out, program.logSource(), false, log);
    var errEnd = pump(err, program.logSource(), true, log);
    try {
      var process = spawn(program, env, dir, out, err);
      var exit =
          process
              .onExit()
              .thenCombine(
                  CompletableFuture.allOf(endOf(process, outEnd), endOf(process, errEnd)),
                  (ended, nothing) -> ended(ended.exitValue(), killsBefore, clock));
      return new ChildProgram(process, exit);
    } catch (IOException cannotStart) {
      log.write(new CellLine.Text(program.logSource(), true, true, told(cannotStart, program)));
      return new ChildProgram(
          null, CompletableFuture.completedFuture(ended(NOT_FOUND, killsBefore, clock)));
    } finally {
      LibC.close(out.writeEnd());
      LibC.close(err.writeEnd());
    }
  }

  private static String told(IOException error, Program program) {
    var text = String.valueOf(error.getMessage());
    return program.path() + ": " + text.substring(text.lastIndexOf(':') + 1).strip();
  }

  private static Exit ended(int status, long killsBefore, Clock clock) {
    boolean outOfMemory = status != 0 && OutOfMemoryKills.count() > killsBefore;
    return new Exit.Ended(status, outOfMemory, nanos(clock.instant()));
  }

  private static long nanos(Instant instant) {
    return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
  }

  /** One at a time: a program takes over the limits that this process has at that moment. */
  private static Process spawn(
      Program program, Map<String, String> env, File dir, LibC.Pipe out, LibC.Pipe err)
      throws IOException {
    var builder = new ProcessBuilder(command(program));
    builder.environment().clear();
    builder.environment().putAll(env);
    builder
        .directory(dir)
        .redirectInput(Redirect.from(new File("/dev/null")))
        .redirectOutput(Redirect.to(file(out.writeEnd())))
        .redirectError(Redirect.to(file(err.writeEnd())));
    synchronized (SPAWNING) {
      if (program.nofile() == null) {
        return builder.start();
      }
      var own = LibC.openFiles(0);
      long wanted = program.nofile().min(BigInteger.valueOf(own.hard())).longValue();
      LibC.limitOpenFiles(0, new LibC.OpenFiles(wanted, own.hard()));
      try {
        var process = builder.start();
        limitForGood(process, wanted);
        return process;
      } finally {
        LibC.limitOpenFiles(0, own);
      }
    }
  }

  /** It has the limit from its beginning; this takes from it the right to raise it. */
  private static void limitForGood(Process process, long wanted) {
    try {
      LibC.limitOpenFiles((int) process.pid(), new LibC.OpenFiles(wanted, wanted));
    } catch (IOException hasEnded) {
      return;
    }
  }

  private static List<String> command(Program program) {
    var command = new ArrayList<String>();
    command.add(program.path());
    command.addAll(program.args());
    return command;
  }

  private static File file(int descriptor) {
    return new File("/proc/self/fd/" + descriptor);
  }

  /** Completes at the end of the output, or a while after the program's own. */
  private static CompletableFuture<?> endOf(Process process, CompletableFuture<?> output) {
    var patience =
        process
            .onExit()
            .thenCompose(
                ended ->
                    new CompletableFuture<@Nullable Object>()
                        .completeOnTimeout(
                            null, OUTPUT_PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
    return CompletableFuture.anyOf(output, patience);
  }

  private static CompletableFuture<@Nullable Object> pump(
      LibC.Pipe pipe, String source, boolean stderr, CellLog log) throws IOException {
    var in = new BufferedInputStream(new FileInputStream(file(pipe.readEnd())), MAX_LINE_BYTES);
    LibC.close(pipe.readEnd());
    var end = new CompletableFuture<@Nullable Object>();
    Thread.ofPlatform()
        .daemon()
        .name(stderr ? "stderr" : "stdout")
        .start(
            () -> {
              try (in) {
                copy(in, source, stderr, log);
              } catch (IOException e) {
                // The pipe is gone, and with it the output.
              } finally {
                end.complete(null);
              }
            });
    return end;
  }

  private static void copy(InputStream in, String source, boolean stderr, CellLog log)
      throws IOException {
    var line = new ByteArrayOutputStream();
    for (int b; (b = in.read()) >= 0; ) {
      if (b != '\n') {
        line.write(b);
      }
      if (b == '\n' || line.size() == MAX_LINE_BYTES) {
        write(line, source, stderr, log);
      }
    }
    if (line.size() > 0) {
      write(line, source, stderr, log);
    }
  }

  private static void write(
      ByteArrayOutputStream line, String source, boolean stderr, CellLog log) {
    var text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    var shown = text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    log.write(new CellLine.Text(source, stderr, true, shown));
  }

  @Override
  public CompletableFuture<Exit> exit() {
    return exit;
  }

  /** Nothing is found again: a container is performed by one process, once. */
  @Override
  public boolean hadEnded() {
    return false;
  }

  @Override
  public void terminate() {
    if (process != null) {
      process.destroy();
    }
  }

  @Override
  public void kill() {
    if (process != null) {
      var family = process.descendants().toList();
      process.destroyForcibly();
      family.forEach(ProcessHandle::destroyForcibly);
    }
  }
}
