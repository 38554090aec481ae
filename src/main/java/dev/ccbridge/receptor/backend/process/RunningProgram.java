package dev.ccbridge.receptor.backend.process;

import dev.ccbridge.executor.Sandbox.Execution;
import dev.ccbridge.executor.Sandbox.Exit;
import dev.ccbridge.executor.SandboxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A program, through the eyes of what watches it: {@code run.sh} has written who it is to {@code
 * token} before it started the program, and writes how it ended to {@code status}.
 */
final class RunningProgram implements Execution {
  private static final Logger LOG = LoggerFactory.getLogger(RunningProgram.class);
  private static final Duration WATCH_PAUSE = Duration.ofMillis(20);
  private static final Duration BUSY_PAUSE = Duration.ofMillis(25);
  private static final Duration IDLE_PAUSE = Duration.ofMillis(150);
  private static final Duration START_PATIENCE = Duration.ofSeconds(2);

  private final Path run;
  private final ContainerDirectory directory;
  private final boolean hasNamespaces;
  private final List<OutputTail> tails;
  private final Clock clock;
  private final CompletableFuture<Exit> exit = new CompletableFuture<>();
  private final boolean hadEnded;
  private volatile boolean detached;

  private RunningProgram(
      Path run,
      ContainerDirectory directory,
      boolean hasNamespaces,
      List<OutputTail> tails,
      Clock clock) {
    this.run = run;
    this.directory = directory;
    this.hasNamespaces = hasNamespaces;
    this.tails = tails;
    this.clock = clock;
    this.hadEnded = status().isPresent();
  }

  /** Watches a program whose watcher we have just started. */
  static RunningProgram started(
      Process watcher,
      Path run,
      ContainerDirectory directory,
      boolean hasNamespaces,
      List<OutputTail> tails,
      Clock clock) {
    var program = new RunningProgram(run, directory, hasNamespaces, tails, clock);
    Thread.startVirtualThread(() -> program.follow(Optional.of(watcher)));
    return program;
  }

  /** Watches a program that an earlier life has started. */
  static RunningProgram found(
      Path run,
      ContainerDirectory directory,
      boolean hasNamespaces,
      List<OutputTail> tails,
      Clock clock) {
    var program = new RunningProgram(run, directory, hasNamespaces, tails, clock);
    Thread.startVirtualThread(() -> program.follow(Optional.empty()));
    return program;
  }

  private void follow(Optional<Process> watcher) {
    var watcherEnded = new CountDownLatch(1);
    watcher.ifPresent(process -> process.onExit().thenRun(watcherEnded::countDown));
    try {
      while (isWatched(watcher) && !detached) {
        boolean some = false;
        for (var tail : tails) {
          some |= tail.poll();
        }
        pause(watcher, watcherEnded, some ? BUSY_PAUSE : IDLE_PAUSE);
      }
      if (!detached) {
        for (var tail : tails) {
          tail.finish();
        }
        exit.complete(ended(watcher));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      LOG.warn("a program cannot be watched error={}", e.toString());
      exit.completeExceptionally(new SandboxException("failed to run container", e));
    }
  }

  private boolean isWatched(Optional<Process> watcher) {
    return watcher.filter(Process::isAlive).isPresent()
        || (status().isEmpty() && token().filter(ProcessIdentity::isAlive).isPresent());
  }

  private static void pause(Optional<Process> watcher, CountDownLatch watcherEnded, Duration time)
      throws InterruptedException {
    if (watcher.filter(Process::isAlive).isPresent()) {
      watcherEnded.await(time.toNanos(), TimeUnit.NANOSECONDS);
    } else {
      LockSupport.parkNanos(WATCH_PAUSE.toNanos());
    }
  }

  private Exit ended(Optional<Process> watcher) throws IOException {
    var status = status();
    if (status.isPresent()) {
      // What we saw ourselves ended now; of the rest, the file says when.
      var endedAt =
          watcher.isPresent()
              ? clock.instant()
              : Files.getLastModifiedTime(statusFile()).toInstant();
      return new Exit.Ended(status.get(), ControlGroups.wasExceeded(directory), nanos(endedAt));
    }
    if (token().isEmpty()) {
      throw new SandboxException("failed to run container", null);
    }
    return new Exit.Lost();
  }

  private static long nanos(Instant instant) {
    return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
  }

  private Path statusFile() {
    return run.resolve("status");
  }

  private Optional<Integer> status() {
    try {
      var said =
          Files.exists(statusFile())
              ? Files.readString(statusFile(), StandardCharsets.US_ASCII)
              : "";
      // Otherwise it is being written, or was cut off when the machine went down.
      return said.endsWith("\n") ? Optional.of(Integer.valueOf(said.strip())) : Optional.empty();
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  private Optional<ProcessIdentity> token() {
    return ProcessIdentity.read(run.resolve("token"));
  }

  @Override
  public CompletableFuture<Exit> exit() {
    return exit;
  }

  @Override
  public boolean hadEnded() {
    return hadEnded;
  }

  /** Leaves the program alone, and its output in its files. */
  void detach() {
    detached = true;
  }

  @Override
  public void terminate() {
    // It may have been started this very moment, and not be there yet.
    long deadline = System.nanoTime() + START_PATIENCE.toNanos();
    while (!exit.isDone() && System.nanoTime() < deadline) {
      var program = program();
      if (program.isPresent()) {
        program.get().destroy();
        return;
      }
      LockSupport.parkNanos(WATCH_PAUSE.toNanos());
    }
  }

  @Override
  public void kill() {
    program()
        .ifPresent(
            program -> {
              var family = new ArrayList<>(program.descendants().toList());
              program.destroyForcibly();
              family.forEach(ProcessHandle::destroyForcibly);
            });
  }

  /** The program itself, which is not what watches it, nor what leads it into its namespaces. */
  private Optional<ProcessHandle> program() {
    return token()
        .filter(ProcessIdentity::isAlive)
        .flatMap(watcher -> ProcessHandle.of(watcher.pid()))
        .flatMap(this::programBelow);
  }

  private Optional<ProcessHandle> programBelow(ProcessHandle watcher) {
    if (!hasNamespaces) {
      return watcher.children().filter(this::isNoHelper).findFirst();
    }
    var namespace =
        ProcessIdentity.read(directory.init()).flatMap(init -> ProcFs.link(init.pid(), "ns/pid"));
    return watcher
        .descendants()
        .filter(process -> namespace.isPresent())
        .filter(process -> ProcFs.link(process.pid(), "ns/pid").equals(namespace))
        .min(Comparator.comparing(process -> depth(process, watcher)));
  }

  /**
   * The watcher has other children for a moment, which make its files. One of them killed instead
   * of the program would lose how the program ended.
   */
  private boolean isNoHelper(ProcessHandle child) {
    return !ProcFs.isAvailable()
        || (!ContainerProcesses.isWatcher(child.pid(), directory) && !ProcFs.isZombie(child.pid()));
  }

  private static int depth(ProcessHandle process, ProcessHandle ancestor) {
    int depth = 0;
    var at = Optional.of(process);
    while (at.isPresent() && at.get().pid() != ancestor.pid()) {
      at = at.get().parent();
      depth++;
    }
    return depth;
  }
}
