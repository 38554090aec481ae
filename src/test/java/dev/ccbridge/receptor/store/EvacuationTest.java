package dev.ccbridge.receptor.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.receptor.EventSource;
import dev.ccbridge.receptor.Requests;
import dev.ccbridge.receptor.backend.FakeBackend;
import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.DesiredLRPUpdateRequest;
import dev.ccbridge.receptor.model.ReceptorEvent.ActualLRPChanged;
import dev.ccbridge.receptor.model.ReceptorEvent.ActualLRPCreated;
import dev.ccbridge.receptor.model.ReceptorEvent.ActualLRPRemoved;
import dev.ccbridge.receptor.model.TaskState;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An instance whose cell is to be emptied stays until another takes its place. */
@Timeout(60)
class EvacuationTest {
  private static final Duration TIMEOUT = Duration.ofMinutes(10);
  private static final String OTHER = "other-cell";

  @TempDir private Path directory;
  private StoreScenario scenario;

  @BeforeEach
  void start() {
    scenario = new StoreScenario(directory.resolve("receptor.db"));
  }

  @AfterEach
  void close() {
    scenario.close();
  }

  private ActualLRPResponse told() {
    return scenario.instance("web", 0);
  }

  private String evacuate() {
    return scenario.backend.evacuate("web", 0, OTHER);
  }

  /** The guid of the copy, while its replacement is CLAIMED on the other cell. */
  private String evacuateRunning() {
    scenario.runLRP("web", 1);
    var left = evacuate();
    scenario.awaitContainer("web", 0);
    return left;
  }

  @Test
  void tellsOfTheCopyUntilTheReplacementRuns() {
    var left = evacuateRunning();
    assertThat(told().evacuating()).isTrue();
    assertThat(told().state()).isEqualTo(ActualLRPState.RUNNING);
    assertThat(told().instanceGuid()).isEqualTo(left);
    assertThat(told().cellId()).isEqualTo(FakeBackend.CELL);
    assertThat(told().address()).isEqualTo(FakeBackend.ADDRESS);
    assertThat(scenario.backend.isRunning(left)).isTrue();

    scenario.backend.becomeHealthy("web", 0);
    assertThat(told().evacuating()).isFalse();
    assertThat(told().state()).isEqualTo(ActualLRPState.RUNNING);
    assertThat(told().cellId()).isEqualTo(OTHER);
    assertThat(told().crashCount()).isZero();
    assertThat(scenario.backend.stops()).containsExactly(left);
    assertThat(scenario.backend.isRunning(left)).isFalse();
  }

  @Test
  void tellsEachRecordsEvents() throws Exception {
    try (var events = scenario.store.subscribeToEvents()) {
      scenario.runLRP("web", 1);
      var running = told();
      while (!(events.next() instanceof ActualLRPChanged changed
          && changed.after().equals(running))) {}
      evacuate();
      var created = ((ActualLRPCreated) events.next()).actualLRP();
      assertThat(created.evacuating()).isTrue();
      assertThat(created.instanceGuid()).isEqualTo(running.instanceGuid());
      assertThat(created.modificationTag().index()).isOne();
      assertThat(created.modificationTag().epoch()).isNotEqualTo(running.modificationTag().epoch());

      assertChange(events, running, ActualLRPState.UNCLAIMED);
      scenario.awaitContainer("web", 0);
      assertChange(events, null, ActualLRPState.CLAIMED);
      scenario.backend.becomeHealthy("web", 0);
      var replacement = assertChange(events, null, ActualLRPState.RUNNING);
      assertThat(((ActualLRPRemoved) events.next()).actualLRP()).isEqualTo(created);

      // And on to a third cell, with the second's copy still there.
      scenario.backend.ignoreStops();
      evacuate();
      var second = ((ActualLRPCreated) events.next()).actualLRP();
      assertThat(second.instanceGuid()).isEqualTo(replacement.instanceGuid());
      assertThat(second.modificationTag().epoch()).isNotEqualTo(created.modificationTag().epoch());
    }
  }

