package dev.ccbridge.receptor.backend.process;

import dev.ccbridge.executor.FileTrees;
import dev.ccbridge.executor.Sandbox.Program;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts processes in containers that see the machine's files, in the way that works here. */
final class Confinement implements Enclosure {
  private static final Logger LOG = LoggerFactory.getLogger(Confinement.class);
  private static final Duration OPEN_PATIENCE = Duration.ofSeconds(10);
  private static final int LOST_THE_RACE = 97;
  static final String RUN_SCRIPT = "run.sh";
  private static final Path SETSID = Path.of("/usr/bin/setsid");

  private final Isolation isolation;
  private final Path initScript;
  private final Path runScript;
  private @Nullable Accounts accounts;

  private Confinement(Isolation isolation, Path scripts) {
    this.isolation = isolation;
    this.initScript = scripts.resolve("init.sh");
    this.runScript = scripts.resolve(RUN_SCRIPT);
  }

  /**
   * Tries out what works here.
   *
   * @param wanted nothing else is tried; empty: the strongest that works
   * @param directory for the scripts and for trials
   * @throws IOException when what is wanted does not work
   */
  static Confinement probe(Optional<Isolation> wanted, Path directory) throws IOException {
    install(directory, "init.sh");
    install(directory, RUN_SCRIPT);
    for (var isolation : wanted.map(List::of).orElse(List.of(Isolation.values()))) {
      var confinement = new Confinement(isolation, directory);
      if (confinement.works(directory.resolve("trial-" + UUID.randomUUID()))) {
        confinement.probeAccounts(directory);
        LOG.info(
            "containers are kept apart isolation={} users={}",
            isolation,
            confinement.accounts == null ? "the operator's own" : "their actions'");
        return confinement;
      }
    }
    throw new IOException(
        "isolation is " + wanted.map(Enum::name).orElse("any") + ", wanted one that works here");
  }

  static void install(Path directory, String script) throws IOException {
    Files.createDirectories(directory);
    try (InputStream content = Confinement.class.getResourceAsStream(script)) {
      if (content == null) {
        throw new IOException(script + " is missing from the program");
      }
      ContainerDirectory.writeDurably(directory.resolve(script), content.readAllBytes());
    }
  }

  private boolean works(Path trial) throws IOException {
    if (isolation == Isolation.PATH_REWRITING) {
      return true;
    }
    var directory = new ContainerDirectory(trial);
    try {
      directory.create();
      open(directory);
      var command = new ArrayList<>(enter(directory));
      command.addAll(List.of("-c", "test -e /tmp/here && test -d /home/vcap"));
      Files.createFile(directory.tmp().resolve("here"));
      return succeeds(command, directory);
    } catch (IOException e) {
      LOG.debug("isolation does not work here isolation={} reason={}", isolation, e.getMessage());
      return false;
    } finally {
      ContainerProcesses.kill(directory);
      FileTrees.delete(trial);
    }
  }

