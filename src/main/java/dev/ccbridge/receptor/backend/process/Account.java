package dev.ccbridge.receptor.backend.process;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Whom a program runs as, and to whom the files belong that are made for it.
 *
 * @param groups all of them, {@code gid} among them
 * @param home as its programs see it
 */
record Account(int uid, int gid, List<Integer> groups, String home) {

  /** The beginning of a command that runs the rest of it as this account; none for root. */
  List<String> command(boolean mayGainPrivileges) {
    if (uid == 0) {
      return List.of();
    }
    var all = groups.stream().map(String::valueOf).collect(Collectors.joining(","));
    var switching = List.of(Accounts.TOOL, "--reuid=" + uid, "--regid=" + gid, "--groups=" + all);
    return mayGainPrivileges ? concat(switching, "--") : concat(switching, "--no-new-privs", "--");
  }

  private static List<String> concat(List<String> words, String... more) {
    return java.util.stream.Stream.concat(words.stream(), List.of(more).stream()).toList();
  }
}
