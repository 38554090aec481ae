package dev.ccbridge.executor;

import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The container that actions act on, as the interpreter sees it. Thread-safe. */
public interface Sandbox {

  /**
   * Starts a program, unless one was started under this id before: then that one is found again,
   * running or ended. A program's output goes to the container's log.
   *
   * @param id unique within the container; letters, digits, {@code .}, {@code _} and {@code -}
   * @throws SandboxException when nothing was started; the message is the container's own text
   */
  Execution start(String id, Program program);

  /**
   * The real place of a path of the container. Links are followed as the container would, so that
   * the answer never lies outside.
   *
   * @param path absolute, or relative to the home directory
   * @throws SandboxException when the path lies where the container has nothing of its own
   */
  Path resolve(String path);

  /**
   * Gives files that were made for a user to that user, where users are kept apart; links are not
   * followed.
   *
   * @param tree a file, or a directory with all below it
   * @throws IOException when it cannot be done
   */
  void give(Path tree, String user) throws IOException;

  /**
   * Whether a user may read a file and go through the directories that lead to it. Where users are
   * not kept apart, everybody may.
   *
   * @param file as {@link #resolve} gave it
   * @throws IOException when it is not there
   */
  default boolean mayRead(Path file, String user) throws IOException {
    return true;
  }

  /** An existing directory of the container's own, for what is not yet in its place. */
  Path scratch();

  /**
   * What to start.
   *
   * @param nofile limit of open files; null: not limited
   * @param logSource where its output lines are said to come from
   */
  record Program(
      String path,
      List<String> args,
      String dir,
      List<EnvironmentVariable> env,
      String user,
      @Nullable BigInteger nofile,
      String logSource) {

    /**
     * What a run action starts.
     *
     * @param logSource its own, or that of what surrounds it
     */
    public static Program of(Action.Run run, String logSource) {
      var limits = run.resourceLimits();
      return new Program(
          run.path(),
          run.args(),
          run.dir(),
          run.env(),
          run.user(),
          limits == null ? null : limits.nofile(),
          logSource);
    }
  }

  /** A program that was started. */
  interface Execution {

    /** Completes when the program has ended and its output is in the log. */
    CompletableFuture<Exit> exit();

    /** Whether the program was found, rather than started, and had ended by then. */
    boolean hadEnded();

    /** Asks the program to end (SIGTERM). */
    void terminate();

    /** Ends the program (SIGKILL). */
    void kill();
  }

  /** How a program ended. */
  sealed interface Exit {

    /**
     * @param status its exit status; 128 + n for signal n
     * @param endedAt nanoseconds since the epoch
     */
    record Ended(int status, boolean outOfMemory, long endedAt) implements Exit {}

    /** It is gone, and how it ended is not known. */
    record Lost() implements Exit {}
  }
}
