package dev.ccbridge.receptor.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.receptor.Requests;
import dev.ccbridge.receptor.backend.ContainerOutcome;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.DesiredLRPUpdateRequest;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.TaskCreateRequest;
import dev.ccbridge.receptor.model.TaskProgress;
import dev.ccbridge.receptor.model.TaskState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nothing acknowledged is lost, and no task is run a second time, whenever the process dies. */
@Timeout(60)
class RestartTest {
  @TempDir private Path directory;
  private StoreScenario first;

  @BeforeEach
  void start() {
    first = new StoreScenario(directory.resolve("receptor.db"));
  }

  @AfterEach
  void close() {
    first.close();
  }

  @Test
  void placesATaskThatWasStoredAndNotPlaced() {
    first.backend.breakPlacement();
    first.store.createTask(Requests.task("t1"));
    try (var second = first.killed()) {
      second.awaitTask("t1", TaskState.RUNNING);
      await().atMost(StoreScenario.SOON).until(() -> second.backend.runs("t1") == 1);
      assertThat(second.task("t1").createdAt()).isEqualTo(first.task("t1").createdAt());
    }
  }

  @Test
  void goesOnWithATaskThatRanAndDoesNotRunItAgain() {
    first.runTask("t1", "");
    try (var second = first.killed()) {
      assertThat(second.task("t1").state()).isEqualTo(TaskState.RUNNING);
      assertThat(second.backend.isRunning("t1")).isTrue();
      second.time.advance(Duration.ofMinutes(5));
      second.backend.finish("t1", "the result");
      assertThat(second.task("t1").result()).isEqualTo("the result");
      assertThat(second.backend.runs("t1")).isOne();
    }
  }

  @Test
  void keepsAnOutcomeWithItsProgress() {
    first.runTask("t1", "");
    var progress = new TaskProgress(List.of(), "last words");
    first.backend.progress("t1", progress);
    first.backend.fail("t1", "Exited with status 7");
    try (var second = first.killed()) {
      assertThat(second.task("t1").state()).isEqualTo(TaskState.COMPLETED);
      assertThat(second.task("t1").failureReason()).isEqualTo("Exited with status 7");
      assertThat(second.task("t1").progress()).isEqualTo(progress);
      assertThat(second.backend.runs("t1")).isOne();
    }
  }

  @Test
  void keepsACancelledTaskCancelled() {
    first.runTask("t1", "");
    first.backend.ignoreStops();
    first.store.cancelTask("t1");
    try (var second = first.killed()) {
      assertThat(second.task("t1").failureReason()).isEqualTo("task was cancelled");
      assertThat(second.backend.isRunning("t1")).isFalse();
    }
  }

  @Test
  void doesNotBringBackADeletedTask() {
    first.runTask("t1", "");
    first.backend.finish("t1", "");
    first.store.deleteTask("t1");
    try (var second = first.killed()) {
      assertThat(second.store.findTask("t1")).isEmpty();
    }
  }

  @Test
  void losesNoTaskOfManyCreatorsAtWhateverMomentItDies() {
    var acknowledged = new java.util.concurrent.ConcurrentLinkedQueue<String>();
    var creator =
        Thread.startVirtualThread(
            () ->
                IntStream.range(0, 200)
                    .parallel()
                    .forEach(
                        i -> {
                          first.store.createTask(Requests.task("t" + i));
                          acknowledged.add("t" + i);
                        }));
    await().atMost(StoreScenario.SOON).until(() -> acknowledged.size() > 20);
    var before = List.copyOf(acknowledged);
    try (var second = first.killed()) {
      for (var guid : before) {
        assertThat(second.store.findTask(guid)).as(guid).isPresent();
        await().atMost(StoreScenario.SOON).until(() -> second.backend.runs(guid) > 0);
      }
    }
    await().atMost(StoreScenario.SOON).until(() -> !creator.isAlive());
    for (var guid : acknowledged) {
      assertThat(first.backend.runs(guid)).as("runs of %s", guid).isLessThanOrEqualTo(2);
    }
  }

  @Test
  void startsInstancesAgainAsNewContainers() {
    first.runLRP("web", 2);
    var before = first.instance("web", 0);
    try (var second = first.killed()) {
      var container = second.awaitContainer("web", 0);
      second.awaitContainer("web", 1);
      assertThat(container).isNotEqualTo(before.instanceGuid());
      var after = second.instance("web", 0);
      assertThat(after.state()).isEqualTo(ActualLRPState.CLAIMED);
      assertThat(after.crashCount()).isZero();
      assertThat(after.modificationTag().epoch()).isEqualTo(before.modificationTag().epoch());
      assertThat(after.modificationTag().index()).isEqualTo(before.modificationTag().index() + 2);
      second.backend.reportRunning(before.instanceGuid());
      assertThat(second.instance("web", 0).state())
          .as("a late report of the old container changes nothing")
          .isEqualTo(ActualLRPState.CLAIMED);
    }
  }

