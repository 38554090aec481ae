package dev.ccbridge.executor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Programs that end when a test says so, or when they are asked to. */
final class FakeSandbox implements Sandbox {
  final List<String> started = new ArrayList<>();
  final Map<String, FakeExecution> executions = new ConcurrentHashMap<>();
  final Map<String, String> given = new ConcurrentHashMap<>();
  volatile String stranger = "";
  private final Path directory;

  FakeSandbox(Path directory) {
    this.directory = directory;
  }

  /** A program of an earlier life. */
  FakeExecution found(String id) {
    return executions.computeIfAbsent(id, i -> new FakeExecution());
  }

  synchronized boolean isStarted(String id) {
    return started.contains(id);
  }

  @Override
  public synchronized Execution start(String id, Program program) {
    var known = executions.get(id);
    if (known != null) {
      return known;
    }
    started.add(id);
    return found(id);
  }

  @Override
  public Path resolve(String path) {
    return directory.resolve(path.substring(1));
  }

  @Override
  public void give(Path tree, String user) {
    given.put(tree.getFileName().toString(), user);
  }

  @Override
  public boolean mayRead(Path file, String user) {
    return !user.equals(stranger);
  }

  @Override
  public Path scratch() {
    return directory;
  }

  static final class FakeExecution implements Execution {
    final CompletableFuture<Exit> exit = new CompletableFuture<>();
    volatile boolean deaf;
    volatile boolean asked;
    volatile int statusWhenAsked = 143;
    private boolean hadEnded;

    FakeExecution endedBefore(int status, long at) {
      hadEnded = true;
      exit.complete(new Exit.Ended(status, false, at));
      return this;
    }

    @Override
    public CompletableFuture<Exit> exit() {
      return exit;
    }

    @Override
    public boolean hadEnded() {
      return hadEnded;
    }

    @Override
    public void terminate() {
      asked = true;
      if (!deaf) {
        exit.complete(new Exit.Ended(statusWhenAsked, false, Long.MAX_VALUE));
      }
    }

    @Override
    public void kill() {
      if (!deaf) {
        exit.complete(new Exit.Ended(137, false, Long.MAX_VALUE));
      }
    }
  }
}
