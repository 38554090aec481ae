package dev.ccbridge.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.receptor.model.Action;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an action tree does when an earlier life has done a part of it, and when it is stopped. */
@Timeout(20)
class ActionExecutorTest {
  private static final long NOW = ActionExecutor.nanos(Clock.systemUTC().instant());
  private static final long HOUR = Duration.ofHours(1).toNanos();

  @TempDir private Path directory;
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Cancellation cancellation = new Cancellation();
  private FakeSandbox sandbox;
  private FileJournal journal;
  private ActionExecutor executor;

  @BeforeEach
  void open() throws IOException {
    sandbox = new FakeSandbox(directory);
    journal = FileJournal.open(directory.resolve("journal"));
    var defaults = ExecutorConfig.defaults(directory.resolve("downloads"));
    executor =
        new ActionExecutor(
            new ExecutorConfig(
                defaults.directory(),
                defaults.cacheBytes(),
                false,
                Duration.ofMillis(20),
                Duration.ofMillis(20),
                Duration.ofMillis(1),
                Duration.ZERO,
                Duration.ofSeconds(30),
                defaults.limits()),
            Clock.systemUTC());
  }

  @AfterEach
  void close() throws IOException {
    journal.close();
  }

  private static Action.Run program() {
    return Action.run("vcap", "/bin/true", List.of(), List.of(), null, "");
  }

  private Scope scope() {
    return new Scope(
        sandbox,
        (key, source, stderr, text) -> lines.add(text),
        journal,
        StepRecorder.none(),
        "CELL",
        cancellation);
  }

  private Outcome perform(Action action) {
    return executor.perform(action, "0", scope());
  }

  private CompletableFuture<Outcome> begin(Action action) {
    return CompletableFuture.supplyAsync(() -> perform(action), Thread::startVirtualThread);
  }

  @Test
  void finishedLeavesAreNotRepeated() {
    journal.started("0.0", NOW);
    journal.finished("0.0", Outcome.succeeded(NOW));
    sandbox.found("0.1").endedBefore(3, NOW);

    var outcome = perform(Action.serial(List.of(program(), program(), program())));

    assertThat(outcome.reason()).isEqualTo("Exited with status 3");
    assertThat(sandbox.started).isEmpty();
  }

  @Test
  void finishedFailureStillStopsItsSiblings() {
    journal.started("0.0", NOW);
    journal.finished("0.0", Outcome.failed("Exited with status 3", "", NOW));
    journal.started("0.1", NOW);
    var sibling = sandbox.found("0.1");

    var outcome = perform(Action.codependent(List.of(program(), program())));

    assertThat(outcome.reason())
        .isEqualTo("2 error(s) occurred:\n\n* Exited with status 3\n* cancelled");
    assertThat(sibling.asked).isTrue();
  }

  @Test
  void deadlineHoldsWhileNobodyWatched() {
    journal.deadline("0", NOW - HOUR);
    journal.started("0.0", NOW - 2 * HOUR);
    var running = sandbox.found("0.0");

    var outcome = perform(Action.timeout(Duration.ofMinutes(15).toNanos(), program()));

    assertThat(outcome.reason()).isEqualTo("exceeded 15m0s timeout");
    assertThat(running.asked).isTrue();
  }

  @Test
  void whatEndedBeforeItsDeadlineWasInTime() {
    journal.deadline("0", NOW - HOUR);
    journal.started("0.0", NOW - 3 * HOUR);
    sandbox.found("0.0").endedBefore(0, NOW - 2 * HOUR);

    assertThat(perform(Action.timeout(1, program())).isFailed()).isFalse();
  }

  @Test
  void timeoutRepeatsWhatIsMeantForUsers() {
    journal.deadline("0", NOW - HOUR);
    journal.started("0.0", NOW - 3 * HOUR);
    sandbox.found("0.0").endedBefore(3, NOW);

    assertThat(perform(Action.timeout(1_000_000_000, program())).reason())
        .isEqualTo("exceeded 1s timeout; Exited with status 3");
  }

  @Test
  void programWithoutAnEndLosesTheContainer() {
    sandbox.found("0.0").exit.complete(new Sandbox.Exit.Lost());

    assertThatThrownBy(() -> perform(Action.tolerate(program())))
        .isInstanceOf(ContainerLostException.class)
        .hasMessage("cell disappeared before completion");
  }

  @Test
  void lostProgramStopsWhatRunsBesideIt() {
    sandbox.found("0.0").exit.complete(new Sandbox.Exit.Lost());

    assertThatThrownBy(() -> perform(Action.parallel(List.of(program(), program()))))
        .isInstanceOf(ContainerLostException.class);
  }

  @Test
  void abandonedActionIsNeitherFinishedNorStopped() {
    var running = begin(program());
    await().until(() -> !sandbox.started.isEmpty());

    cancellation.abandon();

    assertThatThrownBy(running::join)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(AbandonedException.class);
    assertThat(sandbox.found("0").asked).isFalse();
    assertThat(journal.find("0").orElseThrow().outcome()).isNull();
  }

  @Test
  void programThatCannotBeKilledIsGivenUp() throws Exception {
    var running = begin(program());
    await().until(() -> !sandbox.started.isEmpty());
    sandbox.found("0").deaf = true;

    cancellation.cancel();

    assertThat(running.get(10, TimeUnit.SECONDS).reason()).isEqualTo("process did not exit");
  }

  @Test
  void nothingIsStartedOnceCancelled() {
    cancellation.cancel();

    assertThat(perform(Action.serial(List.of(program()))).reason()).isEqualTo("cancelled");
    assertThat(sandbox.started).isEmpty();
  }

  @Test
  void programThatEndsWithSuccessThoughToldToStopIsCancelled() throws Exception {
    var running = begin(program());
    await().until(() -> !sandbox.started.isEmpty());
    sandbox.found("0").statusWhenAsked = 0;

    cancellation.cancel();

    assertThat(running.get(10, TimeUnit.SECONDS).reason()).isEqualTo("cancelled");
    assertThat(lines).containsExactly("Exit status 0");
  }

  @Test
  void outOfMemoryIsSaid() {
    sandbox.found("0").exit.complete(new Sandbox.Exit.Ended(137, true, NOW));

    assertThat(perform(program()).reason()).isEqualTo("Exited with status 137 (out of memory)");
  }
}