  @Test
  void startsInstancesThatWaitedForTheirFirstPlace() {
    first.backend.breakPlacement();
    first.store.createDesiredLRP(Requests.lrp("web", 2));
    first.settleInstances();
    assertThat(first.instance("web", 1).state()).isEqualTo(ActualLRPState.UNCLAIMED);
    assertThat(first.actualOnDisk(new LRPKey("web", 1))).as("costs no write").isNull();
    try (var second = first.killed()) {
      assertThat(second.store.actualLRPsOf("web")).as("told from the start").hasSize(2);
      second.awaitContainer("web", 0);
      second.awaitContainer("web", 1);
    }
  }

  @Test
  void goesOnWithInstancesThatHaveRunOn() {
    first.backend.keepInstances();
    first.runLRP("web", 1);
    first.settleInstances();
    var before = first.instance("web", 0);
    try (var second = first.killed()) {
      assertThat(second.instance("web", 0)).isEqualTo(before);
      assertThat(second.backend.isRunning(before.instanceGuid())).isTrue();
      second.backend.becomeHealthy("web", 0);
      assertThat(second.instance("web", 0)).as("told again what is known").isEqualTo(before);
      assertThat(second.backend.runs(before.instanceGuid())).isOne();
      second.backend.crash("web", 0, "Exited with status 1");
      assertThat(second.instance("web", 0).crashCount()).isOne();
      assertThat(second.awaitContainer("web", 0)).isNotEqualTo(before.instanceGuid());
    }
  }

  @Test
  void goesOnWithAnInstanceThatWasStartingStill() {
    first.backend.keepInstances();
    first.store.createDesiredLRP(Requests.lrp("web", 1));
    var guid = first.awaitContainer("web", 0);
    first.settleInstances();
    try (var second = first.killed()) {
      assertThat(second.instance("web", 0).state()).isEqualTo(ActualLRPState.CLAIMED);
      second.backend.becomeHealthy("web", 0);
      assertThat(second.instance("web", 0).state()).isEqualTo(ActualLRPState.RUNNING);
      assertThat(second.instance("web", 0).instanceGuid()).isEqualTo(guid);
    }
  }

  @Test
  void tellsOfAnEndThatHappenedMeanwhile() {
    first.backend.keepInstances();
    first.runLRP("web", 2);
    first.settleInstances();
    var before = first.instance("web", 0);
    first.backend.endMeanwhile(
        before.instanceGuid(), ContainerOutcome.failed("Exited with status 7"));
    try (var second = first.killed()) {
      var after = second.instance("web", 0);
      assertThat(after.crashCount()).isOne();
      assertThat(after.crashReason()).isEqualTo("Exited with status 7");
      assertThat(second.awaitContainer("web", 0)).isNotEqualTo(before.instanceGuid());
      assertThat(second.instance("web", 1)).isEqualTo(first.instance("web", 1));
    }
  }

  @Test
  void startsAnInstanceAgainOfWhichNothingIsLeft() {
    first.backend.keepInstances();
    first.runLRP("web", 2);
    first.settleInstances();
    first.backend.vanishMeanwhile(first.instance("web", 0).instanceGuid());
    try (var second = first.killed()) {
      assertThat(second.awaitContainer("web", 0))
          .isNotEqualTo(first.instance("web", 0).instanceGuid());
      assertThat(second.instance("web", 0).crashCount()).isZero();
      assertThat(second.instance("web", 1)).isEqualTo(first.instance("web", 1));
    }
  }

  @Test
  void doesNotGoOnWithInstancesThatNobodyWants() {
    first.backend.keepInstances();
    first.runLRP("web", 3);
    first.settleInstances();
    first.backend.ignoreStops();
    first.store.updateDesiredLRP("web", new DesiredLRPUpdateRequest(1, null, null));
    try (var second = first.killed()) {
      assertThat(second.store.actualLRPsOf("web")).hasSize(1);
      assertThat(second.backend.instanceGuid("web", 0)).isPresent();
      assertThat(second.backend.instanceGuid("web", 1)).isEmpty();
      assertThat(second.backend.instanceGuid("web", 2)).isEmpty();
    }
  }