  private static ActualLRPResponse assertChange(
      EventSource events, ActualLRPResponse before, ActualLRPState after)
      throws InterruptedException {
    var changed = (ActualLRPChanged) events.next();
    assertThat(changed.after().evacuating()).isFalse();
    assertThat(changed.after().state()).isEqualTo(after);
    if (before != null) {
      assertThat(changed.before()).isEqualTo(before);
    }
    return changed.after();
  }

  @Test
  void stopsTheCopyWhenTheTimeIsOver() {
    scenario.runLRP("web", 1);
    scenario.backend.refusePlacement("insufficient resources");
    var left = evacuate();
    scenario.time.advance(TIMEOUT.minusMillis(1));
    assertThat(told().evacuating()).isTrue();
    assertThat(told().placementError()).isEmpty();
    assertThat(scenario.backend.stops()).isEmpty();
    scenario.time.advance(Duration.ofMillis(1));
    assertThat(scenario.backend.stops()).containsExactly(left);
    assertThat(told().evacuating()).isFalse();
    assertThat(told().state()).isEqualTo(ActualLRPState.UNCLAIMED);
    await()
        .atMost(StoreScenario.SOON)
        .until(() -> told().placementError().equals("insufficient resources"));
  }

  @Test
  void anOldTimerDoesNotEndANewerCopy() {
    evacuateRunning();
    scenario.time.advance(Duration.ofMinutes(6));
    scenario.backend.becomeHealthy("web", 0);
    var left = evacuate();
    scenario.time.advance(Duration.ofMinutes(6));
    assertThat(told().instanceGuid()).isEqualTo(left);
    assertThat(told().evacuating()).isTrue();
    scenario.time.advance(Duration.ofMinutes(4));
    assertThat(told().evacuating()).isFalse();
  }

