package dev.ccbridge.receptor.backend.process;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Finds and ends the processes of a container. Each carries the container's directory in its
 * environment; one that has emptied its environment is known by its process namespace, by its
 * control group, by its user, or by its working directory or output being the container's.
 */
final class ContainerProcesses {
  private ContainerProcesses() {}

  /** In the environment of a container's programs. */
  static final String PROGRAM_MARK = "CCBRIDGE_CONTAINER";

  /** In the environment of what watches a container's programs, and holds its namespaces. */
  static final String WATCHER_MARK = "CCBRIDGE_WATCHER";

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(5);

  /** The container's programs, without what watches them. */
  static List<Long> programs(ContainerDirectory directory) {
    return find(directory, false);
  }

  private static List<Long> find(ContainerDirectory directory, boolean watchers) {
    var namespace =
        ProcessIdentity.read(directory.init())
            .filter(ProcessIdentity::isAlive)
            .flatMap(init -> ProcFs.link(init.pid(), "ns/pid"))
            .filter(
                link ->
                    !ProcFs.link(ProcessHandle.current().pid(), "ns/pid")
                        .equals(Optional.of(link)));
    var members = ControlGroups.members(directory);
    int account = Accounts.number(directory);
    var found = new ArrayList<Long>();
    for (var pid : ProcFs.pids()) {
      if (pid != ProcessHandle.current().pid()
          && (members.contains(pid)
              || isOf(account, pid)
              || belongs(pid, directory, namespace, watchers))) {
        found.add(pid);
      }
    }
    return found;
  }

  /**
   * By its user a process is known that hides all else; numbers of containers are nobody else's.
   */
  private static boolean isOf(int account, long pid) {
    try {
      return account != 0 && Accounts.owner(ProcFs.of(pid)) == account && !ProcFs.isZombie(pid);
    } catch (IOException e) {
      // It has ended.
      return false;
    }
  }

  private static boolean belongs(
      long pid, ContainerDirectory directory, Optional<String> namespace, boolean watchers) {
    var environment = ProcFs.environment(pid);
    if (environment.contains(WATCHER_MARK + "=" + directory.path())) {
      return watchers && !ProcFs.isZombie(pid);
    }
    boolean ours =
        environment.contains(PROGRAM_MARK + "=" + directory.path())
            || (namespace.isPresent() && ProcFs.link(pid, "ns/pid").equals(namespace))
            || isInside(pid, "cwd", directory.path())
            || isInside(pid, "fd/1", directory.path())
            || isInside(pid, "fd/2", directory.path());
    return ours && !ProcFs.isZombie(pid);
  }

  /** Whether a process watches a program, or helps to, rather than being one. */
  static boolean isWatcher(long pid, ContainerDirectory directory) {
    return ProcFs.environment(pid).contains(WATCHER_MARK + "=" + directory.path());
  }

  private static boolean isInside(long pid, String link, Path directory) {
    return ProcFs.link(pid, link)
        .filter(target -> target.startsWith("/") && Path.of(target).startsWith(directory))
        .isPresent();
  }

  /** The directories of containers of which something runs, whether they are still there or not. */
  static List<Path> directoriesInUse(Path containers) {
    var prefixes = List.of(PROGRAM_MARK + "=" + containers, WATCHER_MARK + "=" + containers);
    return ProcFs.pids().stream()
        .flatMap(pid -> ProcFs.environment(pid).stream())
        .filter(variable -> prefixes.stream().anyMatch(variable::startsWith))
        .map(variable -> Path.of(variable.substring(variable.indexOf('=') + 1)))
        .filter(directory -> containers.equals(directory.getParent()))
        .distinct()
        .toList();
  }

  /** Asks all programs to end, and waits until they have or the time has passed. */
  static void terminate(ContainerDirectory directory, Duration grace) {
    long deadline = System.nanoTime() + grace.toNanos();
    programs(directory).forEach(ContainerProcesses::terminate);
    while (System.nanoTime() < deadline && !programs(directory).isEmpty()) {
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  /**
   * Ends everything of the container at once. When this returns nothing of it runs, and its control
   * group is gone.
   *
   * @throws IOException when something cannot be ended
   */
  static void kill(ContainerDirectory directory) throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    // With the first process of a namespace the kernel ends all others in it.
    var init = ProcessIdentity.read(directory.init()).filter(ProcessIdentity::isAlive);
    if (init.isPresent()) {
      kill(init.get().pid());
      await(init.get(), deadline);
    }
    // What a program has started since it was looked for is found in the next round.
    for (var left = find(directory, true); !left.isEmpty(); left = find(directory, true)) {
      left.forEach(ContainerProcesses::kill);
      if (System.nanoTime() > deadline) {
        throw new IOException(left.size() + " processes of a container cannot be ended");
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    ControlGroups.remove(directory);
  }

  private static void await(ProcessIdentity process, long deadline) throws IOException {
    while (process.isAlive()) {
      if (System.nanoTime() > deadline) {
        throw new IOException("the first process of a container cannot be ended");
      }
      LockSupport.parkNanos(PAUSE.toNanos() / 5);
    }
  }

  static void terminate(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
  }

  static void kill(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }
}
