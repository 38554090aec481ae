package dev.ccbridge.receptor.backend.process;

import dev.ccbridge.executor.SandboxException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a shell does to become a program. The environment stands in a file of its owner and not in
 * arguments, which everybody on the machine could read.
 */
final class ProgramScript {
  private ProgramScript() {}

  private static final String OF_THE_LOADER = "LD_";
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /**
   * What holds a program.
   *
   * @param nofile limit of open files; null: as it is
   * @param groups the files by which a process joins the container's control groups
   * @param processes the most that its user may have; 0: as many as there may be
   * @param account the beginning of a command that makes the rest another user's; empty: none
   */
  record Confines(
      @Nullable BigInteger nofile, List<Path> groups, int processes, List<String> account) {}

  /** Names that mean something to one shell or another, which then refuses to set them. */
  private static final Set<String> SHELL_NAMES =
      Set.of("UID", "EUID", "PPID", "BASHOPTS", "SHELLOPTS", "BASH_VERSINFO", "OPTIND", "LINENO");

  /**
   * What a script finds around it.
   *
   * @param env the command that sets variables which no shell can
   * @param interpreter the command of a shell for the lifecycle's scripts where there is none;
   *     empty: there is one
   */
  record Shell(String env, String interpreter) {
    static final Shell OF_THE_MACHINE = new Shell("/usr/bin/env", "");

    /** What the loader is told of an image's libraries is not for programs of the machine. */
    private boolean canSet(String name) {
      boolean isForAnother = !interpreter.isEmpty() && name.startsWith(OF_THE_LOADER);
      return NAME.matcher(name).matches() && !SHELL_NAMES.contains(name) && !isForAnother;
    }
  }

  /**
   * @param directory to start in, as the shell sees it
   * @param confines what the program is held by
   * @throws SandboxException when a text holds a NUL, which no program can be given
   */
  static String of(
      String path,
      List<String> arguments,
      String directory,
      Map<String, String> environment,
      Confines confines,
      Shell shell) {
    var script = new StringBuilder();
    // Zero is whoever writes it, whatever its number is out there.
    for (var joining : confines.groups()) {
      script.append("echo 0 >").append(quoted(joining.toString())).append('\n');
    }
    script.append("cd ").append(quoted(directory)).append(" || exit 126\n");
    if (confines.processes() > 0) {
      // One shell knows it by the one letter, another by the other.
      script.append(
          "ulimit -u %1$d 2>/dev/null || ulimit -p %1$d 2>/dev/null\n"
              .formatted(confines.processes()));
    }
    var nofile = confines.nofile();
    if (nofile != null) {
      // Who may not have as many gets as many as he may have.
      script.append("ulimit -n ").append(nofile);
      script.append(" 2>/dev/null || ulimit -n \"$(ulimit -H -n)\"\n");
    }
    script.append("unset ").append(ContainerProcesses.WATCHER_MARK).append(" OLDPWD\n");
    var viaEnv = new LinkedHashMap<String, String>();
    environment.forEach(
        (name, value) -> {
          if (shell.canSet(name)) {
            script.append("export ").append(name).append('=').append(quoted(value)).append('\n');
          } else if (!name.isEmpty() && !name.contains("=")) {
            viaEnv.put(name, value);
          }
        });
    var command = new StringBuilder(quoted(path));
    arguments.forEach(argument -> command.append(' ').append(quoted(argument)));
    if (!shell.interpreter().isEmpty() && path.startsWith(LIFECYCLE)) {
      var ours = become(confines, shell, hidden(viaEnv)) + shell.interpreter() + " " + command;
      script.append(READ_BY_OURS.formatted(quoted(path), ours));
    }
    var become = become(confines, shell, viaEnv);
    return script.append(become).append(command).append(" </dev/null\n").toString();
  }

  private static String become(Confines confines, Shell shell, Map<String, String> viaEnv) {
    var become = new StringBuilder("exec ");
    confines.account().forEach(word -> become.append(quoted(word)).append(' '));
    if (viaEnv.isEmpty()) {
      return become.toString();
    }
    become.append(shell.env());
    viaEnv.forEach((name, value) -> become.append(' ').append(quoted(name + "=" + value)));
    return become.append(' ').toString();
  }

  /** Where the lifecycle's launcher finds them; see its AppEnvironment. */
  private static Map<String, String> hidden(Map<String, String> variables) {
    var hidden = new LinkedHashMap<String, String>();
    variables.forEach(
        (name, value) ->
            hidden.put(name.startsWith(OF_THE_LOADER) ? "CCBRIDGE_APP_" + name : name, value));
    return hidden;
  }

  private static final String LIFECYCLE = "/tmp/lifecycle/";

  /** A script whose interpreter the root file system does not have is read by another shell. */
  private static final String READ_BY_OURS =
      """
      if { IFS= read -r ccbridge_line <%s; } 2>/dev/null; then
        case $ccbridge_line in
        '#!'*)
          ccbridge_line=${ccbridge_line#??}
          ccbridge_line=${ccbridge_line# }
          [ -x "${ccbridge_line%%%% *}" ] || %s </dev/null
          ;;
        esac
      fi
      """;

  private static String quoted(String text) {
    if (text.indexOf('\0') >= 0) {
      throw new SandboxException("a program's argument or variable holds a NUL", null);
    }
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
