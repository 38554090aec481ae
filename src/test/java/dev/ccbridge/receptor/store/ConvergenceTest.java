package dev.ccbridge.receptor.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.receptor.Requests;
import dev.ccbridge.receptor.backend.ContainerOutcome;
import dev.ccbridge.receptor.backend.PlacementException;
import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.TaskState;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ConvergenceTest {
  private static final Duration ROUND = Duration.ofSeconds(30);

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

  @Test
  void placesATaskAgainThatCouldNotBePlaced() {
    scenario.backend.breakPlacement();
    scenario.store.createTask(Requests.task("t1"));
    assertThat(scenario.task("t1").state()).isEqualTo(TaskState.PENDING);
    scenario.backend.acceptPlacement();
    scenario.time.advance(ROUND);
    scenario.awaitTask("t1", TaskState.RUNNING);
  }

  @Test
  void failsATaskThatDoesNotStartForHalfAnHour() {
    scenario.backend.breakPlacement();
    scenario.store.createTask(Requests.task("t1"));
    scenario.time.advance(Duration.ofMinutes(30).minusSeconds(1));
    assertThat(scenario.task("t1").state()).isEqualTo(TaskState.PENDING);
    scenario.time.advance(Duration.ofSeconds(1));
    assertThat(scenario.task("t1").failureReason()).isEqualTo("not started within time limit");
  }

  @Test
  void cancelsATaskThatHasNotStarted() {
    scenario.backend.breakPlacement();
    scenario.store.createTask(Requests.task("t1"));
    scenario.store.cancelTask("t1");
    assertThat(scenario.task("t1").failureReason()).isEqualTo("task was cancelled");
    scenario.backend.acceptPlacement();
    scenario.time.advance(ROUND);
    assertThat(scenario.backend.runs("t1")).isZero();
    assertThat(scenario.backend.stops()).isEmpty();
  }

  @Test
  void failsATaskWhoseCellIsGone() {
    scenario.runTask("t1", "");
    scenario.backend.loseCells();
    scenario.time.advance(ROUND);
    assertThat(scenario.task("t1").failureReason()).isEqualTo("cell disappeared before completion");
  }

  @Test
  void dropsALateReportOfATaskThatIsOver() {
    scenario.runTask("t1", "");
    scenario.backend.ignoreStops();
    scenario.store.cancelTask("t1");
    scenario.backend.end("t1", ContainerOutcome.succeeded("too late"));
    assertThat(scenario.task("t1").failureReason()).isEqualTo("task was cancelled");
    assertThat(scenario.task("t1").result()).isEmpty();
    scenario.backend.end("unheard-of", ContainerOutcome.succeeded(""));
    assertThat(scenario.store.tasks("")).hasSize(1);
  }

  @Test
  void deletesATaskTwoMinutesAfterItsEnd() {
    scenario.runTask("t1", "");
    scenario.backend.finish("t1", "");
    scenario.time.advance(Duration.ofSeconds(119));
    assertThat(scenario.store.findTask("t1")).isPresent();
    scenario.time.advance(Duration.ofSeconds(1));
    assertThat(scenario.store.findTask("t1")).isEmpty();
    assertThat(scenario.backend.destroyed()).contains("t1");
  }

  @Test
  void replacesAnInstanceWhoseCellIsGone() {
    scenario.runLRP("web", 1);
    var before = scenario.instance("web", 0);
    scenario.backend.loseCells();
    scenario.time.advance(ROUND);
    var after = scenario.instance("web", 0);
    assertThat(after.modificationTag().epoch()).isNotEqualTo(before.modificationTag().epoch());
    assertThat(after.crashCount()).isZero();
  }

  @Test
  void triesAnInstanceAgainThatNoCellTook() {
    scenario.backend.refusePlacement(PlacementException.INSUFFICIENT_RESOURCES);
    scenario.store.createDesiredLRP(Requests.lrp("web", 1));
    await()
        .atMost(StoreScenario.SOON)
        .until(() -> !scenario.instance("web", 0).placementError().isEmpty());
    var refused = scenario.instance("web", 0);
    scenario.time.advance(ROUND);
    await()
        .atMost(StoreScenario.SOON)
        .until(() -> scenario.instance("web", 0).since() > refused.since());
    assertThat(scenario.instance("web", 0).modificationTag().index())
        .isEqualTo(refused.modificationTag().index() + 1);
  }

  @Test
  void stopsAnInstanceAgainThatHasNotStopped() {
    scenario.runLRP("web", 1);
    scenario.backend.ignoreStops();
    scenario.store.killActualLRP("web", 0);
    assertThat(scenario.backend.stops()).hasSize(1);
    scenario.time.advance(ROUND);
    assertThat(scenario.backend.stops()).hasSize(2);
    var stopping = scenario.instance("web", 0);
    scenario.backend.end(stopping.instanceGuid(), ContainerOutcome.failed("cancelled"));
    assertThat(scenario.instance("web", 0).crashCount()).as("it was no crash").isZero();
    assertThat(scenario.instance("web", 0).modificationTag().epoch())
        .isNotEqualTo(stopping.modificationTag().epoch());
  }

  @Test
  void stopsOrphansOnlyInAFreshDomain() {
    scenario.close();
    var orphan = orphan("web");
    try (var file = StoreFile.open(directory.resolve("orphan.db"))) {
      Records.await(
          file.write(
              java.util.List.of(
                  Change.put(Table.ACTUAL_LRPS, "web/0", new ActualLRPGroup(orphan, null)))));
    }
    scenario = new StoreScenario(directory.resolve("orphan.db"));
    scenario.time.advance(ROUND);
    assertThat(scenario.store.actualLRPsOf("web")).hasSize(1);
    scenario.store.upsertDomain("demo", Duration.ofMinutes(2));
    scenario.time.advance(ROUND);
    assertThat(scenario.store.actualLRPsOf("web")).isEmpty();
  }

  @Test
  void countsCrashesAnewAfterFiveMinutesOfRunning() {
    scenario.runLRP("web", 1);
    for (var crash = 1; crash <= 3; crash++) {
      scenario.awaitContainer("web", 0);
      scenario.backend.crash("web", 0, "Exited with status 1");
      assertThat(scenario.instance("web", 0).crashCount()).isEqualTo(crash);
    }
    scenario.time.advance(ROUND);
    scenario.awaitContainer("web", 0);
    scenario.backend.becomeHealthy("web", 0);
    scenario.time.advance(Duration.ofMinutes(5).plusNanos(1));
    scenario.backend.crash("web", 0, "Exited with status 1");
    assertThat(scenario.instance("web", 0).crashCount()).isEqualTo(1);
    scenario.awaitInstance("web", 0, ActualLRPState.CLAIMED);
  }

  @Test
  void doublesTheWaitFromCrashToCrash() {
    scenario.runLRP("web", 1);
    for (var crash = 1; crash <= 5; crash++) {
      scenario.awaitContainer("web", 0);
      scenario.backend.crash("web", 0, "");
      if (crash >= 3) {
        var wait = ROUND.multipliedBy(1L << (crash - 3));
        scenario.time.advance(wait.minusNanos(1));
        assertThat(scenario.instance("web", 0).state()).isEqualTo(ActualLRPState.CRASHED);
        scenario.time.advance(Duration.ofNanos(1));
        scenario.awaitInstance("web", 0, ActualLRPState.CLAIMED);
      }
    }
    assertThat(scenario.instance("web", 0).crashCount()).isEqualTo(5);
  }

  @Test
  void removesACrashedInstanceThatIsWantedNoMore() {
    scenario.runLRP("web", 1);
    for (var crash = 1; crash <= 3; crash++) {
      scenario.awaitContainer("web", 0);
      scenario.backend.crash("web", 0, "");
    }
    scenario.store.updateDesiredLRP("web", Requests.instances(0));
    assertThat(scenario.store.actualLRPsOf("web")).isEmpty();
    scenario.time.advance(ROUND);
    assertThat(scenario.store.actualLRPsOf("web")).isEmpty();
  }

  private static ActualLRPResponse orphan(String processGuid) {
    return InstanceRecords.created(new LRPKey(processGuid, 0), "demo", 1);
  }
}
