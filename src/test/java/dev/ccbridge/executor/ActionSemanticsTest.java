package dev.ccbridge.executor;

import static dev.ccbridge.receptor.model.Action.codependent;
import static dev.ccbridge.receptor.model.Action.emitProgress;
import static dev.ccbridge.receptor.model.Action.parallel;
import static dev.ccbridge.receptor.model.Action.serial;
import static dev.ccbridge.receptor.model.Action.timeout;
import static dev.ccbridge.receptor.model.Action.tolerate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.receptor.model.Action;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What each action means, fails with and prints: one row for each statement of the protocol. */
@Timeout(20)
class ActionSemanticsTest {
  private static final long QUARTER = Duration.ofMinutes(15).toNanos();

  @TempDir private Path directory;
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Cancellation cancellation = new Cancellation();
  private FakeSandbox sandbox;
  private ActionExecutor executor;

  @BeforeEach
  void open() throws IOException {
    sandbox = new FakeSandbox(directory);
    var defaults = ExecutorConfig.defaults(directory.resolve("downloads"));
    executor = new ActionExecutor(defaults, Clock.systemUTC());
  }

  /**
   * @param ends of the programs, in the order in which they end: {@code path=status}
   * @param reason the failure; empty: none
   * @param lines what is printed, in order: source, stream and text
   */
  record Case(String name, Action action, List<String> ends, String reason, List<String> lines) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case of(
      String name, Action action, List<String> ends, String reason, String... lines) {
    return new Case(name, action, ends, reason, List.of(lines));
  }

  private static Action.Run run() {
    return run("");
  }

  private static Action.Run run(String source) {
    return Action.run("vcap", "/bin/x", List.of(), List.of(), null, source);
  }

  static Stream<Case> finished() {
    return Stream.of(
        of("run: 0 is success", run(), List.of("0=0"), "", "CELL out Exit status 0"),
        of(
            "run: any other status fails",
            run(),
            List.of("0=3"),
            "Exited with status 3",
            "CELL out Exit status 3"),
        of(
            "run: a signal is 128 and its number",
            run(),
            List.of("0=139"),
            "Exited with status 139",
            "CELL out Exit status 139"),
        of("run: source of its own", run("RUN"), List.of("0=0"), "", "RUN out Exit status 0"),
        of(
            "timeout: in time, the inner failure",
            timeout(QUARTER, run()),
            List.of("0.0=9"),
            "Exited with status 9",
            "CELL out Exit status 9"),
        of(
            "timeout: its source counts inside",
            new Action.Timeout(run(), QUARTER, "TIM"),
            List.of("0.0=0"),
            "",
            "TIM out Exit status 0"),
        of(
            "emit_progress: start and success",
            emitProgress("start", "good", "bad", run()),
            List.of("0.0=0"),
            "",
            "CELL out start",
            "CELL out Exit status 0",
            "CELL out good"),
        of(
            "emit_progress: a failure meant for users follows the prefix",
            emitProgress("", "good", "bad", run()),
            List.of("0.0=4"),
            "Exited with status 4",
            "CELL out Exit status 4",
            "CELL err bad: Exited with status 4"),
        of(
            "emit_progress: of others the prefix alone",
            emitProgress("", "good", "bad", parallel(List.of(run()))),
            List.of("0.0.0=4"),
            "1 error(s) occurred:\n\n* Exited with status 4",
            "CELL out Exit status 4",
            "CELL err bad"),
        of(
            "emit_progress: empty messages print nothing",
            emitProgress("", "", "", run()),
            List.of("0.0=4"),
            "Exited with status 4",
            "CELL out Exit status 4"),
        of(
            "emit_progress: its source is for its messages only",
            new Action.EmitProgress(run(), "start", "good", "", "EMI"),
            List.of("0.0=0"),
            "",
            "EMI out start",
            "CELL out Exit status 0",
            "EMI out good"),
        of(
            "try: a failure is none",
            tolerate(run()),
            List.of("0.0=1"),
            "",
            "CELL out Exit status 1"),
        of(
            "try: its source counts inside",
            new Action.Try(run(), "TRY"),
            List.of("0.0=0"),
            "",
            "TRY out Exit status 0"),
        of(
            "serial: goes on until the first failure",
            serial(List.of(run(), run(), run())),
            List.of("0.0=0", "0.1=2"),
            "Exited with status 2",
            "CELL out Exit status 0",
            "CELL out Exit status 2"),
        of(
            "serial: its source counts for nothing",
            new Action.Serial(List.of(run()), "SER"),
            List.of("0.0=0"),
            "",
            "CELL out Exit status 0"),
        of(
            "serial: goes on behind a try",
            serial(List.of(tolerate(run()), run())),
            List.of("0.0.0=1", "0.1=0"),
            "",
            "CELL out Exit status 1",
            "CELL out Exit status 0"),
        of(
            "parallel: all succeed",
            parallel(List.of(run("A"), run("B"))),
            List.of("0.0=0", "0.1=0"),
            "",
            "A out Exit status 0",
            "B out Exit status 0"),
        of(
            "parallel: one failure is aggregated, too",
            parallel(List.of(run("A"), run("B"))),
            List.of("0.0=0", "0.1=4"),
            "1 error(s) occurred:\n\n* Exited with status 4",
            "A out Exit status 0",
            "B out Exit status 4"),
        of(
            "parallel: failures in the order of their arrival",
            parallel(List.of(run("A"), run("B"))),
            List.of("0.1=5", "0.0=4"),
            "2 error(s) occurred:\n\n* Exited with status 5\n* Exited with status 4",
            "B out Exit status 5",
            "A out Exit status 4"),
        of(
            "parallel: aggregates stay nested",
            parallel(List.of(parallel(List.of(run("A"))), run("B"))),
            List.of("0.0.0=4", "0.1=5"),
            "2 error(s) occurred:\n\n* 1 error(s) occurred:\n\n* Exited with status 4\n"
                + "* Exited with status 5",
            "A out Exit status 4",
            "B out Exit status 5"),
        of(
            "parallel: its source counts inside",
            new Action.Parallel(List.of(run()), "PAR"),
            List.of("0.0=0"),
            "",
            "PAR out Exit status 0"),
        of(
            "codependent: fails also when its action succeeds",
            codependent(List.of(run())),
            List.of("0.0=0"),
            "1 error(s) occurred:\n\n* Codependent step exited",
            "CELL out Exit status 0"),
        of(
            "codependent: the first that ends cancels the others",
            codependent(List.of(run("A"), run("B"))),
            List.of("0.1=6"),
            "2 error(s) occurred:\n\n* Exited with status 6\n* cancelled",
            "B out Exit status 6",
            "A out Exit status 143"),
        of(
            "codependent: its source counts inside",
            new Action.Codependent(List.of(run()), "COD"),
            List.of("0.0=1"),
            "1 error(s) occurred:\n\n* Exited with status 1",
            "COD out Exit status 1"));
  }

