package dev.ccbridge.receptor.backend.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The system libraries that this Java itself runs with: with their loader they run the machine's
 * programs also where a root file system has others, or none.
 *
 * @param loader the dynamic loader, such as {@code ld-linux-x86-64.so.2}
 * @param directories where the libraries are
 */
record HostLibraries(Path loader, List<Path> directories) {
  private static final Path MAPS = Path.of("/proc/self/maps");
  private static final Pattern LOADER = Pattern.compile("(ld-.*|ld\\d*)\\.so(\\.\\d+)?");
  private static final Pattern SYSTEM =
      Pattern.compile("lib(c|m|dl|rt|z|pthread|stdc\\+\\+|gcc_s|resolv|nss_\\w+)[-.].*");

  /**
   * @throws IOException when they cannot be told, as on anything but Linux
   */
  static HostLibraries find() throws IOException {
    if (!Files.exists(MAPS)) {
      throw new IOException("this is not Linux");
    }
    return of(Files.readAllLines(MAPS));
  }

  /**
   * @param maps lines as of {@code /proc/self/maps}
   */
  static HostLibraries of(List<String> maps) throws IOException {
    Optional<Path> loader = Optional.empty();
    Set<Path> directories = new LinkedHashSet<>();
    for (var line : maps) {
      int slash = line.indexOf('/');
      if (slash < 0) {
        continue;
      }
      var file = Path.of(line.substring(slash));
      var name = String.valueOf(file.getFileName());
      var directory = file.getParent();
      if (LOADER.matcher(name).matches()) {
        loader = Optional.of(file);
      }
      if (directory != null && (LOADER.matcher(name).matches() || SYSTEM.matcher(name).matches())) {
        directories.add(directory);
      }
    }
    return new HostLibraries(
        loader.orElseThrow(() -> new IOException("the loader of this Java is not known")),
        new ArrayList<>(directories));
  }
}
