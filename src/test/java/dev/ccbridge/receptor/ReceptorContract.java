package dev.ccbridge.receptor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.receptor.backend.FakeBackend;
import dev.ccbridge.receptor.backend.PlacementException;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.DesiredLRPSummary;
import dev.ccbridge.receptor.model.DesiredLRPUpdateRequest;
import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.LogRange;
import dev.ccbridge.receptor.model.PortMapping;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorEvent;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.TaskCreateRequest;
import dev.ccbridge.receptor.model.TaskProgress;
import dev.ccbridge.receptor.model.TaskResponse;
import dev.ccbridge.receptor.model.TaskState;
import dev.ccbridge.receptor.store.DrivenTime;
import dev.ccbridge.receptor.store.ReceptorStore;
import dev.ccbridge.receptor.store.ReceptorStoreConfig;
import dev.ccbridge.receptor.store.Records;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What every Receptor does, whichever door one comes in by. */
@Timeout(60)
public abstract class ReceptorContract {
  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir private Path directory;
  protected final FakeBackend backend = new FakeBackend();
  protected final DrivenTime time = new DrivenTime();
  private ReceptorStore store;
  private Receptor receptor;

  /** The Receptor under test, which leads to {@code store}. */
  protected abstract Receptor open(ReceptorStore store);

  /** Where the store keeps its records; closed with it. */
  protected Records records(Path itsDirectory) {
    return Records.inFile(itsDirectory.resolve("receptor.db"));
  }

  @BeforeEach
  void startTheStore() {
    store =
        new ReceptorStore(ReceptorStoreConfig.defaults(), records(directory), backend, time, time);
    store.start();
    receptor = open(store);
  }

  @AfterEach
  void closeAll() {
    receptor.close();
    store.close();
  }

  // Tasks

  @Test
  void runsATaskAndTellsOfItsResult() {
    receptor.createTask(Requests.task("t1"));
    awaitState("t1", TaskState.RUNNING);
    assertThat(task("t1").cellId()).isEqualTo(FakeBackend.CELL);
    assertThat(task("t1").createdAt()).isEqualTo(1_440_504_000_000_000_000L);

    backend.finish("t1", "the result");

    var finished = task("t1");
    assertThat(finished.state()).isEqualTo(TaskState.COMPLETED);
    assertThat(finished.cellId()).isEmpty();
    assertThat(finished.failed()).isFalse();
    assertThat(finished.failureReason()).isEmpty();
    assertThat(finished.result()).isEqualTo("the result");
    assertThat(finished.annotation()).isEqualTo("{\"k\":1}");
    assertThat(finished.action()).isEqualTo(Requests.task("t1").action());
    assertThat(backend.runs("t1")).isOne();
  }

  @Test
  void tellsWhyATaskFailed() {
    runTask("t1");

    backend.fail("t1", "Exited with status 4");

    assertThat(task("t1").failed()).isTrue();
    assertThat(task("t1").failureReason()).isEqualTo("Exited with status 4");
    assertThat(task("t1").result()).isEmpty();
  }

  @Test
  void failsATaskThatNoCellTakes() {
    backend.refusePlacement(PlacementException.INSUFFICIENT_RESOURCES);
    receptor.createTask(Requests.task("t1"));
    awaitState("t1", TaskState.COMPLETED);
    assertThat(task("t1").failureReason()).isEqualTo("insufficient resources");
    assertThat(backend.runs("t1")).isZero();
  }

  @Test
  void failsATaskThatItsCellCannotRun() {
    backend.failToRun();
    receptor.createTask(Requests.task("t1"));
    awaitState("t1", TaskState.COMPLETED);
    assertThat(task("t1").failureReason()).isEqualTo("failed to run container");
  }

  @Test
  void refusesATaskGuidThatIsInUseInAnyState() {
    runTask("t1");
    refuses(
        () -> receptor.createTask(Requests.task("t1", "other", "")),
        ReceptorErrorName.TaskGuidAlreadyExists,
        "task already exists");
    backend.finish("t1", "");
    refuses(
        () -> receptor.createTask(Requests.task("t1")),
        ReceptorErrorName.TaskGuidAlreadyExists,
        "task already exists");
  }

