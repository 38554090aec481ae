package dev.ccbridge.lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.sshd.server.Environment;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the sessions of a daemon started, so that nothing of it outlives the daemon.
 * Where the machine has {@code setsid}, each program leads a session of processes: by that also
 * those are found whose parents have gone.
 *
 * <p>Source: diego-ssh handlers/session_channel_handler.go, createCommand and environment.
 */
final class SshProcesses implements AutoCloseable {
  private static final int MAX_PROGRAMS = 64;
  private static final long PROBE_SECONDS = 5;

  /** The names under which diego-sshd looks for a shell, in its order. */
  private static final List<String> SHELLS = List.of("/bin/bash", "/usr/local/bin/bash", "/bin/sh");

  /** Never a client's: home and user are the container's; the size changes, so a tty tells it. */
  private static final Set<String> NOT_FROM_CLIENTS =
      Set.of("HOME", "USER", Environment.ENV_COLUMNS, Environment.ENV_LINES);

  private final boolean inheritEnvironment;
  private final String shell;
  private final Optional<String> setsid = located("setsid");
  private final Set<SshProcess> running = ConcurrentHashMap.newKeySet();
  private final Set<ProcessHandle> leftBehind = ConcurrentHashMap.newKeySet();
  private boolean closed;
  private Optional<Boolean> terminals = Optional.empty();

  SshProcesses(boolean inheritEnvironment) {
    this.inheritEnvironment = inheritEnvironment;
    shell =
        SHELLS.stream().filter(name -> Files.isExecutable(Path.of(name))).findFirst().orElse("sh");
  }

  private static Optional<String> located(String program) {
    return Stream.of("/usr/bin/", "/bin/", "/usr/local/bin/")
        .map(directory -> directory + program)
        .filter(name -> Files.isExecutable(Path.of(name)))
        .findFirst();
  }

  /**
   * Whether {@code script} of util-linux is there, and gets a terminal here. Java has no way of its
   * own to one.
   */
  synchronized boolean hasTerminals() {
    if (terminals.isEmpty()) {
      terminals = Optional.of(located("script").map(SshProcesses::works).orElse(false));
    }
    return terminals.get();
  }

  private static boolean works(String script) {
    try {
      var probe =
          new ProcessBuilder(script, "-q", "-e", "-c", "exit 3", "/dev/null")
              .redirectErrorStream(true)
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (probe.waitFor(PROBE_SECONDS, TimeUnit.SECONDS)) {
        return probe.exitValue() == 3;
      }
      probe.destroyForcibly();
      return false;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Starts a shell.
   *
   * @param command for it; empty: it reads its input
   * @param wishes variables of the client
   * @throws IOException if it cannot be started, or too many run
   */
  synchronized SshProcess start(String command, Map<String, String> wishes, boolean terminal)
      throws IOException {
    if (closed || running.size() >= MAX_PROGRAMS) {
      throw new IOException("want at most " + MAX_PROGRAMS + " programs at a time");
    }
    leftBehind.removeIf(process -> !process.isAlive());
    var words = new ArrayList<String>();
    setsid.ifPresent(words::add);
    words.addAll(terminal ? onTerminal(command, wishes) : inShell(command));
    var builder = new ProcessBuilder(words);
    setEnvironment(builder.environment(), wishes);
    if (terminal) {
      builder.environment().put("SHELL", shell); // script starts this one
    }
    var started = new SshProcess(builder.start(), setsid.isPresent(), terminal);
    running.add(started);
    started.handle().onExit().thenRun(() -> ended(started));
    return started;
  }

  private List<String> inShell(String command) {
    return command.isEmpty() ? List.of(shell) : List.of(shell, "-c", command);
  }

  private List<String> onTerminal(String command, Map<String, String> wishes) {
    var size =
        "stty sane cols "
            + number(wishes.get(Environment.ENV_COLUMNS), "80")
            + " rows "
            + number(wishes.get(Environment.ENV_LINES), "24")
            + " 2>/dev/null; exec ";
    var program = inShell(command).stream().map(SshProcesses::quoted);
    return List.of(
        located("script").orElse("script"),
        "-q",
        "-e",
        "-f",
        "-c",
        size + program.collect(Collectors.joining(" ")),
        "/dev/null");
  }

  private static String number(@Nullable String text, String otherwise) {
    return text != null && text.matches("[1-9]\\d{0,4}") ? text : otherwise;
  }

  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  private void setEnvironment(Map<String, String> environment, Map<String, String> wishes) {
    var own = new HashMap<String, String>();
    for (var name : List.of("HOME", "USER")) {
      if (environment.containsKey(name)) {
        own.put(name, environment.get(name));
      }
    }
    AppEnvironment.restore(environment);
    if (!inheritEnvironment) {
      environment.clear();
    }
    environment.putIfAbsent("PATH", "/bin:/usr/bin");
    environment.putIfAbsent("LANG", "en_US.UTF8");
    wishes.forEach(
        (name, value) -> {
          if (!NOT_FROM_CLIENTS.contains(name)) {
            environment.put(name, value);
          }
        });
    environment.putAll(own);
  }

  private void ended(SshProcess process) {
    leftBehind.addAll(family(process.handle()));
    running.remove(process);
  }

  /** Ends everything, at once. */
  @Override
  public synchronized void close() {
    closed = true;
    var all = new HashSet<>(leftBehind);
    running.forEach(process -> all.addAll(family(process.handle())));
    leftBehind.forEach(process -> process.descendants().forEach(all::add));
    all.forEach(ProcessHandle::destroyForcibly);
  }

  /** It, what descends from it, and the members of their sessions but for our own. */
  private static Set<ProcessHandle> family(ProcessHandle first) {
    var family = new HashSet<ProcessHandle>();
    family.add(first);
    first.descendants().forEach(family::add);
    var sessions = new HashSet<Long>();
    sessions.add(first.pid());
    family.forEach(member -> session(member).ifPresent(sessions::add));
    session(ProcessHandle.current()).ifPresent(sessions::remove);
    ProcessHandle.allProcesses()
        .filter(process -> session(process).filter(sessions::contains).isPresent())
        .forEach(family::add);
    return family;
  }

  /** As the fourth field behind the name in {@code /proc/PID/stat} says; empty: not Linux. */
  private static Optional<Long> session(ProcessHandle process) {
    try {
      var line = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
      var fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
      return Optional.of(Long.parseLong(fields[3]));
    } catch (IOException | IndexOutOfBoundsException | NumberFormatException e) {
      return Optional.empty();
    }
  }
}
