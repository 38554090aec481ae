package dev.ccbridge.receptor.backend.process;

import dev.ccbridge.executor.FileTrees;
import dev.ccbridge.executor.PortTranslation;
import dev.ccbridge.executor.ProgramEnvironment;
import dev.ccbridge.executor.Sandbox;
import dev.ccbridge.executor.SandboxException;
import dev.ccbridge.receptor.backend.image.ImageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A container as actions see it. Thread-safe. */
final class ContainerSandbox implements Sandbox {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerSandbox.class);
  private static final String FAILED = "failed to run container";

  private final ContainerDirectory directory;
  private final boolean isTask;
  private final boolean isPrivileged;
  private final Enclosure enclosure;
  private final ContainerPaths paths;
  private final ProgramEnvironment environment;
  private final PortTranslation ports;
  private final List<Path> controlGroups;
  private final int maxProcesses;
  private final ContainerLog log;
  private final Clock clock;
  private boolean closed;
  private final Queue<RunningProgram> watched = new ConcurrentLinkedQueue<>();

  ContainerSandbox(
      ContainerDirectory directory,
      boolean isTask,
      boolean isPrivileged,
      Enclosure enclosure,
      ProgramEnvironment environment,
      PortTranslation ports,
      List<Path> controlGroups,
      int maxProcesses,
      ContainerLog log,
      Clock clock) {
    this.isTask = isTask;
    this.isPrivileged = isPrivileged;
    this.controlGroups = controlGroups;
    this.maxProcesses = maxProcesses;
    this.directory = directory;
    this.enclosure = enclosure;
    this.paths = new ContainerPaths(directory);
    this.environment = environment;
    this.ports = ports;
    this.log = log;
    this.clock = clock;
  }

  @Override
  public Execution start(String id, Program program) {
    var run = directory.run(ContainerDirectory.checked("id of a run", id.replace('.', '_')));
    var tails =
        List.of(
            new OutputTail(run.resolve("out"), id + "/out", program.logSource(), false, log),
            new OutputTail(run.resolve("err"), id + "/err", program.logSource(), true, log));
    try {
      var running = startOrFind(run, program, tails);
      watched.removeIf(other -> other.exit().isDone());
      watched.add(running);
      running.exit().whenComplete((exit, error) -> tidy(run));
      return running;
    } catch (ImageException e) {
      throw new SandboxException(e.message(), e);
    } catch (IOException e) {
      LOG.warn("a program cannot be started error={}", e.toString());
      throw new SandboxException(FAILED, e);
    }
  }

  /**
   * Of two watchers for one run only one starts the program, so a watcher may be started again when
   * it is not known whether it was. After a restart of the machine it cannot be known whether the
   * program was; then it is not.
   */
  private RunningProgram startOrFind(Path run, Program program, List<OutputTail> tails)
      throws IOException {
    var intent = run.resolve("intent");
    boolean isNew = !Files.exists(intent);
    if (isNew) {
      Files.createDirectories(run);
      var account = enclosure.account(directory, program.user());
      if (account.isPresent()) {
        makeOutputs(run, account.get());
      }
      writeScript(run.resolve("script"), program, account);
      writeIntent(run, intent);
    }
    boolean begun = Files.exists(run.resolve("token"));
    if (!begun && !isNew && !Files.readString(intent).equals(ProcFs.bootId())) {
      markLost(run);
      begun = true;
    }
    if (begun) {
      return RunningProgram.found(run, directory, enclosure.hasNamespaces(), tails, clock);
    }
    return RunningProgram.started(
        watch(run, program.user()), run, directory, enclosure.hasNamespaces(), tails, clock);
  }

  /** Programs may open their own output once more, as {@code /dev/stdout}. */
  private static void makeOutputs(Path run, Account account) throws IOException {
    for (var name : List.of("out", "err")) {
      var file = run.resolve(name);
      Files.deleteIfExists(file);
      Files.createFile(file);
      Accounts.give(file, account.uid(), account.gid());
    }
  }

  /**
   * The one thing that has to be on the disk before a task's program is started, with all on the
   * way to it: whatever came before can be done again. What an instance does is never gone on with.
   */
  private void writeIntent(Path run, Path intent) throws IOException {
    if (isTask) {
      ContainerDirectory.writeDurably(intent, ProcFs.bootId().getBytes(StandardCharsets.UTF_8));
      directory.sync(run);
    } else {
      Files.writeString(intent, ProcFs.bootId());
    }
  }

  /** Nothing is started once the container is closed. */
  private synchronized Process watch(Path run, String user) throws IOException {
    openNamespaces();
    return enclosure.watch(directory, run, user);
  }

  /** Marks a run as begun by a watcher that is no more. */
  private static void markLost(Path run) throws IOException {
    ContainerDirectory.writeDurably(
        run.resolve("token"), "0 (lost) X".getBytes(StandardCharsets.US_ASCII));
  }

  private synchronized void openNamespaces() throws IOException {
    if (closed) {
      throw new IOException("the container is at its end");
    }
    enclosure.open(directory);
  }

  /** Makes the namespaces while downloads are under way, so that no program has to wait. */
  void prepare() {
    Thread.startVirtualThread(
        () -> {
          try {
            openNamespaces();
          } catch (IOException e) {
            // The first program meets the same, and says so.
            LOG.debug("namespaces were not made beforehand error={}", e.toString());
          }
        });
  }

  private void writeScript(Path file, Program program, Optional<Account> account)
      throws IOException {
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    var dir = program.dir().isEmpty() ? "/home/vcap" : program.dir();
    Files.writeString(
        file,
        ProgramScript.of(
            seen(program.path()),
            program.args().stream().map(ports::argument).map(this::seen).toList(),
            seen(dir.startsWith("/") ? dir : "/home/vcap/" + dir),
            environment(program, account),
            confines(program, account),
            enclosure.shell()));
  }

  /** A user of the container's own has no other processes, so they can be counted by the user. */
  private ProgramScript.Confines confines(Program program, Optional<Account> account) {
    boolean isCounted = account.isPresent() && Accounts.number(directory) == account.get().uid();
    return new ProgramScript.Confines(
        program.nofile(),
        enclosure.controlGroups(directory, controlGroups),
        isCounted ? maxProcesses : 0,
        account.map(known -> known.command(isPrivileged)).orElse(List.of()));
  }

  private Map<String, String> environment(Program program, Optional<Account> account) {
    var base = new LinkedHashMap<>(enclosure.environment(program));
    account.ifPresent(known -> base.put("HOME", known.home()));
    var all = new LinkedHashMap<>(environment.with(base, program.env()));
    if (!enclosure.hasNamespaces()) {
      all.replaceAll((name, value) -> paths.rewrite(value));
      all.putIfAbsent("TMPDIR", directory.tmp().toString());
    }
    all.put(ContainerProcesses.PROGRAM_MARK, directory.path().toString());
    return all;
  }

  /** A text as the program is to see it. */
  private String seen(String text) {
    return enclosure.hasNamespaces() ? text : paths.rewrite(text);
  }

  /**
   * The environment in a script may hold secrets, which need not lie around; and an instance is
   * checked for as long as it lives, of which nothing need stay.
   */
  private void tidy(Path run) {
    try {
      FileTrees.delete(isTask ? run.resolve("script") : run);
    } catch (IOException e) {
      LOG.warn("files of a program were left behind error={}", e.getClass().getSimpleName());
    }
  }

  @Override
  public Path resolve(String path) {
    return paths.resolve(path);
  }

  @Override
  public void give(Path tree, String user) throws IOException {
    var account = enclosure.account(directory, user);
    if (account.isPresent()) {
      Accounts.give(tree, account.get().uid(), account.get().gid());
    }
  }

  @Override
  public boolean mayRead(Path file, String user) throws IOException {
    var account = enclosure.account(directory, user);
    if (account.isEmpty()) {
      return true;
    }
    var root = file.startsWith(directory.tmp()) ? directory.tmp() : directory.home();
    return Accounts.mayRead(account.get(), root, file);
  }

  @Override
  public Path scratch() {
    return directory.scratch();
  }

  /** From now on nothing is started. */
  synchronized void close() {
    closed = true;
  }

  /** Starts and watches nothing any more; programs run on. */
  void detach() {
    close();
    watched.forEach(RunningProgram::detach);
  }
}