  @Test
  void refusesAnInvalidTask() {
    refuses(
        () -> receptor.createTask(Requests.read("{}", TaskCreateRequest.class)),
        ReceptorErrorName.InvalidTask,
        "Invalid field: task_guid, Invalid field: domain, Invalid field: rootfs, invalid action"
            + " type");
  }

  @Test
  void refusesATaskWhoseActionsAreNestedTooDeep() {
    Action action = Requests.task("t1").action();
    for (var i = 0; i < 150; i++) {
      action = Action.tolerate(action);
    }
    var deep =
        new TaskCreateRequest(
            action, "", "", 0, 0, "demo", "", "", "", 0, "", "t1", "a:b", false, List.of(),
            List.of());
    refuses(
        () -> receptor.createTask(deep),
        ReceptorErrorName.InvalidTask,
        "Invalid field: action (nested more than 100 levels deep)");
  }

  @Test
  void listsTasksByDomain() {
    receptor.createTask(Requests.task("t1", "one", ""));
    receptor.createTask(Requests.task("t2", "two & more", ""));
    assertThat(receptor.tasks("")).extracting(TaskResponse::taskGuid).containsOnly("t1", "t2");
    assertThat(receptor.tasks("two & more")).extracting(TaskResponse::taskGuid).containsOnly("t2");
    assertThat(receptor.tasks("three")).isEmpty();
    assertThat(receptor.findTask("t3")).isEmpty();
  }

  @Test
  void cancelsARunningTaskBeforeItReturns() {
    runTask("t1");

    receptor.cancelTask("t1");

    assertThat(task("t1").state()).isEqualTo(TaskState.COMPLETED);
    assertThat(task("t1").failed()).isTrue();
    assertThat(task("t1").failureReason()).isEqualTo("task was cancelled");
    assertThat(backend.stops()).containsExactly("t1");
  }

  @Test
  void refusesToCancelWhatHasFinishedOrDoesNotExist() {
    runTask("t1");
    backend.finish("t1", "");
    refuses(
        () -> receptor.cancelTask("t1"),
        ReceptorErrorName.UnknownError,
        "Cannot transition from Completed to Completed");
    refuses(
        () -> receptor.cancelTask("t2"),
        ReceptorErrorName.TaskNotFound,
        "task with guid 't2' not found");
  }

  @Test
  void deletesOnlyATaskThatHasFinished() {
    runTask("t1");
    refuses(
        () -> receptor.deleteTask("t1"),
        ReceptorErrorName.TaskNotDeletable,
        "This task has not been completed. Please retry when it is completed.");
    backend.finish("t1", "");

    receptor.deleteTask("t1");

    assertThat(receptor.findTask("t1")).isEmpty();
    assertThat(backend.destroyed()).contains("t1");
    refuses(
        () -> receptor.deleteTask("t1"),
        ReceptorErrorName.TaskNotFound,
        "task with guid 't1' not found");
  }

  @Test
  void showsTheProgressOfATaskAlsoAfterItsEnd() {
    runTask("t1");
    var progress =
        new TaskProgress(
            List.of(new TaskProgress.Step("run make", TaskProgress.StepState.RUNNING, 17, 0, "")),
            "cc -o app");
    backend.progress("t1", progress);
    assertThat(task("t1").progress()).isEqualTo(progress);
    backend.finish("t1", "");
    assertThat(task("t1").progress()).isEqualTo(progress);
    assertThat(receptor.tasks("")).extracting(TaskResponse::progress).containsOnly(progress);
  }

  @Test
  void showsLogs() {
    runTask("t1");
    assertThat(receptor.taskLogs("t1", 2))
        .extracting(LogLine::text)
        .containsExactly("t1 two", "t1 three");
    assertThat(receptor.lrpLogs("web", 3, 1))
        .containsExactly(new LogLine(3, "APP", 3, false, "web three"));
    assertThat(receptor.taskLogs("unknown", 2)).isEmpty();
    assertThat(receptor.lrpLogs("unknown", 0, 2)).isEmpty();
  }

