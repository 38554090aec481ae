package dev.ccbridge.receptor.backend.pod.cell;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.List;

/**
 * What Java has no words for: pipes that outlive a program's end, limits, and another program in
 * the place of this one. Linux.
 */
final class LibC {
  private static final int RLIMIT_NOFILE = 7;
  private static final int O_CLOEXEC = 0x80000;
  private static final int F_SETFD = 2;
  private static final int FD_CLOEXEC = 1;
  private static final int SIG_SETMASK = 2;
  private static final long SIGNAL_SET_BYTES = 128;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  private static final VarHandle ERRNO =
      Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle PIPE2 =
      function("pipe2", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, INT));
  private static final MethodHandle CLOSE = function("close", FunctionDescriptor.of(INT, INT));
  private static final MethodHandle PRLIMIT =
      function(
          "prlimit",
          FunctionDescriptor.of(INT, INT, INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));

  private static final MethodHandle CHDIR =
      function("chdir", FunctionDescriptor.of(INT, ValueLayout.ADDRESS));
  private static final MethodHandle FCNTL =
      function(
          "fcntl", FunctionDescriptor.of(INT, INT, INT, INT), Linker.Option.firstVariadicArg(2));
  private static final MethodHandle SIGNAL_MASK =
      function(
          "pthread_sigmask",
          FunctionDescriptor.of(INT, INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
  private static final MethodHandle EXECVE =
      function(
          "execve",
          FunctionDescriptor.of(INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS),
          Linker.Option.captureCallState("errno"));
  private static final MethodHandle STRERROR =
      function("strerror", FunctionDescriptor.of(ValueLayout.ADDRESS, INT));

  private LibC() {}

  /** The two ends of a pipe, as file descriptors of this process. */
  record Pipe(int readEnd, int writeEnd) {}

  /** How many files may be open; {@code soft} is what counts, {@code hard} how far it may go. */
  record OpenFiles(long soft, long hard) {}

  @SuppressWarnings("restricted") // what it calls is the C library, with its own signatures
  private static MethodHandle function(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    var linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor, options);
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

  static void changeDirectory(String directory) throws IOException {
    try (var arena = Arena.ofConfined()) {
      check("chdir", call(CHDIR, arena.allocateFrom(directory)));
    }
  }

  /** A program that takes the place of this one does not have the file open. */
  static void closeWithProgram(int descriptor) throws IOException {
    check("fcntl", call(FCNTL, descriptor, F_SETFD, FD_CLOEXEC));
  }

  /** Java keeps SIGQUIT from most of its threads, and the mask outlives the program. */
  static void takeAllSignals() throws IOException {
    try (var arena = Arena.ofConfined()) {
      check(
          "pthread_sigmask",
          call(SIGNAL_MASK, SIG_SETMASK, arena.allocate(SIGNAL_SET_BYTES), MemorySegment.NULL));
    }
  }

  /**
   * Puts another program in the place of this one. Returns only when that fails.
   *
   * @return errno
   */
  static int execute(String path, List<String> words, List<String> environment) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      call(
          EXECVE,
          state,
          arena.allocateFrom(path),
          pointers(arena, words),
          pointers(arena, environment));
      return (int) ERRNO.get(state, 0L);
    }
  }

  @SuppressWarnings("restricted") // a text of the C library's own ends where it says
  static String words(int errno) {
    try {
      var text = (MemorySegment) STRERROR.invokeExact(errno);
      return text.reinterpret(Long.MAX_VALUE).getString(0);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** A list that ends with a null pointer. */
  private static MemorySegment pointers(Arena arena, List<String> texts) {
    var pointers = arena.allocate(ValueLayout.ADDRESS, texts.size() + 1L);
    for (int i = 0; i < texts.size(); i++) {
      pointers.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(texts.get(i)));
    }
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
