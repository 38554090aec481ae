package dev.ccbridge.lifecycle;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Replaces the running program, JVM and all, by another one in the same process: {@code execve(2)}.
 * Process id, parent, standard streams and limits stay, so that signals and exit status need no
 * middleman.
 */
@SuppressWarnings("restricted") // calling the C library is the point of this class
final class ProgramImage {
  private static final long POINTER_BYTES = ADDRESS.byteSize();
  private static final int STANDARD_ERROR = 2;

  /** {@code F_SETFD} and {@code FD_CLOEXEC} of fcntl.h, the same on Linux and macOS. */
  private static final int SET_DESCRIPTOR_FLAGS = 2;

  private static final int CLOSE_ON_EXEC = 1;

  private ProgramImage() {}

  /**
   * Becomes {@code path}. Returns only if the system refused.
   *
   * @param environment what the program gets; a value equal to ours is passed on byte by byte, even
   *     if it is not text in our encoding
   * @throws UnsupportedOperationException if this platform has no such call
   */
  static void replace(String path, List<String> arguments, Map<String, String> environment) {
    try (var arena = Arena.ofConfined()) {
      var linker = Linker.nativeLinker();
      var libc = linker.defaultLookup();
      var execve =
          linker.downcallHandle(
              libc.find("execve")
                  .orElseThrow(() -> new UnsupportedOperationException("no execve here")),
              FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));
      var words = new ArrayList<MemorySegment>();
      arguments.forEach(argument -> words.add(arena.allocateFrom(argument)));
      var argv = pointers(arena, words);
      var envp = pointers(arena, entries(arena, libc, environment));
      var ignored = (int) execve.invokeExact(arena.allocateFrom(path), argv, envp);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("execve could not be called", e);
    }
  }

  /**
   * The same, from {@code directory}, and without the files that the JVM has open: nobody needs
   * them. For where there may be no shell that does these things.
   */
  static void replace(
      String path, List<String> arguments, Map<String, String> environment, Path directory) {
    var linker = Linker.nativeLinker();
    changeDirectory(linker, directory);
    closeFilesWithProgram(linker);
    replace(path, arguments, environment);
  }

  private static void changeDirectory(Linker linker, Path directory) {
    try (var arena = Arena.ofConfined()) {
      var chdir =
          linker.downcallHandle(
              function(linker, "chdir"), FunctionDescriptor.of(JAVA_INT, ADDRESS));
      if ((int) chdir.invokeExact(arena.allocateFrom(directory.toString())) != 0) {
        throw new LifecycleException(
            LifecycleException.FAILED, directory + ": cannot be the working directory");
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("chdir could not be called", e);
    }
  }

  private static void closeFilesWithProgram(Linker linker) {
    var fcntl =
        linker.downcallHandle(
            function(linker, "fcntl"),
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
            Linker.Option.firstVariadicArg(2));
    try (var files = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (var file : files) {
        var number = Integer.parseInt(file.getFileName().toString());
        if (number > STANDARD_ERROR) {
          var ignored = (int) fcntl.invokeExact(number, SET_DESCRIPTOR_FLAGS, CLOSE_ON_EXEC);
        }
      }
    } catch (IOException e) {
      return; // no list of them: the app gets a few open files more
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("fcntl could not be called", e);
    }
  }

  private static MemorySegment function(Linker linker, String name) {
    return linker
        .defaultLookup()
        .find(name)
        .orElseThrow(() -> new UnsupportedOperationException("no " + name + " here"));
  }

  private static List<MemorySegment> entries(
      Arena arena, SymbolLookup libc, Map<String, String> environment) {
    var entries = new ArrayList<MemorySegment>();
    var toWrite = new TreeMap<>(environment);
    var ours = System.getenv();
    for (var entry : inherited(libc)) {
      var name = name(entry);
      var wanted = environment.get(name);
      if (wanted != null && wanted.equals(ours.get(name))) {
        entries.add(entry);
        toWrite.remove(name);
      }
    }
    toWrite.forEach((name, value) -> entries.add(arena.allocateFrom(name + "=" + value)));
    return entries;
  }

  /** The C library's own list; empty where it does not show it. */
  private static List<MemorySegment> inherited(SymbolLookup libc) {
    var inherited = new ArrayList<MemorySegment>();
    var environ = libc.find("environ");
    if (environ.isEmpty()) {
      return inherited;
    }
    var list = unbounded(unbounded(environ.get()).get(ADDRESS, 0));
    for (long at = 0; ; at += POINTER_BYTES) {
      var entry = list.get(ADDRESS, at);
      if (entry.address() == 0) {
        return inherited;
      }
      inherited.add(unbounded(entry));
    }
  }

  private static String name(MemorySegment entry) {
    long length = 0;
    while (entry.get(JAVA_BYTE, length) != '=' && entry.get(JAVA_BYTE, length) != 0) {
      length++;
    }
    return new String(entry.asSlice(0, length).toArray(JAVA_BYTE), ISO_8859_1);
  }

  private static MemorySegment pointers(Arena arena, List<MemorySegment> targets) {
    var pointers = arena.allocate(ADDRESS, targets.size() + 1L); // zeroed, so it ends with NULL
    for (int i = 0; i < targets.size(); i++) {
      pointers.setAtIndex(ADDRESS, i, targets.get(i));
    }
    return pointers;
  }

  private static MemorySegment unbounded(MemorySegment address) {
    return address.reinterpret(Long.MAX_VALUE);
  }
}
