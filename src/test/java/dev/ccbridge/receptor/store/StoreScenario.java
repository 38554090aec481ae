package dev.ccbridge.receptor.store;

import static org.awaitility.Awaitility.await;

import dev.ccbridge.receptor.Requests;
import dev.ccbridge.receptor.backend.FakeBackend;
import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.TaskResponse;
import dev.ccbridge.receptor.model.TaskState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;

/** A store over a fake backend in a time of its own, and the next process after its death. */
final class StoreScenario implements AutoCloseable {
  static final Duration SOON = Duration.ofSeconds(10);

  final DrivenTime time = new DrivenTime();
  final FakeBackend backend;
  final ReceptorStore store;
  private final Path file;

  StoreScenario(Path file) {
    this(file, new FakeBackend());
  }

  private StoreScenario(Path file, FakeBackend backend) {
    this.file = file;
    this.backend = backend;
    this.store =
        new ReceptorStore(
            ReceptorStoreConfig.defaults(), Records.inFile(file), backend, time, time);
    store.start();
  }

  /** The next process, as if this one had been killed at this moment. */
  StoreScenario killed() {
    try {
      var copy = Files.copy(file, file.resolveSibling(file.getFileName() + "+"));
      return new StoreScenario(copy, backend.afterRestart());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** The task as it is on the disk at this moment. */
  StoredTask onDisk(String guid) {
    return onDisk(Table.TASKS, guid, StoredTask.class);
  }

  ActualLRPGroup actualOnDisk(LRPKey key) {
    return onDisk(Table.ACTUAL_LRPS, key.asText(), ActualLRPGroup.class);
  }

  private <T> T onDisk(Table table, String key, Class<T> type) {
    var copy = file.resolveSibling("copy-" + UUID.randomUUID());
    try {
      Files.copy(file, copy);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    try (var copied = StoreFile.open(copy)) {
      return copied.load(table, type).get(key);
    }
  }

  /** The next process, after this one was closed. */
  StoreScenario restarted() {
    store.close();
    return new StoreScenario(file, backend.afterRestart());
  }

  void runTask(String guid, String callbackUrl) {
    store.createTask(Requests.task(guid, "demo", callbackUrl));
    await().atMost(SOON).until(() -> backend.isRunning(guid));
  }

  void runLRP(String processGuid, int instances) {
    store.createDesiredLRP(Requests.lrp(processGuid, instances));
    for (var index = 0; index < instances; index++) {
      awaitContainer(processGuid, index);
      backend.becomeHealthy(processGuid, index);
    }
  }

  /** Returns when what is known of instances is on the disk. */
  void settleInstances() {
    store.actualLRPs("");
  }

  String awaitContainer(String processGuid, int index) {
    await().atMost(SOON).until(() -> backend.instanceGuid(processGuid, index).isPresent());
    return backend.instanceGuid(processGuid, index).orElseThrow();
  }

  TaskResponse task(String guid) {
    return store.findTask(guid).orElseThrow();
  }

  ActualLRPResponse instance(String processGuid, int index) {
    return store.findActualLRP(processGuid, index).orElseThrow();
  }

  void awaitTask(String guid, TaskState state) {
    await().atMost(SOON).until(() -> task(guid).state() == state);
  }

  void awaitInstance(String processGuid, int index, ActualLRPState state) {
    await().atMost(SOON).until(() -> instance(processGuid, index).state() == state);
  }

  void awaitNoTask(String guid) {
    await().atMost(SOON).until(() -> store.findTask(guid).isEmpty());
  }

  @Override
  public void close() {
    store.close();
  }
}
