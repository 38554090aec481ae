package dev.ccbridge.receptor.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.receptor.Requests;
import dev.ccbridge.receptor.backend.PlacementException;
import dev.ccbridge.receptor.model.TaskState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The order of effects that makes a task run at most once. */
@Timeout(60)
class TaskRunnerTest {
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
  void isRunningOnTheDiskBeforeItIsRun() throws Exception {
    var seen = new CompletableFuture<TaskState>();
    scenario.backend.beforeRun(c -> seen.complete(scenario.onDisk(c.guid()).state()));
    scenario.store.createTask(Requests.task("t1"));
    assertThat(seen.get(20, TimeUnit.SECONDS)).isEqualTo(TaskState.RUNNING);
  }

  @Test
  void isPendingOnTheDiskWhenCreateReturns() {
    scenario.backend.breakPlacement();
    scenario.store.createTask(Requests.task("t1"));
    assertThat(scenario.onDisk("t1").state()).isEqualTo(TaskState.PENDING);
  }

  @Test
  void isCompletedOnTheDiskWhenCancelReturns() {
    scenario.runTask("t1", "");
    scenario.store.cancelTask("t1");
    assertThat(scenario.onDisk("t1").state()).isEqualTo(TaskState.COMPLETED);
  }

  @Test
  void neverRunsATaskThatWasCancelledWhileItWasPlaced() {
    scenario.backend.whilePlacing(c -> scenario.store.cancelTask(c.guid()));
    scenario.store.createTask(Requests.task("t1"));
    await().atMost(StoreScenario.SOON).until(() -> scenario.backend.destroyed().contains("t1"));
    assertThat(scenario.task("t1").failureReason()).isEqualTo("task was cancelled");
    assertThat(scenario.backend.runs("t1")).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void leavesATaskAloneThatHasTheGuidOfOneThatWasBeingPlaced(boolean isRefused) {
    var isFirst = new AtomicBoolean(true);
    scenario.backend.whilePlacing(
        container -> {
          if (isFirst.getAndSet(false)) {
            scenario.store.cancelTask("t1");
            scenario.store.deleteTask("t1");
            scenario.time.advance(Duration.ofMillis(1));
            scenario.store.createTask(Requests.task("t1"));
            if (isRefused) {
              throw new PlacementException(PlacementException.INSUFFICIENT_RESOURCES);
            }
          }
        });
    scenario.store.createTask(Requests.task("t1"));
    await().atMost(StoreScenario.SOON).until(() -> scenario.backend.runs("t1") == 1);
    assertThat(scenario.task("t1").state()).isEqualTo(TaskState.RUNNING);
    assertThat(scenario.backend.destroyed()).as("of the first").containsExactly("t1");
  }

  @Test
  void stopsATaskThatWasCancelledWhileItWasBegun() {
    scenario.backend.beforeRun(c -> scenario.store.cancelTask(c.guid()));
    scenario.store.createTask(Requests.task("t1"));
    await().atMost(StoreScenario.SOON).until(() -> scenario.backend.stops().size() == 2);
    await().atMost(StoreScenario.SOON).until(() -> !scenario.backend.isRunning("t1"));
    assertThat(scenario.task("t1").failureReason()).isEqualTo("task was cancelled");
    assertThat(scenario.backend.runs("t1")).isOne();
  }

  @Test
  void stopsAnInstanceThatWasRetiredWhileItWasBegun() {
    scenario.backend.beforeRun(c -> scenario.store.deleteDesiredLRP("web"));
    scenario.store.createDesiredLRP(Requests.lrp("web", 1));
    await()
        .atMost(StoreScenario.SOON)
        .until(
            () ->
                scenario.store.actualLRPsOf("web").isEmpty()
                    && scenario.backend.instanceGuid("web", 0).isEmpty());
    assertThat(scenario.store.findDesiredLRP("web")).isEmpty();
  }

  @Test
  void freesTheRoomOfAnInstanceThatWasRetiredWhileItWasPlaced() {
    scenario.backend.whilePlacing(c -> scenario.store.deleteDesiredLRP("web"));
    scenario.store.createDesiredLRP(Requests.lrp("web", 1));
    await().atMost(StoreScenario.SOON).until(() -> scenario.backend.destroyed().size() == 1);
    assertThat(scenario.store.actualLRPsOf("web")).isEmpty();
  }
}