  @Test
  void aReplacementThatCrashesForNowEndsTheCopyAndOneThatStartsAgainDoesNot() {
    var left = evacuateRunning();
    for (var crash = 1; crash <= 2; crash++) {
      scenario.backend.crash("web", 0, "Exited with status 1");
      scenario.awaitContainer("web", 0);
      assertThat(told().instanceGuid()).isEqualTo(left);
    }
    assertThat(scenario.backend.stops()).isEmpty();
    scenario.backend.crash("web", 0, "Exited with status 1");
    assertThat(told().state()).isEqualTo(ActualLRPState.CRASHED);
    assertThat(told().crashCount()).isEqualTo(3);
    assertThat(scenario.backend.stops()).containsExactly(left);
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void aCopyThatEndsIsGoneAndNoCrash(boolean replaced) {
    var left = evacuateRunning();
    scenario.backend.ignoreStops();
    if (replaced) {
      scenario.backend.becomeHealthy("web", 0);
    }
    scenario.backend.fail(left, "Exited with status 1");
    assertThat(told().evacuating()).isFalse();
    assertThat(told().crashCount()).isZero();
    assertThat(told().state())
        .isEqualTo(replaced ? ActualLRPState.RUNNING : ActualLRPState.CLAIMED);
  }

  @Test
  void oneThatDoesNotRunYetIsStoppedAndPlacedElsewhere() {
    scenario.store.createDesiredLRP(Requests.lrp("web", 1));
    scenario.awaitContainer("web", 0);
    var left = evacuate();
    scenario.awaitContainer("web", 0);
    assertThat(scenario.backend.stops()).containsExactly(left);
    assertThat(told().evacuating()).isFalse();
    assertThat(told().cellId()).isEqualTo(OTHER);
    assertThat(told().crashCount()).isZero();
  }

  @Test
  void onlyInstancesThatRunOnAreMoved() {
    scenario.runTask("t", "");
    scenario.backend.reportEvacuating("t");
    scenario.backend.reportEvacuating("nobody");
    assertThat(scenario.task("t").state()).isEqualTo(TaskState.RUNNING);
    var left = evacuateRunning();
    scenario.backend.reportEvacuating(left);
    assertThat(told().modificationTag().index()).isOne();
    assertThat(scenario.backend.stops()).isEmpty();

    // Stopped already: it ends, and nothing takes its place.
    scenario.backend.ignoreStops();
    scenario.runLRP("other", 1);
    scenario.store.deleteDesiredLRP("other");
    scenario.backend.evacuate("other", 0, OTHER);
    assertThat(scenario.instance("other", 0).evacuating()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"delete", "scale", "kill"})
  void anExplicitCallEndsTheCopyToo(String call) {
    var left = evacuateRunning();
    switch (call) {
      case "delete" -> scenario.store.deleteDesiredLRP("web");
      case "scale" ->
          scenario.store.updateDesiredLRP("web", new DesiredLRPUpdateRequest(0, null, null));
      default -> scenario.store.killActualLRP("web", 0);
    }
    assertThat(scenario.backend.stops()).hasSize(2).contains(left);
    if (call.equals("kill")) {
      await().atMost(StoreScenario.SOON).until(() -> !told().evacuating());
      scenario.awaitContainer("web", 0);
    } else {
      await()
          .atMost(StoreScenario.SOON)
          .until(() -> scenario.store.findActualLRP("web", 0).isEmpty());
    }
  }

  @Test
  void logsAreKeptUntilTheCopyHasEnded() {
    scenario.backend.ignoreStops();
    var left = evacuateRunning();
    var replacement = scenario.backend.instanceGuid("web", 0).orElseThrow();
    scenario.store.deleteDesiredLRP("web");
    scenario.backend.fail(replacement, "cancelled");
    assertThat(scenario.store.findActualLRP("web", 0)).isEmpty();
    scenario.runTask("placed-after-that", "");
    assertThat(scenario.backend.forgotten()).isEmpty();
    scenario.backend.fail(left, "cancelled");
    await().atMost(StoreScenario.SOON).until(() -> scenario.backend.forgotten().contains("web"));
  }

  @Test
  void convergenceStopsAgainWhatWasAskedToStop() {
    scenario.backend.ignoreStops();
    var left = evacuateRunning();
    scenario.backend.becomeHealthy("web", 0);
    scenario.store.converge();
    assertThat(scenario.backend.stops()).containsExactly(left, left);
    scenario.backend.fail(left, "cancelled");
    scenario.store.converge();
    assertThat(scenario.backend.stops()).hasSize(2);
  }

  @Test
  void aCopyGoesWithItsCell() {
    evacuateRunning();
    scenario.store.converge();
    assertThat(told().evacuating()).isTrue();
    scenario.backend.loseCell(FakeBackend.CELL);
    scenario.store.converge();
    assertThat(told().evacuating()).isFalse();
    assertThat(told().state()).isEqualTo(ActualLRPState.CLAIMED);
  }

  @Test
  void aCopyIsOnTheDiskAndGoneAfterAStartWithTheContainersOfThatLife() {
    evacuateRunning();
    assertThat(scenario.actualOnDisk(new LRPKey("web", 0)).resolve()).contains(told());
    try (var next = scenario.killed()) {
      next.awaitContainer("web", 0);
      assertThat(next.instance("web", 0).evacuating()).isFalse();
      next.backend.becomeHealthy("web", 0);
      assertThat(next.instance("web", 0).state()).isEqualTo(ActualLRPState.RUNNING);
      assertThat(next.store.actualLRPs("")).hasSize(1);
    }
  }

  @Test
  void aCopyWhoseContainerRunsOnStaysUntilTheReplacementRuns() {
    scenario.backend.keepInstances();
    var left = evacuateRunning();
    try (var next = scenario.killed()) {
      assertThat(next.instance("web", 0).evacuating()).isTrue();
      assertThat(next.instance("web", 0).instanceGuid()).isEqualTo(left);
      next.backend.becomeHealthy("web", 0);
      assertThat(next.instance("web", 0).evacuating()).isFalse();
      assertThat(next.backend.stops()).containsExactly(left);
    }
  }

  @Test
  void oneThatIsStillBeingStoppedDoesNotTouchTheNextCopy() {
    var first = evacuateRunning();
    scenario.backend.ignoreStops();
    scenario.backend.becomeHealthy("web", 0);
    var second = scenario.backend.evacuate("web", 0, "third-cell");
    scenario.awaitContainer("web", 0);
    assertThat(told().instanceGuid()).isEqualTo(second);
    assertThat(scenario.backend.stops()).containsExactly(first);
    scenario.backend.fail(first, "cancelled");
    assertThat(told().instanceGuid()).isEqualTo(second);
  }
}
