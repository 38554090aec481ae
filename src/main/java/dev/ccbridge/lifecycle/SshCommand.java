package dev.ccbridge.lifecycle;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.Signal;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.jspecify.annotations.Nullable;

/**
 * A shell, or a command in one, between its channel's streams. What it left behind in the
 * background holds the channel open for as long as it holds the output, as with any ssh.
 *
 * <p>Source: diego-ssh handlers/session_channel_handler.go.
 */
final class SshCommand implements Command {
  private static final int BUFFER_BYTES = 8 * 1024;
  private static final int CANNOT_START = 255;

  private final SshProcesses processes;
  private final String command;
  private @Nullable InputStream input;
  private @Nullable OutputStream output;
  private @Nullable OutputStream errors;
  private @Nullable ExitCallback exit;
  private @Nullable SshProcess process;
  private boolean destroyed;

  /**
   * @param command for the shell; empty: the shell itself
   */
  SshCommand(SshProcesses processes, String command) {
    this.processes = processes;
    this.command = command;
  }

  @Override
  public void setInputStream(InputStream stream) {
    input = stream;
  }

  @Override
  public void setOutputStream(OutputStream stream) {
    output = stream;
  }

  @Override
  public void setErrorStream(OutputStream stream) {
    errors = stream;
  }

  @Override
  public void setExitCallback(ExitCallback callback) {
    exit = callback;
  }

  @Override
  public synchronized void start(ChannelSession channel, Environment environment) {
    if (destroyed) {
      return;
    }
    try {
      var withTerminal = channel instanceof SshChannel own && own.hasTerminal();
      process = processes.start(command, environment.getEnv(), withTerminal);
    } catch (IOException e) {
      end(CANNOT_START);
      return;
    }
    var started = process;
    environment.addSignalListener(
        (sender, signal) -> signalled(started, environment, signal), List.of(Signal.values()));
    daemon("input", () -> feed(started));
    var pumps =
        List.of(
            daemon("output", () -> pump(started.output(), output)),
            daemon("errors", () -> pump(started.errors(), errors)));
    daemon("exit", () -> finish(started, pumps));
  }

  private static void signalled(SshProcess process, Environment environment, Signal signal) {
    if (signal == Signal.WINCH) {
      process.resize(environment.getEnv());
    } else {
      process.signal(signal.name());
    }
  }

  private static Thread daemon(String name, Runnable work) {
    return Thread.ofPlatform().daemon().name("ssh-" + name).start(work);
  }

  private void feed(SshProcess process) {
    try (var to = process.input()) {
      copy(input, to);
    } catch (IOException e) {
      drain(); // the program reads no more; what still comes must not fill the window
    }
  }

  private void drain() {
    try {
      copy(input, OutputStream.nullOutputStream());
    } catch (IOException e) {
      return; // the channel is closed
    }
  }

  private static void pump(InputStream from, @Nullable OutputStream to) {
    try (from) {
      copy(from, to);
    } catch (IOException e) {
      return; // the channel or the program has gone; the program learns by SIGPIPE
    }
  }

  private static void copy(@Nullable InputStream from, @Nullable OutputStream to)
      throws IOException {
    if (from == null || to == null) {
      return;
    }
    var buffer = new byte[BUFFER_BYTES];
    for (int read; (read = from.read(buffer)) >= 0; ) {
      to.write(buffer, 0, read);
      to.flush();
    }
  }

  private void finish(SshProcess process, List<Thread> pumps) {
    try {
      var status = process.await();
      for (var pump : pumps) {
        pump.join();
      }
      end(status);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void end(int status) {
    var callback = exit;
    if (callback != null) {
      callback.onExit(status);
    }
  }

  /** The channel is closed: the client has heard the status, or has gone. */
  @Override
  public synchronized void destroy(ChannelSession channel) {
    destroyed = true;
    if (process != null) {
      process.hangUp();
    }
  }
}
