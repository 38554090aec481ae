package dev.ccbridge.receptor.backend.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who is who in containers that see the machine's files. {@code vcap}, and any other user that the
 * machine does not know, is a number of the container's own, which is nobody's on the machine and
 * no other container's: so the containers of a cell can neither read each other's files nor signal
 * each other's programs. Users of the machine, root among them, are themselves.
 *
 * <p>The number of a container is the owner of its home directory, and so survives the operator.
 * Thread-safe.
 */
final class Accounts {
  /** Changes the user and runs a command; where it is missing users are not kept apart. */
  static final String TOOL = "setpriv";

  private static final String VCAP = "vcap";
  private static final Path PASSWD = Path.of("/etc/passwd");
  private static final Path GROUP = Path.of("/etc/group");
  private static final int PASSWD_FIELDS = 7;
  private static final int GROUP_FIELDS = 4;

  /**
   * Above all numbers that systemd's documentation gives a meaning to, and below those that are
   * reserved at the very end.
   */
  private static final int FIRST = 1_879_048_192;

  /** Bits of a mode, and how far up those of the owner and of the group stand. */
  private static final int READ = 4;

  private static final int SEARCH = 1;
  private static final int OWNER = 6;
  private static final int ITS_GROUP = 3;

  private static final int CELLS = 200_000;
  private static final int PER_CELL = 1024;

  private final Path containers;
  private final int first;
  private final boolean opensDirectories;
  private int next;

  /**
   * @param containers directory of the cell's containers
   * @param opensDirectories whether programs reach their files through that directory
   */
  Accounts(Path containers, boolean opensDirectories) {
    this.containers = containers;
    // Two cells of one machine mostly have numbers of their own, too.
    this.first = FIRST + Math.floorMod(containers.hashCode(), CELLS) * PER_CELL;
    this.opensDirectories = opensDirectories;
  }

  /**
   * Whom a program of {@code user} runs as.
   *
   * @param user a name, or a number of the machine's users; empty: vcap
   */
  Account of(String user, ContainerDirectory directory) throws IOException {
    if (!user.isEmpty() && !user.equals(VCAP)) {
      for (var fields : lines(PASSWD, PASSWD_FIELDS)) {
        if (fields.get(0).equals(user) || fields.get(2).equals(user)) {
          return ofMachine(fields, directory);
        }
      }
    }
    int own = claim(directory);
    return new Account(own, own, List.of(own), "/home/vcap");
  }

  private Account ofMachine(List<String> fields, ContainerDirectory directory) throws IOException {
    int uid = Integer.parseInt(fields.get(2));
    int gid = Integer.parseInt(fields.get(3));
    var groups = new TreeSet<Integer>(Set.of(gid));
    for (var group : lines(GROUP, GROUP_FIELDS)) {
      if (List.of(group.get(3).split(",")).contains(fields.get(0))) {
        groups.add(Integer.valueOf(group.get(2)));
      }
    }
    if (opensDirectories) {
      // Else it could not get to the container's files.
      groups.add(claim(directory));
    }
    return new Account(uid, gid, List.copyOf(groups), fields.get(5));
  }

  private static List<List<String>> lines(Path file, int fields) throws IOException {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1)
          .lines()
          .map(line -> List.of(line.split(":", -1)))
          .filter(line -> line.size() >= fields && line.get(2).matches("\\d{1,9}"))
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  /** The container's own number; gives it one, and its directories to it, if it has none yet. */
  synchronized int claim(ContainerDirectory directory) throws IOException {
    int known = number(directory);
    if (known != 0) {
      return known;
    }
    int own = free();
    describe(directory, own);
    if (opensDirectories) {
      open(directory.path(), own);
      open(directory.home().getParent(), own);
      give(directory.tmp(), own, own);
    }
    // Last, as it says that all of this is done.
    give(directory.home(), own, own);
    return own;
  }

  /** The number that a container has claimed; 0: none. */
  static int number(ContainerDirectory directory) {
    try {
      int owner = owner(directory.home());
      return owner >= FIRST ? owner : 0;
    } catch (IOException | UnsupportedOperationException e) {
      // The container is at its end, or has none of its files yet.
      return 0;
    }
  }

