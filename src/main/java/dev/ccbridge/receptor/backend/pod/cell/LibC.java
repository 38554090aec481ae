package dev.ccbridge.receptor.backend.pod.cell;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Map;

/** What Java has no words for: pipes that outlive a program's end, limits, and execve. Linux. */
final class LibC {
  private static final int RLIMIT_NOFILE = 7;
  private static final int SIG_SETMASK = 2;
  private static final int CLOSE_RANGE_CLOEXEC = 4;
  private static final int O_CLOEXEC = 0x80000;
  private static final int SIGNAL_SET_BYTES = 128;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  private static final MethodHandle PIPE2 =
      function("pipe2", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, INT));
  private static final MethodHandle CLOSE = function("close", FunctionDescriptor.of(INT, INT));
  private static final MethodHandle PRLIMIT =
      function(
          "prlimit",
          FunctionDescriptor.of(INT, INT, INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
  private static final MethodHandle EXECVE =
      function(
          "execve",
          FunctionDescriptor.of(
              INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
  private static final MethodHandle CLOSE_RANGE =
      function("close_range", FunctionDescriptor.of(INT, INT, INT, INT));
  private static final MethodHandle SIGPROCMASK =
      function(
          "pthread_sigmask",
          FunctionDescriptor.of(INT, INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
  private static final MethodHandle CHDIR =
      function("chdir", FunctionDescriptor.of(INT, ValueLayout.ADDRESS));

  private LibC() {}

  /** The two ends of a pipe, as file descriptors of this process. */
  record Pipe(int readEnd, int writeEnd) {}

  /** How many files may be open; {@code soft} is what counts, {@code hard} how far it may go. */
  record OpenFiles(long soft, long hard) {}

  @SuppressWarnings("restricted") // what it calls is the C library, with its own signatures
  private static MethodHandle function(String name, FunctionDescriptor descriptor) {
    var linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
  }

  static Pipe pipe() throws IOException {
    try (var arena = Arena.ofConfined()) {
      var ends = arena.allocate(INT, 2);
      check("pipe2", call(PIPE2, ends, O_CLOEXEC));
      return new Pipe(ends.getAtIndex(INT, 0), ends.getAtIndex(INT, 1));
    }
  }

  static void close(int descriptor) throws IOException {
    check("close", call(CLOSE, descriptor));
  }

  /**
   * @param pid 0: this process
   */
  static OpenFiles openFiles(int pid) throws IOException {
    try (var arena = Arena.ofConfined()) {
      var limit = arena.allocate(LONG, 2);
      check("prlimit", call(PRLIMIT, pid, RLIMIT_NOFILE, MemorySegment.NULL, limit));
      return new OpenFiles(limit.getAtIndex(LONG, 0), limit.getAtIndex(LONG, 1));
    }
  }

  static void limitOpenFiles(int pid, OpenFiles limits) throws IOException {
    try (var arena = Arena.ofConfined()) {
      var limit = arena.allocate(LONG, 2);
      limit.setAtIndex(LONG, 0, limits.soft());
      limit.setAtIndex(LONG, 1, limits.hard());
      check("prlimit", call(PRLIMIT, pid, RLIMIT_NOFILE, limit, MemorySegment.NULL));
    }
  }

  /**
   * Becomes another program; returns only when that fails. Nothing of Java's is handed on: no open
   * file but the three standard ones, no blocked signal.
   */
  static void exec(String program, List<String> command, Map<String, String> env, String directory)
      throws IOException {
    try (var arena = Arena.ofConfined()) {
      var file = arena.allocateFrom(program);
      var argv = texts(arena, command);
      var envp =
          texts(arena, env.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
      check("chdir", call(CHDIR, arena.allocateFrom(directory)));
      check("close_range", call(CLOSE_RANGE, 3, -1, CLOSE_RANGE_CLOEXEC));
      check(
          "pthread_sigmask",
          call(SIGPROCMASK, SIG_SETMASK, arena.allocate(SIGNAL_SET_BYTES), MemorySegment.NULL));
      check("execve", call(EXECVE, file, argv, envp));
    }
  }

  private static MemorySegment texts(Arena arena, List<String> texts) {
    var pointers = arena.allocate(ValueLayout.ADDRESS, texts.size() + 1L);
    for (int i = 0; i < texts.size(); i++) {
      pointers.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(texts.get(i)));
    }
    pointers.setAtIndex(ValueLayout.ADDRESS, texts.size(), MemorySegment.NULL);
    return pointers;
  }

  private static int call(MethodHandle function, Object... arguments) {
    try {
      return (int) function.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static void check(String name, int result) throws IOException {
    if (result < 0) {
      throw new IOException(name + " failed");
    }
  }
}
