package dev.ccbridge.receptor.backend.process;

import dev.ccbridge.executor.FileTrees;
import dev.ccbridge.registry.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a container whose root is an image has of the machine, at {@value #PLACE}: a shell, a few
 * tools and a Java, with the libraries and the loader they need, as an image may have none of these
 * or others. They are started by that loader and its {@code --library-path}, so that no variable
 * tells the image's own programs of them.
 *
 * <p>{@code java/bin/java} is a script for that. As an image may have no shell to read it, its
 * first line names a second script, whose first line names the loader; the kernel puts these
 * together to {@code ld.so --library-path LIST sh SCRIPT}. For that to come out, the second
 * script's name has to be the list of the directories itself.
 */
final class Toolbox {
  static final String PLACE = "/.cc-bridge";

  /** Where the container's own control groups are joined. */
  static final String MEMORY_GROUP = PLACE + "/memory";

  static final String PROCESS_GROUP = PLACE + "/processes";

  /** For scripts of the lifecycle: what they run is {@code bin/java} below it. */
  static final String JAVA_HOME = PLACE + "/java";

  private static final String LOADER = PLACE + "/ld.so";
  private static final List<String> TOOLS = List.of("sh", "sleep", "umount", "unshare", "env");
  private static final List<String> PATH = List.of("/usr/bin", "/bin", "/usr/sbin", "/sbin");

  /** Changes with what a skeleton holds, so that one that an older program made is not taken. */
  private static final String LAYOUT = "3";

  /** The kernel reads no more of a script's first line. */
  private static final int MAX_FIRST_LINE = 250;

  private final Map<String, Path> shown;
  private final String libraries;
  private final Path skeleton;

  private Toolbox(Map<String, Path> shown, String libraries, Path skeleton) {
    this.shown = shown;
    this.libraries = libraries;
    this.skeleton = skeleton;
  }

  /**
   * @param directory where skeletons are kept; one that is there already may be in use, so it is
   *     taken as it is
   * @param javaHome of the Java for the lifecycle's programs
   * @throws IOException when the machine lacks something
   */
  static Toolbox make(Path directory, HostLibraries host, Path javaHome) throws IOException {
    var shown = new LinkedHashMap<String, Path>();
    shown.put(LOADER, host.loader());
    for (int i = 0; i < host.directories().size(); i++) {
      shown.put(PLACE + "/l/" + i, host.directories().get(i));
    }
    for (var tool : TOOLS) {
      shown.put(PLACE + "/bin/" + tool, tool(tool));
    }
    shown.put(PLACE + "/jdk", javaHome.toRealPath());
    showWhatLinksLeadTo(javaHome.toRealPath(), shown);
    for (var file : List.of("/etc/resolv.conf", "/etc/hosts")) {
      if (Files.isReadable(Path.of(file))) {
        shown.put(file, Path.of(file));
      }
    }
    var libraries =
        String.join(
            ":",
            IntStream.range(0, host.directories().size())
                .mapToObj(i -> PLACE + "/l/" + i)
                .toList());
    return new Toolbox(shown, libraries, skeleton(directory, shown, libraries));
  }

  private static Path tool(String name) throws IOException {
    for (var place : PATH) {
      var file = Path.of(place, name);
      if (Files.isExecutable(file)) {
        return file.toRealPath();
      }
    }
    throw new IOException(name + " was not found on this machine");
  }

  /** A distribution's Java has its settings below {@code /etc}. */
  private static void showWhatLinksLeadTo(Path javaHome, Map<String, Path> shown)
      throws IOException {
    try (var files = Files.walk(javaHome)) {
      for (var link : files.filter(Files::isSymbolicLink).toList()) {
        var target = Files.readSymbolicLink(link);
        boolean isOfImage = link.endsWith("cacerts");
        if (target.isAbsolute() && !isOfImage && Files.exists(target)) {
          shown.put(target.normalize().toString(), target.toRealPath());
        }
      }
    }
  }

  private static Path skeleton(Path directory, Map<String, Path> shown, String libraries)
      throws IOException {
    var list = libraries + ":" + PLACE + "/sh";
    var second = "#!" + LOADER + " --library-path\n";
    var java =
        "#!%s %s/bin/sh\nexec %s --library-path %s %s/jdk/bin/java \"$@\"\n"
            .formatted(list, PLACE, LOADER, libraries, PLACE);
    if (java.indexOf('\n') > MAX_FIRST_LINE) {
      throw new IOException("the libraries of this Java are in too many directories");
    }
    var version = Digest.of((LAYOUT + shown + java).getBytes(StandardCharsets.UTF_8)).hex();
    var skeleton = directory.resolve("skeleton-" + version.substring(0, 16));
    if (!Files.isDirectory(skeleton)) {
      var next = directory.resolve("next-" + UUID.randomUUID());
      build(next, shown);
      script(next.resolve(list.substring(1)), second);
      var home = next.resolve(JAVA_HOME.substring(1));
      script(home.resolve("bin/java"), java);
      // Its version is told without running it.
      Files.createSymbolicLink(home.resolve("release"), Path.of("../jdk/release"));
      Files.move(next, skeleton);
    }
    return skeleton;
  }

  private static void build(Path next, Map<String, Path> shown) throws IOException {
    FileTrees.delete(next);
    for (var name : List.of("dev", "proc", "sys", "etc", "home/vcap", ".cc-bridge/old")) {
      directories(next.resolve(name));
    }
    directories(next.resolve("tmp"));
    Files.setPosixFilePermissions(
        next.resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
    for (var entry : shown.entrySet()) {
      var place = next.resolve(entry.getKey().substring(1));
      if (Files.isDirectory(entry.getValue())) {
        directories(place);
      } else {
        file(place);
      }
    }
    file(next.resolve(MEMORY_GROUP.substring(1)));
    file(next.resolve(PROCESS_GROUP.substring(1)));
  }

  private static void file(Path place) throws IOException {
    directories(place.getParent());
    if (!Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
      Files.createFile(place);
    }
  }

  /** Seen by any user of an image, whatever the operator's umask is. */
  private static void directories(@Nullable Path place) throws IOException {
    if (place == null || Files.isDirectory(place)) {
      return;
    }
    directories(place.getParent());
    Files.createDirectory(place);
    Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void script(Path file, String content) throws IOException {
    directories(file.getParent());
    Files.writeString(file, content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Directories and empty files where something is shown, to be laid over an image's files. */
  Path skeleton() {
    return skeleton;
  }

  /** Pairs of what is shown of the machine, and where. */
  List<String> shown() {
    var pairs = new ArrayList<String>();
    shown.forEach((place, source) -> pairs.addAll(List.of(source.toString(), place)));
    return pairs;
  }

  /** The beginning of the command of a tool, but for its name; for a shell to split. */
  String prefix() {
    return LOADER + " --library-path " + libraries + " " + PLACE + "/bin/";
  }

  List<String> command(String tool) {
    return List.of((prefix() + tool).split(" "));
  }
}