  @ParameterizedTest
  @MethodSource
  void finished(Case row) throws Exception {
    var outcome = begin(row.action());
    for (var end : row.ends()) {
      var parts = end.split("=");
      await().until(() -> sandbox.isStarted(parts[0]));
      int printed = lines.size();
      long at = ActionExecutor.nanos(Clock.systemUTC().instant());
      var status = Integer.parseInt(parts[1]);
      sandbox.found(parts[0]).exit.complete(new Sandbox.Exit.Ended(status, false, at));
      await().until(() -> lines.size() > printed);
    }

    assertThat(outcome.get(10, TimeUnit.SECONDS).reason()).isEqualTo(row.reason());
    assertThat(lines).containsExactlyElementsOf(row.lines());
  }

  static Stream<Case> cancelled() {
    var exit = "CELL out Exit status 143";
    return Stream.of(
        of("run", run(), List.of("0"), "cancelled", exit),
        of("serial", serial(List.of(run(), run())), List.of("0.0"), "cancelled", exit),
        of("timeout", timeout(QUARTER, run()), List.of("0.0"), "cancelled", exit),
        of("try", tolerate(run()), List.of("0.0"), "", exit),
        of(
            "emit_progress",
            emitProgress("start", "good", "bad", run()),
            List.of("0.0"),
            "cancelled",
            "CELL out start",
            exit,
            "CELL err bad"),
        of(
            "parallel",
            parallel(List.of(run(), run())),
            List.of("0.0", "0.1"),
            "2 error(s) occurred:\n\n* cancelled\n* cancelled",
            exit,
            exit),
        of(
            "codependent",
            codependent(List.of(run(), run())),
            List.of("0.0", "0.1"),
            "2 error(s) occurred:\n\n* cancelled\n* cancelled",
            exit,
            exit));
  }

  @ParameterizedTest
  @MethodSource
  void cancelled(Case row) throws Exception {
    var outcome = begin(row.action());
    await().until(() -> row.ends().stream().allMatch(sandbox::isStarted));

    cancellation.cancel();

    assertThat(outcome.get(10, TimeUnit.SECONDS).reason()).isEqualTo(row.reason());
    assertThat(lines).containsExactlyElementsOf(row.lines());
  }

  private CompletableFuture<Outcome> begin(Action action) {
    var scope =
        new Scope(
            sandbox,
            (key, source, stderr, text) -> lines.add(source + (stderr ? " err " : " out ") + text),
            Journal.inMemory(),
            StepRecorder.none(),
            "CELL",
            cancellation);
    return CompletableFuture.supplyAsync(
        () -> executor.perform(action, "0", scope), Thread::startVirtualThread);
  }
}
