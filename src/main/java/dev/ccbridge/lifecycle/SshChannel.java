package dev.ccbridge.lifecycle;

import java.io.IOException;
import java.util.Map;
import org.apache.sshd.common.channel.PtyMode;
import org.apache.sshd.common.channel.RequestHandler.Result;
import org.apache.sshd.server.channel.ChannelSession;

/** A session channel: what its client asks for before it starts something. */
final class SshChannel extends ChannelSession {
  private static final int MAX_VARIABLES = 100;

  private final SshProcesses processes;
  private boolean terminal;

  SshChannel(SshProcesses processes) {
    this.processes = processes;
  }

  /** Whether the client was promised a terminal. */
  boolean hasTerminal() {
    return terminal;
  }

  /** The client goes on without a terminal if it is refused. */
  @Override
  protected Result handlePtyReqParsed(
      String term, int columns, int rows, int width, int height, Map<PtyMode, Integer> modes)
      throws IOException {
    if (!processes.hasTerminals()) {
      return Result.ReplyFailure;
    }
    terminal = true;
    return super.handlePtyReqParsed(term, columns, rows, width, height, modes);
  }

  @Override
  protected Result handleEnvParsed(String name, String value) throws IOException {
    var unfit = name.isEmpty() || name.contains("=") || (name + value).indexOf('\0') >= 0;
    return unfit || getEnvironment().getEnv().size() >= MAX_VARIABLES
        ? Result.ReplyFailure
        : super.handleEnvParsed(name, value);
  }
}
