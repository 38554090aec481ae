package dev.ccbridge.receptor.backend.pod.cell;

import dev.ccbridge.executor.ActionExecutor;
import dev.ccbridge.executor.ArchiveLimits;
import dev.ccbridge.executor.Cancellation;
import dev.ccbridge.executor.ExecutorConfig;
import dev.ccbridge.executor.InstanceExecutor;
import dev.ccbridge.executor.Journal;
import dev.ccbridge.executor.Outcome;
import dev.ccbridge.executor.ProgramEnvironment;
import dev.ccbridge.executor.ResultFile;
import dev.ccbridge.executor.Sandbox.Program;
import dev.ccbridge.executor.Scope;
import dev.ccbridge.executor.StepRecorder;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.PortMapping;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Performs the actions of one container, then ends; its end is the container's. SIGTERM cancels
 * them, and it is still the outcome that ends the program. Where the container is for one program
 * alone, it becomes that one.
 *
 * <p>Arguments: none for a task; for an instance of an LRP its guid and its index.
 */
public final class CellProgram {
  private static final String RUN_FAILED = "failed to run container";
  private static final long CACHE_BYTES = 1;
  private static final Path TERMINATION_MESSAGE = Path.of("/dev/termination-log");
  private static final Duration KILL_GRACE = Duration.ofSeconds(3);

  /** The operator serves lifecycles and takes droplets itself, and may be being started again. */
  private static final Duration AWAY_PATIENCE = Duration.ofSeconds(30);

  private static final Duration DEATH_PAUSE = Duration.ofMillis(20);

  private final CellSpec spec;
  private final boolean isTask;
  private final CellLog log;
  private final CellSandbox sandbox;
  private final ActionExecutor actions;
  private final Clock clock = Clock.systemUTC();
  private final Cancellation cancellation = new Cancellation();
  private final AtomicBoolean hasRun = new AtomicBoolean();
  private final CountDownLatch reported = new CountDownLatch(1);
  private volatile @Nullable Instant stoppedAt;
  private volatile @Nullable StepRecorder steps;

  private CellProgram(CellSpec spec, boolean isTask, CellSandbox sandbox, CellLog log)
      throws IOException {
    this.spec = spec;
    this.isTask = isTask;
    this.log = log;
    this.sandbox = sandbox;
    Files.createDirectories(sandbox.scratch());
    this.actions = new ActionExecutor(executorConfig(spec), clock);
  }

  private static Optional<ProgramEnvironment.Instance> instance(String[] arguments) {
    return arguments.length == 0
        ? Optional.empty()
        : Optional.of(
            new ProgramEnvironment.Instance(arguments[0], Integer.parseInt(arguments[1])));
  }

  private static CellSandbox sandbox(
      CellSpec spec,
      Optional<ProgramEnvironment.Instance> instance,
      Map<String, String> given,
      CellLog log) {
    var address = given.getOrDefault(CellPaths.ADDRESS_VARIABLE, "");
    var ports = spec.ports().stream().map(port -> new PortMapping(port, port)).toList();
    var environment = new ProgramEnvironment(instance, spec.env(), address, ports);
    return new CellSandbox(environment, given, log, Clock.systemUTC());
  }

  /** A download is kept for nobody; loopback is the container's own. */
  private static ExecutorConfig executorConfig(CellSpec spec) {
    var directory = Path.of(CellPaths.WORK, "executor");
    var defaults = ExecutorConfig.defaults(directory);
    return new ExecutorConfig(
        directory,
        CACHE_BYTES,
        defaults.allowLoopback(),
        spec.timing().stopGrace(),
        KILL_GRACE,
        defaults.retryPause(),
        AWAY_PATIENCE,
        defaults.stallTimeout(),
        ArchiveLimits.DEFAULT);
  }

  public static void main(String[] arguments) throws IOException {
    var log = new CellLog(new FileOutputStream(FileDescriptor.out));
    var spec = CellSpec.read(Path.of(CellPaths.SPEC));
    var instance = instance(arguments);
    var sandbox = sandbox(spec, instance, System.getenv(), log);
    if (spec.part() == CellSpec.Part.PROGRAM) {
      var run = (Action.Run) spec.action();
      Runtime.getRuntime().halt(sandbox.become(Program.of(run, spec.logSource())));
    }
    var program = new CellProgram(spec, instance.isEmpty(), sandbox, log);
    Runtime.getRuntime().addShutdownHook(new Thread(program::stop));
    var report = program.perform();
    Files.writeString(TERMINATION_MESSAGE, report.toMessage());
    program.reported.countDown();
    // Not exit(), which waits for hooks; ours waits for the report, which is there.
    Runtime.getRuntime().halt(report.failed() ? 1 : 0);
  }