  @Test
  void showsTheLinesAfterOneThatIsKnown() {
    runTask("t1");
    assertThat(receptor.taskLogs("t1", LogRange.after(1, 1)))
        .extracting(LogLine::text)
        .containsExactly("t1 two");
    assertThat(receptor.lrpLogs("web", 3, LogRange.after(1, 9)))
        .extracting(LogLine::text)
        .containsExactly("web two", "web three");
    assertThat(receptor.taskLogs("t1", LogRange.after(3, 9))).isEmpty();
  }

  @Test
  void followsATasksLogToItsEnd() throws InterruptedException {
    runTask("t1");
    try (var log = receptor.followTaskLogs("t1", LogRange.last(1))) {
      assertThat(lines(log, 1)).containsExactly("t1 three");
      backend.print("t1", 0, "four");
      backend.print("t1", 0, "a line of two\nand \u0000 more");
      assertThat(lines(log, 2)).containsExactly("four", "a line of two\nand \u0000 more");
      backend.print("t1", 0, "last words");
      backend.finish("t1", "");
      assertThat(lines(log, 1)).containsExactly("last words");
      assertThat(log.next()).isEmpty();
      assertThat(log.next()).as("at every further call").isEmpty();
    }
  }

  @Test
  void goesOnWithALogAfterTheLineThatWasSeenLast() throws InterruptedException {
    runTask("t1");
    backend.print("t1", 0, "four");
    try (var log = receptor.followTaskLogs("t1", LogRange.after(3, 0))) {
      assertThat(lines(log, 1)).containsExactly("four");
    }
  }

  @Test
  void endsTheLogOfATaskThatIsGone() throws InterruptedException {
    runTask("t1");
    backend.ignoreStops();
    try (var log = receptor.followTaskLogs("t1", LogRange.last(0))) {
      receptor.cancelTask("t1");
      backend.print("t1", 0, "not yet");
      assertThat(lines(log, 1)).as("its container has not ended").containsExactly("not yet");
      receptor.deleteTask("t1");
      assertThat(log.next()).isEmpty();
    }
  }

  @Test
  void followsAnInstancesLogAcrossRestartsUntilItsLRPIsDeleted() throws InterruptedException {
    runLRP("web", 1);
    try (var log = receptor.followLrpLogs("web", 0, LogRange.last(0))) {
      backend.print("web", 0, "first life");
      assertThat(lines(log, 1)).containsExactly("first life");
      crash("web", "Exited with status 1");
      await().atMost(SOON).until(() -> backend.instanceGuid("web", 0).isPresent());
      backend.print("web", 0, "second life");
      assertThat(lines(log, 1)).containsExactly("second life");
      backend.print("web", 0, "last words");
      receptor.deleteDesiredLRP("web");
      assertThat(lines(log, 1)).containsExactly("last words");
      assertThat(log.next()).isEmpty();
    }
  }

  @Test
  void refusesToFollowTheLogOfNothing() {
    refuses(
        () -> receptor.followTaskLogs("t1", LogRange.last(1)),
        ReceptorErrorName.TaskNotFound,
        "task with guid 't1' not found");
    refuses(
        () -> receptor.followLrpLogs("web", 0, LogRange.last(1)),
        ReceptorErrorName.DesiredLRPNotFound,
        "Desired LRP with guid 'web' not found");
    refuses(
        () -> receptor.followLrpLogs("web", -1, LogRange.last(1)),
        ReceptorErrorName.InvalidRequest,
        "index must be a number from 0, was -1");
  }