  private static boolean succeeds(List<String> command, ContainerDirectory directory)
      throws IOException {
    try {
      var process = builder(command, directory).redirectInput(Redirect.from(NULL)).start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Users are kept where we may change to others, and these can do what is asked of them. */
  private void probeAccounts(Path scripts) throws IOException {
    var trials = scripts.resolve("trial-" + UUID.randomUUID());
    var trial = new ContainerDirectory(trials.resolve("trial"));
    try {
      if (isolation == Isolation.USER_NAMESPACES || Accounts.owner(scripts) != 0) {
        return;
      }
      Files.createDirectories(trials);
      trial.create();
      var account = new Accounts(trials, !hasNamespaces()).of("", trial);
      open(trial);
      if (succeeds(accountTrial(trial, account), trial)) {
        accounts = new Accounts(scripts.resolveSibling("containers"), !hasNamespaces());
      }
    } catch (IOException | UnsupportedOperationException e) {
      LOG.debug("users cannot be kept here reason={}", e.toString());
    } finally {
      ContainerProcesses.kill(trial);
      FileTrees.delete(trials);
    }
  }

  private List<String> accountTrial(ContainerDirectory directory, Account account)
      throws IOException {
    var home = hasNamespaces() ? "/home/vcap" : directory.home().toString();
    var command = new ArrayList<>(enter(directory));
    command.addAll(List.of("-c", "exec \"$@\"", "sh"));
    command.addAll(Accounts.trial(account, home, System.getProperty("java.home", "")));
    return command;
  }

  static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  private static final File NULL = new File("/dev/null");

  Isolation isolation() {
    return isolation;
  }

  @Override
  public boolean hasNamespaces() {
    return isolation != Isolation.PATH_REWRITING;
  }

  @Override
  public void open(ContainerDirectory directory) throws IOException {
    if (!hasNamespaces()) {
      return;
    }
    var known = accounts;
    if (known != null) {
      known.claim(directory);
    }
    var command = new ArrayList<>(List.of("unshare", "--mount", "--pid", "--fork"));
    if (isolation == Isolation.USER_NAMESPACES) {
      command.addAll(List.of("--user", "--map-root-user"));
    }
    command.addAll(List.of("/bin/sh", initScript.toString(), directory.path().toString()));
    open(directory, command);
  }

  /**
   * Starts the first process of a container's namespaces, unless there is one.
   *
   * @param init its command
   */
  static void open(ContainerDirectory directory, List<String> init) throws IOException {
    var known = ProcessIdentity.read(directory.init());
    Optional<Process> starting = Optional.empty();
    if (known.filter(ProcessIdentity::isAlive).isEmpty()) {
      Files.deleteIfExists(directory.ready());
      Files.deleteIfExists(directory.init());
      var command = new ArrayList<>(session());
      command.addAll(init);
      starting =
          Optional.of(builder(command, directory).redirectInput(Redirect.from(NULL)).start());
    }
    awaitReady(directory, starting);
  }

  private static void awaitReady(ContainerDirectory directory, Optional<Process> starting)
      throws IOException {
    long deadline = System.nanoTime() + OPEN_PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      var said =
          Files.exists(directory.ready())
              ? Files.readString(directory.ready(), StandardCharsets.UTF_8).strip()
              : "";
      if (said.equals("ready")) {
        return;
      }
      if (said.startsWith("failed") || hasFailed(starting)) {
        throw new IOException("namespaces cannot be made" + (said.isEmpty() ? "" : ": " + said));
      }
      LockSupport.parkNanos(Duration.ofMillis(3).toNanos());
    }
    throw new IOException("namespaces were not made within 10 seconds");
  }

  private static boolean hasFailed(Optional<Process> starting) {
    // One that an operator started that died since may have been first; then that one gets ready.
    return starting
        .filter(process -> !process.isAlive() && process.exitValue() != LOST_THE_RACE)
        .isPresent();
  }

  /** The beginning of a command that runs a shell in the container. */
  private List<String> enter(ContainerDirectory directory) throws IOException {
    if (!hasNamespaces()) {
      return List.of("/bin/sh");
    }
    var init = init(directory);
    var command = new ArrayList<>(List.of("nsenter", "--target", Long.toString(init.pid())));
    if (isolation == Isolation.USER_NAMESPACES) {
      command.addAll(List.of("--user", "--preserve-credentials"));
    }
    command.addAll(List.of("--mount", "--pid", "--root", "--wd", "/bin/sh"));
    return command;
  }

  static ProcessIdentity init(ContainerDirectory directory) throws IOException {
    return ProcessIdentity.read(directory.init())
        .orElseThrow(() -> new IOException("the container has no namespaces"));
  }

  @Override
  public Process watch(ContainerDirectory directory, Path run, String user) throws IOException {
    var shell = new ArrayList<>(enter(directory));
    shell.add("-s");
    return watch(directory, run, runScript, shell);
  }

  /**
   * @param shell reads a script from its input, inside the container
   */
  static Process watch(ContainerDirectory directory, Path run, Path runScript, List<String> shell)
      throws IOException {
    var command = new ArrayList<>(session());
    command.addAll(List.of("/bin/sh", runScript.toString(), run.toString()));
    command.addAll(shell);
    return builder(command, directory).redirectInput(Redirect.from(NULL)).start();
  }

  @Override
  public Map<String, String> environment(Program program) {
    var all = new LinkedHashMap<String, String>();
    var javaHome = System.getProperty("java.home", "");
    all.put("PATH", javaHome.isEmpty() ? PATH : javaHome + "/bin:" + PATH);
    if (!javaHome.isEmpty()) {
      all.put("JAVA_HOME", javaHome);
    }
    all.put("HOME", "/home/vcap");
    all.put("USER", accounts == null || program.user().isEmpty() ? "vcap" : program.user());
    all.put("LANG", "C.UTF-8");
    return all;
  }

  @Override
  public ProgramScript.Shell shell() {
    return ProgramScript.Shell.OF_THE_MACHINE;
  }

  @Override
  public List<Path> controlGroups(ContainerDirectory directory, List<Path> joining) {
    return joining;
  }

  @Override
  public Optional<Account> account(ContainerDirectory directory, String user) throws IOException {
    var known = accounts;
    return known == null ? Optional.empty() : Optional.of(known.of(user, directory));
  }

  /** A session of its own: Ctrl-C in the operator's terminal is not meant for programs. */
  private static List<String> session() {
    return Files.isExecutable(SETSID) ? List.of(SETSID.toString()) : List.of();
  }

  static ProcessBuilder builder(List<String> command, ContainerDirectory directory) {
    var builder =
        new ProcessBuilder(command)
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD)
            .directory(directory.path().toFile());
    var environment = builder.environment();
    environment.clear();
    environment.put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    environment.put(ContainerProcesses.WATCHER_MARK, directory.path().toString());
    return builder;
  }
}