  private int free() throws IOException {
    var taken = new HashSet<Integer>();
    try (var all = Files.newDirectoryStream(containers)) {
      all.forEach(other -> taken.add(number(new ContainerDirectory(other))));
    }
    for (int i = 0; i < PER_CELL; i++) {
      int candidate = first + Math.floorMod(next++, PER_CELL);
      if (!taken.contains(candidate)) {
        return candidate;
      }
    }
    throw new IOException("all " + PER_CELL + " users of the cell's containers are taken");
  }

  /** By these files, shown in the place of the machine's, programs know who they are. */
  private static void describe(ContainerDirectory directory, int own) throws IOException {
    describe(PASSWD, directory.passwd(), "vcap:x:%d:%d:vcap:/home/vcap:/bin/sh\n", own);
    describe(GROUP, directory.group(), "vcap:x:%d:\n", own);
  }

  private static void describe(Path machine, Path file, String line, int own) throws IOException {
    var text = new StringBuilder();
    if (Files.exists(machine)) {
      for (var known : Files.readAllLines(machine, StandardCharsets.ISO_8859_1)) {
        if (!known.startsWith(VCAP + ":")) {
          text.append(known).append('\n');
        }
      }
    }
    text.append(line.formatted(own, own));
    Files.writeString(file, text, StandardCharsets.ISO_8859_1);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
  }

  /** Lets the container's programs through to what is below, and nobody else. */
  private static void open(@Nullable Path directory, int own) throws IOException {
    if (directory != null) {
      Files.setAttribute(directory, "unix:gid", own, LinkOption.NOFOLLOW_LINKS);
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x---"));
    }
  }

  static int owner(Path file) throws IOException {
    return attribute(file, "unix:uid");
  }

  /**
   * Whether an account may read a file, by the modes of the file and of the directories that lead
   * to it; access lists are not looked at.
   *
   * @param root the uppermost directory to be looked at
   * @param file below it, with no links in its path
   */
  static boolean mayRead(Account account, Path root, Path file) throws IOException {
    if (account.uid() == 0) {
      return true;
    }
    for (var at = file; ; at = at.getParent()) {
      if (at == null || !mayUse(account, at, at.equals(file) ? READ : SEARCH)) {
        return false;
      }
      if (at.equals(root)) {
        return true;
      }
    }
  }

  /**
   * @param right as it stands in the mode's bits for all others
   */
  private static boolean mayUse(Account account, Path file, int right) throws IOException {
    int mode = attribute(file, "unix:mode");
    if (attribute(file, "unix:uid") == account.uid()) {
      return (mode >> OWNER & right) != 0;
    }
    return account.groups().contains(attribute(file, "unix:gid"))
        ? (mode >> ITS_GROUP & right) != 0
        : (mode & right) != 0;
  }

  private static int attribute(Path file, String name) throws IOException {
    return (Integer) Files.getAttribute(file, name, LinkOption.NOFOLLOW_LINKS);
  }

  /** Gives a file, or a directory and all below it, to an account; links are not followed. */
  static void give(Path tree, int uid, int gid) throws IOException {
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            change(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException error)
              throws IOException {
            if (error != null) {
              throw error;
            }
            change(directory);
            return FileVisitResult.CONTINUE;
          }

          private void change(Path file) throws IOException {
            Files.setAttribute(file, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(file, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
          }
        });
  }

  /**
   * Commands that fail if programs of a container cannot be another user, or would then lack what
   * they need: their home, and the Java that the lifecycle's programs run with.
   *
   * @param home as its programs see it
   */
  static List<String> trial(Account account, String home, String javaHome) {
    var command = new ArrayList<>(account.command(false));
    command.addAll(
        List.of(
            "/bin/sh",
            "-c",
            "cd \"$1\" && : >here && rm here && { [ -z \"$2\" ] || [ -x \"$2/bin/java\" ]; }",
            "sh",
            home,
            javaHome));
    return command;
  }
}