  /** Runs in the shutdown hook that SIGTERM starts; the program goes on until its report is out. */
  private void stop() {
    stoppedAt = clock.instant();
    cancellation.cancel();
    try {
      reported.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private CellReport perform() {
    try {
      if (spec.part() == CellSpec.Part.SETUP) {
        return performSetup();
      }
      return isTask ? performTask() : performInstance();
    } catch (RuntimeException e) {
      var text = "an action broke: " + e.getClass().getSimpleName();
      log.append("broken", spec.logSource(), true, text);
      return CellReport.failed(RUN_FAILED, hasRun.get());
    }
  }

  private CellReport performTask() {
    var recorder = new StepRecorder(spec.action(), "0", this::tellSteps);
    steps = recorder;
    var outcome = actions.perform(spec.action(), "0", scope(Journal.inMemory(), recorder));
    endOthers();
    var report = report(outcome);
    recorder.ended(nanos());
    return report;
  }

  private void tellSteps() {
    var known = steps;
    if (known != null) {
      log.write(new CellLine.Steps(known.steps()));
    }
  }

  private CellReport report(Outcome outcome) {
    if (outcome.isFailed()) {
      return CellReport.failed(outcome.reason(), false);
    }
    var result = ResultFile.read(sandbox, spec.resultFile());
    if (result.isEmpty()) {
      return CellReport.failed(ResultFile.FAILED, false);
    }
    var report = CellReport.succeeded(result.get(), false);
    if (!report.fits()) {
      log.write(new CellLine.Result(result.get()));
    }
    return report;
  }

  private CellReport performSetup() {
    var outcome =
        actions.perform(spec.setup(), "setup", scope(Journal.inMemory(), StepRecorder.none()));
    endOthers();
    return outcome.isFailed()
        ? CellReport.failed(outcome.reason(), false)
        : CellReport.succeeded("", false);
  }

  private CellReport performInstance() {
    var timing = spec.timing();
    var executor =
        new InstanceExecutor(actions, timing.unhealthyInterval(), timing.healthyInterval(), clock);
    var startTimeout =
        spec.startTimeoutSeconds() > 0
            ? Optional.of(Duration.ofSeconds(spec.startTimeoutSeconds()))
            : Optional.<Duration>empty();
    var instance =
        new InstanceExecutor.Instance(spec.setup(), spec.action(), spec.monitor(), startTimeout);
    var outcome =
        executor.perform(
            instance, scope(Journal.inMemory(), StepRecorder.none()), this::becomeReady);
    endOthers();
    return outcome.isFailed()
        ? CellReport.failed(outcome.reason(), hasRun.get())
        : CellReport.succeeded("", hasRun.get());
  }

  private Scope scope(Journal journal, StepRecorder recorder) {
    return new Scope(sandbox, log, journal, recorder, spec.logSource(), cancellation);
  }

  /** From now on the kubelet's readiness probe gets through. */
  private void becomeReady() {
    hasRun.set(true);
    Thread.ofPlatform().daemon().name("ready").start(this::takeProbes);
  }

  private void takeProbes() {
    try (var server = new ServerSocket(spec.readyPort())) {
      while (true) {
        server.accept().close();
      }
    } catch (IOException e) {
      log.append("ready", spec.logSource(), true, "cannot tell that the instance runs");
    }
  }

  /**
   * What the actions have left behind dies with this program, the first of its container. On a stop
   * it is asked before.
   */
  private void endOthers() {
    var stopped = stoppedAt;
    if (stopped == null) {
      return;
    }
    var others =
        ProcessHandle.allProcesses().filter(p -> p.pid() != ProcessHandle.current().pid()).toList();
    others.forEach(ProcessHandle::destroy);
    var deadline = stopped.plus(spec.timing().stopGrace());
    while (others.stream().anyMatch(CellProgram::isRunning)
        && clock.instant().isBefore(deadline)
        && pause()) {
      // Until they are gone, or time is up.
    }
  }

  /** One that has ended and whose end nobody looks at does not count. */
  private static boolean isRunning(ProcessHandle process) {
    try {
      var stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
      return !stat.substring(stat.lastIndexOf(')') + 1).startsWith(" Z");
    } catch (IOException isGone) {
      return false;
    }
  }

  private static boolean pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(DEATH_PAUSE.toMillis());
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private long nanos() {
    var now = clock.instant();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }
}