  @Test
  void endsAFollowerThatWaitsWhenItIsClosed() throws Exception {
    runTask("t1");
    var log = receptor.followTaskLogs("t1", LogRange.last(0));
    var reader =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return log.next().toString();
              } catch (EventStreamEndedException ended) {
                return "ended";
              } catch (InterruptedException interrupted) {
                return "interrupted";
              }
            });
    log.close();
    assertThat(reader.get(30, TimeUnit.SECONDS)).isEqualTo("ended");
  }

  @Test
  void cutsALogThatIsFollowedWithTheReceptor() {
    runTask("t1");
    var log = receptor.followTaskLogs("t1", LogRange.last(0));
    store.close();
    assertThatExceptionOfType(EventStreamEndedException.class)
        .as("it is not over")
        .isThrownBy(log::next);
  }

  /** At least {@code count} lines. */
  private static List<String> lines(LogSource log, int count) throws InterruptedException {
    var texts = new ArrayList<String>();
    while (texts.size() < count) {
      var next = log.next();
      assertThat(next).as("the log is over after %s", texts).isNotEmpty();
      next.forEach(line -> texts.add(line.text()));
    }
    return texts;
  }

  // LRPs

  @Test
  void claimsAnInstanceAndTellsWhereItRuns() {
    receptor.createDesiredLRP(Requests.lrp("web", 1));
    var claimed = awaitInstance("web", 0, ActualLRPState.CLAIMED);
    assertThat(claimed.cellId()).isEqualTo(FakeBackend.CELL);
    assertThat(claimed.instanceGuid()).isNotEmpty();
    assertThat(claimed.address()).isEmpty();
    assertThat(claimed.ports()).isNull();
    assertThat(claimed.domain()).isEqualTo("demo");
    assertThat(claimed.modificationTag().index()).isEqualTo(1);
    await().atMost(SOON).until(() -> backend.instanceGuid("web", 0).isPresent());
    time.advance(Duration.ofSeconds(5));

    backend.becomeHealthy("web", 0);

    var running = instance("web", 0);
    assertThat(running.state()).isEqualTo(ActualLRPState.RUNNING);
    assertThat(running.address()).isEqualTo(FakeBackend.ADDRESS);
    assertThat(running.ports()).containsExactly(new PortMapping(8080, 68080));
    assertThat(running.since()).isEqualTo(claimed.since() + Duration.ofSeconds(5).toNanos());
    assertThat(running.modificationTag().index()).isEqualTo(2);
    assertThat(running.modificationTag().epoch()).isEqualTo(claimed.modificationTag().epoch());
  }

  @Test
  void keepsADesiredLRPAsItWasSent() {
    receptor.createDesiredLRP(Requests.lrp("web", 0));
    var lrp = receptor.findDesiredLRP("web").orElseThrow();
    var request = Requests.lrp("web", 0);
    assertThat(lrp.action()).isEqualTo(request.action());
    assertThat(lrp.routes()).isEqualTo(request.routes());
    assertThat(lrp.ports()).containsExactly(8080);
    assertThat(lrp.monitor()).isNull();
    assertThat(lrp.annotation()).isEqualTo("rev 1");
    assertThat(lrp.modificationTag().index()).isZero();
    assertThat(lrp.modificationTag().epoch()).isNotEmpty();
  }

  @Test
  void refusesABadDesiredLRP() {
    receptor.createDesiredLRP(Requests.lrp("web", 0));
    refuses(
        () -> receptor.createDesiredLRP(Requests.lrp("web", 0)),
        ReceptorErrorName.DesiredLRPAlreadyExists,
        "Desired LRP with guid 'web' already exists");
    refuses(
        () -> receptor.createDesiredLRP(Requests.lrp("a b", -1)),
        ReceptorErrorName.InvalidLRP,
        "Invalid field: process_guid, Invalid field: instances");
  }

  @Test
  void listsLRPsByDomain() {
    receptor.createDesiredLRP(Requests.lrp("a", "one", 1));
    receptor.createDesiredLRP(Requests.lrp("b", "two", 2));
    assertThat(receptor.desiredLRPs("")).hasSize(2);
    assertThat(receptor.desiredLRPs("two")).extracting(l -> l.processGuid()).containsExactly("b");
    var summaries = new ArrayList<DesiredLRPSummary>();
    receptor.summaries("", summaries::add);
    assertThat(summaries)
        .hasSize(2)
        .contains(DesiredLRPSummary.of(receptor.findDesiredLRP("a").orElseThrow()));
    assertThat(receptor.actualLRPs("")).hasSize(3);
    assertThat(receptor.actualLRPs("one")).extracting(a -> a.processGuid()).containsExactly("a");
    assertThat(receptor.actualLRPsOf("b")).extracting(a -> a.index()).containsExactly(0, 1);
    assertThat(receptor.actualLRPsOf("c")).isEmpty();
    assertThat(receptor.findActualLRP("b", 7)).isEmpty();
    assertThat(receptor.findDesiredLRP("c")).isEmpty();
  }

  @Test
  void updatesWhatIsGivenAndLeavesTheRest() {
    receptor.createDesiredLRP(Requests.lrp("web", 0));
    var before = receptor.findDesiredLRP("web").orElseThrow();

    receptor.updateDesiredLRP("web", new DesiredLRPUpdateRequest(null, null, "rev 2"));
    var annotated = receptor.findDesiredLRP("web").orElseThrow();
    assertThat(annotated.annotation()).isEqualTo("rev 2");
    assertThat(annotated.routes()).isEqualTo(before.routes());
    assertThat(annotated.modificationTag().index()).isEqualTo(1);

    var routes = Requests.routes("{\"other\":[1.50,\"<x>\"]}");
    receptor.updateDesiredLRP("web", new DesiredLRPUpdateRequest(null, routes, null));
    var routed = receptor.findDesiredLRP("web").orElseThrow();
    assertThat(routed.routes()).isEqualTo(routes);
    assertThat(routed.annotation()).isEqualTo("rev 2");

    receptor.updateDesiredLRP("web", new DesiredLRPUpdateRequest(null, null, null));
    assertThat(receptor.findDesiredLRP("web").orElseThrow().modificationTag().index())
        .as("a change of nothing counts too")
        .isEqualTo(3);
  }

  /** ltc and others put numbers and texts there of which only they know what they mean. */
  @Test
  void tellsRoutesAsTheyWereSent() {
    receptor.createDesiredLRP(Requests.lrp("web", 0));
    var routes = Requests.routes("{\"odd\":{ \"n\":[1E5,-0,1.50],\"t\":\"\\u0061\\/<\",\"t\":2}}");
    receptor.updateDesiredLRP("web", new DesiredLRPUpdateRequest(null, routes, null));
    var told = "{\"n\":[1E5,-0,1.50],\"t\":\"\\u0061\\/\\u003c\",\"t\":2}";
    assertThat(receptor.findDesiredLRP("web").orElseThrow().routes().get("odd")).hasToString(told);
    assertThat(receptor.desiredLRPs(""))
        .singleElement()
        .satisfies(lrp -> assertThat(lrp.routes().get("odd")).hasToString(told));
  }

  @Test
  void refusesABadUpdate() {
    refuses(
        () -> receptor.updateDesiredLRP("web", Requests.instances(1)),
        ReceptorErrorName.DesiredLRPNotFound,
        "Desired LRP with guid 'web' not found");
    receptor.createDesiredLRP(Requests.lrp("web", 0));
    refuses(
        () -> receptor.updateDesiredLRP("web", Requests.instances(-1)),
        ReceptorErrorName.UnknownError,
        "Invalid field: instances");
  }

  @Test
  void scalesUpAndDownFromTheTop() {
    runLRP("web", 1);
    receptor.updateDesiredLRP("web", Requests.instances(3));
    awaitInstance("web", 2, ActualLRPState.CLAIMED);
    await().atMost(SOON).until(() -> backend.instanceGuid("web", 2).isPresent());
    var third = backend.instanceGuid("web", 2).orElseThrow();
    var second = backend.instanceGuid("web", 1).orElseThrow();

    receptor.updateDesiredLRP("web", Requests.instances(1));

    assertThat(backend.stops()).containsExactly(third, second);
    assertThat(receptor.actualLRPsOf("web")).extracting(a -> a.index()).containsExactly(0);
  }

  @Test
  void stopsEverythingOfADeletedLRP() {
    runLRP("web", 2);

    receptor.deleteDesiredLRP("web");

    assertThat(receptor.findDesiredLRP("web")).isEmpty();
    assertThat(receptor.actualLRPsOf("web")).isEmpty();
    assertThat(backend.stops()).hasSize(2);
    await().atMost(SOON).until(() -> backend.forgotten().contains("web"));
    refuses(
        () -> receptor.deleteDesiredLRP("web"),
        ReceptorErrorName.DesiredLRPNotFound,
        "Desired LRP with guid 'web' not found");
  }

  @Test
  void replacesAnInstanceThatIsKilled() {
    runLRP("web", 1);
    var before = instance("web", 0);

    receptor.killActualLRP("web", 0);

    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              var after = instance("web", 0);
              assertThat(after.state()).isEqualTo(ActualLRPState.CLAIMED);
              assertThat(after.modificationTag().epoch())
                  .isNotEqualTo(before.modificationTag().epoch());
              assertThat(after.crashCount()).isZero();
            });
    refuses(
        () -> receptor.killActualLRP("web", 1),
        ReceptorErrorName.ActualLRPIndexNotFound,
        "process-guid 'web' does not exist or has no instance at index 1");
  }

  @Test
  void restartsACrashedInstanceAtOnceTwiceAndThenAfterAWait() {
    runLRP("web", 1);
    crash("web", "Exited with status 1");
    await().atMost(SOON).until(() -> backend.instanceGuid("web", 0).isPresent());
    crash("web", "Exited with status 2");
    await().atMost(SOON).until(() -> backend.instanceGuid("web", 0).isPresent());
    crash("web", "Exited with status 3");

    var crashed = instance("web", 0);
    assertThat(crashed.state()).isEqualTo(ActualLRPState.CRASHED);
    assertThat(crashed.crashCount()).isEqualTo(3);
    assertThat(crashed.crashReason()).isEqualTo("Exited with status 3");
    assertThat(crashed.instanceGuid()).isEmpty();
    assertThat(crashed.cellId()).isEmpty();

    time.advance(Duration.ofSeconds(29));
    assertThat(instance("web", 0).state()).isEqualTo(ActualLRPState.CRASHED);
    time.advance(Duration.ofSeconds(1));
    awaitInstance("web", 0, ActualLRPState.CLAIMED);
    assertThat(instance("web", 0).crashCount()).isEqualTo(3);
  }

  @Test
  void tellsWhyAnInstanceIsOnNoCellAndTriesAgain() {
    backend.refusePlacement(PlacementException.NO_COMPATIBLE_CELL);
    receptor.createDesiredLRP(Requests.lrp("web", 1));
    await()
        .atMost(SOON)
        .until(() -> instance("web", 0).placementError().equals("found no compatible cell"));
    assertThat(instance("web", 0).state()).isEqualTo(ActualLRPState.UNCLAIMED);
    backend.acceptPlacement();
    time.advance(Duration.ofSeconds(30));
    assertThat(awaitInstance("web", 0, ActualLRPState.CLAIMED).placementError()).isEmpty();
  }

  // Cells, domains, events

  @Test
  void listsCells() {
    assertThat(receptor.cells()).isEqualTo(backend.cells());
  }

  @Test
  void forgetsADomainWhenItsTimeIsOver() {
    receptor.upsertDomain("for-ever", Duration.ZERO);
    receptor.upsertDomain("short & odd/ü", Duration.ofSeconds(90));
    assertThat(receptor.domains()).containsExactlyInAnyOrder("for-ever", "short & odd/ü");
    time.advance(Duration.ofSeconds(89));
    assertThat(receptor.domains()).hasSize(2);
    time.advance(Duration.ofSeconds(1));
    assertThat(receptor.domains()).containsExactly("for-ever");
  }

  @Test
  void tellsOfEveryChangeInOrder() throws InterruptedException {
    try (var events = receptor.subscribeToEvents()) {
      receptor.createDesiredLRP(Requests.lrp("web", 1));
      var created = (ReceptorEvent.DesiredLRPCreated) events.next();
      assertThat(created.desiredLRP()).isEqualTo(receptor.findDesiredLRP("web").orElseThrow());
      var unclaimed = ((ReceptorEvent.ActualLRPCreated) events.next()).actualLRP();
      assertThat(unclaimed.state()).isEqualTo(ActualLRPState.UNCLAIMED);
      assertThat(unclaimed.ports()).isNull();
      var claim = (ReceptorEvent.ActualLRPChanged) events.next();
      assertThat(claim.before()).isEqualTo(unclaimed);
      assertThat(claim.after()).isEqualTo(instance("web", 0));

      await().atMost(SOON).until(() -> backend.instanceGuid("web", 0).isPresent());
      crash("web", "Exited with status 1");
      var crash = (ReceptorEvent.ActualLRPChanged) events.next();
      assertThat(crash.before()).isEqualTo(claim.after());
      assertThat(crash.after().crashCount()).isEqualTo(1);
      var claimedAgain = (ReceptorEvent.ActualLRPChanged) events.next();
      assertThat(claimedAgain.after().state()).isEqualTo(ActualLRPState.CLAIMED);

      receptor.updateDesiredLRP("web", Requests.instances(0));
      var change = (ReceptorEvent.DesiredLRPChanged) events.next();
      assertThat(change.before()).isEqualTo(created.desiredLRP());
      assertThat(change.after().instances()).isZero();
      assertThat(((ReceptorEvent.ActualLRPRemoved) events.next()).actualLRP().instanceGuid())
          .isEqualTo(claimedAgain.after().instanceGuid());
      receptor.deleteDesiredLRP("web");
      assertThat(((ReceptorEvent.DesiredLRPRemoved) events.next()).desiredLRP())
          .isEqualTo(change.after());
    }
  }

  @Test
  void endsTheEventStreamOfWhoClosesIt() {
    var events = receptor.subscribeToEvents();
    events.close();
    assertThatExceptionOfType(EventStreamEndedException.class).isThrownBy(events::next);
    assertThatExceptionOfType(EventStreamEndedException.class).isThrownBy(events::next);
  }

  @Test
  void endsTheEventStreamWithTheReceptor() {
    var events = receptor.subscribeToEvents();
    store.close();
    assertThatExceptionOfType(EventStreamEndedException.class).isThrownBy(events::next);
  }

  @Test
  void goesOnWithTheEventsWhereAStreamWasCut() throws InterruptedException {
    String last;
    try (var events = receptor.subscribeToEvents("")) {
      assertThat(events.isResumed()).isFalse();
      receptor.createDesiredLRP(Requests.lrp("a", 0));
      receptor.createDesiredLRP(Requests.lrp("b", 0));
      assertThat(created(events)).isEqualTo("a");
      last = events.lastEventId();
    }
    receptor.createDesiredLRP(Requests.lrp("c", 0));
    try (var events = receptor.subscribeToEvents(last)) {
      assertThat(events.isResumed()).isTrue();
      assertThat(created(events)).isEqualTo("b");
      assertThat(created(events)).isEqualTo("c");
      receptor.createDesiredLRP(Requests.lrp("d", 0));
      assertThat(created(events)).isEqualTo("d");
    }
  }

  @Test
  void saysThatEventsMayBeMissingAfterAnIdItDoesNotKnow() throws InterruptedException {
    for (var id : List.of("7", "x", "another-life.0", "0")) {
      try (var events = receptor.subscribeToEvents(id)) {
        assertThat(events.isResumed()).as(id).isFalse();
        receptor.createDesiredLRP(Requests.lrp("after-" + id.replace('.', '-'), 0));
        assertThat(created(events)).as("from now on").isEqualTo("after-" + id.replace('.', '-'));
      }
    }
  }

  private static String created(EventSource events) throws InterruptedException {
    return ((ReceptorEvent.DesiredLRPCreated) events.next()).desiredLRP().processGuid();
  }

  private void runTask(String guid) {
    receptor.createTask(Requests.task(guid));
    await().atMost(SOON).until(() -> backend.isRunning(guid));
  }

  private void runLRP(String processGuid, int instances) {
    receptor.createDesiredLRP(Requests.lrp(processGuid, instances));
    for (var index = 0; index < instances; index++) {
      var i = index;
      await().atMost(SOON).until(() -> backend.instanceGuid(processGuid, i).isPresent());
      backend.becomeHealthy(processGuid, i);
    }
  }

  private void crash(String processGuid, String reason) {
    backend.crash(processGuid, 0, reason);
  }

  private TaskResponse task(String guid) {
    return receptor.findTask(guid).orElseThrow();
  }

  private void awaitState(String guid, TaskState state) {
    await().atMost(SOON).until(() -> task(guid).state() == state);
  }

  private ActualLRPResponse instance(String processGuid, int index) {
    return receptor.findActualLRP(processGuid, index).orElseThrow();
  }

  private ActualLRPResponse awaitInstance(String processGuid, int index, ActualLRPState state) {
    await().atMost(SOON).until(() -> instance(processGuid, index).state() == state);
    return instance(processGuid, index);
  }

  private static void refuses(ThrowingCallable call, ReceptorErrorName name, String message) {
    assertThatExceptionOfType(ReceptorException.class)
        .isThrownBy(call)
        .withMessage(message)
        .satisfies(e -> assertThat(e.name()).isEqualTo(name));
  }
}