  @Test
  void forgetsLRPsThatWentBeforeItDied() {
    first.runLRP("web", 1);
    first.backend.keepSomethingOf("web");
    first.backend.keepSomethingOf("gone");
    try (var second = first.killed()) {
      await()
          .atMost(StoreScenario.SOON)
          .untilAsserted(() -> assertThat(second.backend.forgotten()).containsExactly("gone"));
    }
  }

  @Test
  void goesOnWithInstancesAfterItWasClosed() {
    first.backend.keepInstances();
    first.runLRP("web", 1);
    first.settleInstances();
    var before = first.instance("web", 0);
    try (var second = first.restarted()) {
      assertThat(second.instance("web", 0)).isEqualTo(before);
    }
  }

  @Test
  void doesNotStartInstancesOfAnLRPThatWasDeletedWhileTheyStopped() {
    first.runLRP("web", 2);
    first.backend.ignoreStops();
    first.store.deleteDesiredLRP("web");
    assertThat(first.store.actualLRPsOf("web")).hasSize(2);
    try (var second = first.killed()) {
      assertThat(second.store.actualLRPsOf("web")).isEmpty();
      assertThat(second.store.findDesiredLRP("web")).isEmpty();
    }
  }

  @Test
  void keepsWaitingForARestartThatIsDueLater() {
    first.runLRP("web", 1);
    for (var crash = 0; crash < 3; crash++) {
      first.awaitContainer("web", 0);
      first.backend.crash("web", 0, "Exited with status 1");
    }
    first.time.advance(Duration.ofSeconds(10));
    try (var second = first.killed()) {
      // The clock of the next process begins anew, ten seconds before this one's.
      assertThat(second.instance("web", 0).state()).isEqualTo(ActualLRPState.CRASHED);
      assertThat(second.instance("web", 0).crashCount()).isEqualTo(3);
      second.time.advance(Duration.ofSeconds(29));
      assertThat(second.instance("web", 0).state()).isEqualTo(ActualLRPState.CRASHED);
      second.time.advance(Duration.ofSeconds(1));
      second.awaitInstance("web", 0, ActualLRPState.CLAIMED);
    }
  }

  @Test
  void keepsDomainsFreshForTheRestOfTheirTime() {
    first.store.upsertDomain("short", Duration.ofSeconds(60));
    first.store.upsertDomain("for-ever", Duration.ZERO);
    try (var second = first.killed()) {
      assertThat(second.store.domains()).containsExactlyInAnyOrder("short", "for-ever");
      second.time.advance(Duration.ofSeconds(60));
      assertThat(second.store.domains()).containsExactly("for-ever");
    }
  }

  @Test
  void startsWithActionsAsDeepAsTheyMayBe() {
    first.backend.breakPlacement();
    first.store.createTask(nested("deepest", Action.MAX_DEPTH));
    assertThatExceptionOfType(ReceptorException.class)
        .isThrownBy(() -> first.store.createTask(nested("deeper", Action.MAX_DEPTH + 1)))
        .withMessageContaining("nested more than 100 levels");
    try (var second = first.killed()) {
      second.awaitTask("deepest", TaskState.RUNNING);
      assertThat(second.task("deepest").action()).isEqualTo(nested("", Action.MAX_DEPTH).action());
      assertThat(second.store.findTask("deeper")).isEmpty();
    }
  }

  /** Only the door refuses: what an earlier version let in is no reason not to start. */
  @Test
  void startsWithADeeperActionThatIsStoredAlready() {
    var path = directory.resolve("deep.db");
    try (var file = StoreFile.open(path)) {
      var task = StoredTask.created(nested("deeper", 2 * Action.MAX_DEPTH), 1);
      Records.await(file.write(List.of(Change.put(Table.TASKS, "deeper", task))));
    }
    try (var scenario = new StoreScenario(path)) {
      assertThat(scenario.store.tasks("")).hasSize(1);
    }
  }

  private static TaskCreateRequest nested(String guid, int levels) {
    return Requests.read(
        "{\"task_guid\":\"%s\",\"domain\":\"demo\",\"rootfs\":\"preloaded:trusty\",\"action\":%s{\"run\":{\"path\":\"a\",\"user\":\"vcap\"}}%s}"
            .formatted(guid, "{\"try\":{\"action\":".repeat(levels - 1), "}}".repeat(levels - 1)),
        TaskCreateRequest.class);
  }

  @Test
  void countsNoCrashWhenItIsClosed() {
    first.runLRP("web", 1);
    try (var second = first.restarted()) {
      assertThat(first.backend.isClosed()).isTrue();
      second.awaitContainer("web", 0);
      assertThat(second.instance("web", 0).crashCount()).isZero();
    }
  }
}
