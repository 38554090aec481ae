package dev.ccbridge.lifecycle;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.sshd.server.Environment;

/** A program that a session started; mostly a shell, and the first of its process group. */
final class SshProcess {
  private static final long HELPER_SECONDS = 5;
  private static final long GRACE_SECONDS = 5;

  private final Process process;
  private final boolean group;
  private final boolean terminal;

  /**
   * @param group whether it leads a process group
   * @param terminal whether it is {@code script}, with the program on a terminal below it
   */
  SshProcess(Process process, boolean group, boolean terminal) {
    this.process = process;
    this.group = group;
    this.terminal = terminal;
  }

  OutputStream input() {
    return process.getOutputStream();
  }

  InputStream output() {
    return process.getInputStream();
  }

  InputStream errors() {
    return process.getErrorStream();
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  /** Its status; 128 and the number of the signal that ended it. */
  int await() throws InterruptedException {
    return process.waitFor();
  }

  /**
   * @param name without {@code SIG}
   */
  void signal(String name) {
    var target = (terminal ? onTerminal() : Optional.of(handle())).map(ProcessHandle::pid);
    if (target.isPresent() && process.isAlive()) {
      var group = this.group ? "-" : "";
      helper(List.of("sh", "-c", "kill -s \"$0\" -- \"$1\"", name, group + target.get()));
    }
  }

  /** Tells the terminal its new size, and so whatever runs on it. */
  void resize(Map<String, String> environment) {
    onTerminal()
        .flatMap(SshProcess::terminalOf)
        .ifPresent(
            file ->
                helper(
                    List.of(
                        "stty",
                        "-F",
                        file.toString(),
                        "cols",
                        environment.getOrDefault(Environment.ENV_COLUMNS, "80"),
                        "rows",
                        environment.getOrDefault(Environment.ENV_LINES, "24"))));
  }

  private Optional<ProcessHandle> onTerminal() {
    return terminal ? process.children().findFirst() : Optional.empty();
  }

  private static Optional<Path> terminalOf(ProcessHandle program) {
    try {
      return Optional.of(Files.readSymbolicLink(Path.of("/proc/" + program.pid() + "/fd/0")));
    } catch (IOException e) {
      return Optional.empty(); // it has just ended
    }
  }

  /** Its client has gone: what does not end by itself is killed. */
  void hangUp() {
    if (!process.isAlive()) {
      return;
    }
    signal("HUP");
    Thread.ofPlatform()
        .daemon()
        .name("ssh-hangup")
        .start(
            () -> {
              if (!waitFor(process, GRACE_SECONDS)) {
                process.destroyForcibly();
              }
            });
  }

  private static void helper(List<String> command) {
    try {
      var helper = new ProcessBuilder(command).inheritIO().start();
      if (!waitFor(helper, HELPER_SECONDS)) {
        helper.destroyForcibly();
      }
    } catch (IOException e) {
      return; // an image without such a program: there is no other way
    }
  }

  private static boolean waitFor(Process process, long seconds) {
    try {
      return process.waitFor(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
