package dev.ccbridge.receptor.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.receptor.Requests;
import dev.ccbridge.receptor.backend.FakeBackend;
import dev.ccbridge.receptor.backend.PlacementException;
import dev.ccbridge.receptor.model.DesiredLRPUpdateRequest;
import dev.ccbridge.receptor.model.ReceptorException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a sudden death would undo is told to nobody, and nothing rests on it. */
@Timeout(60)
class SlowDiskTest {
  @TempDir private Path directory;
  private final FakeBackend backend = new FakeBackend();
  private SlowRecords records;
  private ReceptorStore store;

  @BeforeEach
  void start() {
    var time = new DrivenTime();
    records = new SlowRecords(directory.resolve("receptor.db"));
    store = new ReceptorStore(ReceptorStoreConfig.defaults(), records, backend, time, time);
    store.start();
  }

  @AfterEach
  void close() {
    records.release();
    store.close();
  }

  @Test
  void containerStaysUntilItsTasksEndIsOnTheDisk() throws Exception {
    run("t1");
    records.hold();
    var ending = CompletableFuture.runAsync(() -> backend.finish("t1", "r"));
    awaitHeld(Table.TASKS, "t1");

    var deletion = CompletableFuture.runAsync(() -> store.deleteTask("t1"));
    await()
        .atMost(StoreScenario.SOON)
        .until(() -> records.waiting() > 0 || !backend.destroyed().isEmpty());
    assertThat(backend.destroyed()).isEmpty();

    records.release();
    ending.get(20, TimeUnit.SECONDS);
    deletion.get(20, TimeUnit.SECONDS);
    assertThat(backend.destroyed()).containsExactly("t1");
    assertThat(store.findTask("t1")).isEmpty();
  }

  private static Stream<Arguments> refusedCalls() {
    return Stream.of(
        refused("delete a task", "task with guid", s -> s.deleteTask("t1")),
        refused("cancel a task", "task with guid", s -> s.cancelTask("t1")),
        refused("create a task", "already exists", s -> s.createTask(Requests.task("t2"))),
        refused("delete an LRP", "not found", s -> s.deleteDesiredLRP("web")),
        refused(
            "update an LRP",
            "not found",
            s -> s.updateDesiredLRP("web", new DesiredLRPUpdateRequest(2, null, null))),
        refused(
            "create an LRP", "already exists", s -> s.createDesiredLRP(Requests.lrp("next", 0))),
        refused("stop an instance", "no instance at index 0", s -> s.killActualLRP("web", 0)));
  }

  private static Arguments refused(String what, String why, Consumer<ReceptorStore> call) {
    return Arguments.of(what, why, call);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedCalls")
  void refusalTellsOfWhatIsOnTheDisk(String what, String why, Consumer<ReceptorStore> call) {
    run("t1");
    backend.finish("t1", "r");
    backend.refusePlacement(PlacementException.INSUFFICIENT_RESOURCES);
    store.createDesiredLRP(Requests.lrp("web", 1));
    await()
        .atMost(StoreScenario.SOON)
        .until(() -> !store.actualLRPsOf("web").getFirst().placementError().isEmpty());
    records.hold();
    CompletableFuture.runAsync(() -> store.deleteTask("t1"));
    CompletableFuture.runAsync(() -> store.createTask(Requests.task("t2")));
    CompletableFuture.runAsync(() -> store.deleteDesiredLRP("web"));
    CompletableFuture.runAsync(() -> store.createDesiredLRP(Requests.lrp("next", 0)));
    Stream.of("t1", "t2").forEach(guid -> awaitHeld(Table.TASKS, guid));
    Stream.of("web", "next").forEach(guid -> awaitHeld(Table.DESIRED_LRPS, guid));
    awaitHeld(Table.ACTUAL_LRPS, new LRPKey("web", 0).asText());
    var before = records.waiting();

    var answer = CompletableFuture.runAsync(() -> call.accept(store));
    await().atMost(StoreScenario.SOON).until(() -> records.waiting() > before || answer.isDone());
    assertThat(answer).isNotDone();

    records.release();
    assertThatThrownBy(() -> answer.get(20, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(ReceptorException.class)
        .hasMessageContaining(why);
  }

  private void run(String guid) {
    store.createTask(Requests.task(guid));
    await().atMost(StoreScenario.SOON).until(() -> backend.isRunning(guid));
  }

  private void awaitHeld(Table table, String key) {
    await().atMost(StoreScenario.SOON).until(() -> records.isHolding(table, key));
  }
}
