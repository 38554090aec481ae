package dev.ccbridge.lifecycle;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
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
