package dev.ccbridge.receptor.backend.pod.cell;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** What Java has no words for: pipes that outlive a program's end, and limits. Linux. */
final class LibC {
  private static final int RLIMIT_NOFILE = 7;
  private static final int O_CLOEXEC = 0x80000;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  private static final MethodHandle PIPE2 =
      function("pipe2", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, INT));
  private static final MethodHandle CLOSE = function("close", FunctionDescriptor.of(INT, INT));
  private static final MethodHandle PRLIMIT =
      function(
          "prlimit",
          FunctionDescriptor.of(INT, INT, INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));

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
