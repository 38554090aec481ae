package dev.ccbridge.receptor.backend.process;

import static dev.ccbridge.receptor.backend.Containers.sh;
import static dev.ccbridge.receptor.backend.Containers.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.ContainerOutcome;
import dev.ccbridge.receptor.backend.Containers;
import dev.ccbridge.receptor.backend.RecordingListener;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.LogLine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One backend after the other on the same directory. */
@Timeout(60)
class RestartIT {
  @TempDir private Path data;
  private final RecordingListener listener = new RecordingListener();

  private ProcessBackend start(Container... tasks) {
    var backend =
        new ProcessBackend(
            ProcessBackendConfig.defaults(data).withTiming(ProcessBackendContract.FAST));
    backend.start(listener, List.of(tasks));
    return backend;
  }

  private Path files(Container container) {
    return data.resolve("containers").resolve(container.guid());
  }

  private Path run(Container task, String id) {
    return files(task).resolve("runs").resolve(id);
  }

  private static Action.Run untilTold() {
    return sh(
        "echo began >> began; echo up; while [ ! -e go ]; do sleep 0.05; done; cp began /tmp/r");
  }

  private void tell(Container task) throws Exception {
    Files.createFile(files(task).resolve("home/vcap/go"));
  }

  @Test
  void tasksAreLeftAndGoneOnWith() throws Exception {
    var task = task(untilTold(), "/tmp/r");
    try (var backend = start()) {
      backend.run(task);
      await().until(() -> !backend.taskLogs(task.guid(), 1).isEmpty());
    }

    assertThat(listener.hasEnded(task.guid())).isFalse();
    try (var backend = start(task)) {
      tell(task);
      assertThat(listener.awaitEnd(task.guid())).isEqualTo(ContainerOutcome.succeeded("began\n"));
      assertThat(backend.taskLogs(task.guid(), 10).stream().map(LogLine::text))
          .containsExactly("up", "Exit status 0");
    }
  }

  @Test
  void programThatEndedMeanwhileIsNotRepeated() throws Exception {
    var task = task(Action.timeout(Duration.ofMinutes(1).toNanos(), untilTold()), "/tmp/r");
    try (var backend = start()) {
      backend.run(task);
      await().until(() -> !backend.taskLogs(task.guid(), 1).isEmpty());
    }
    tell(task);
    await().until(() -> Files.exists(run(task, "0_0").resolve("status")));

    try (var backend = start(task)) {
      assertThat(listener.awaitEnd(task.guid()).result()).isEqualTo("began\n");
      assertThat(backend.progress(task.guid()).steps()).hasSize(1);
    }
  }

  @Test
  void endedTaskIsToldOfAgain() throws Exception {
    var task = task(sh("echo x >> /tmp/r"), "/tmp/r");
    try (var backend = start()) {
      backend.run(task);
      assertThat(listener.awaitEnd(task.guid()).result()).isEqualTo("x\n");
    }

    var again = new RecordingListener();
    try (var backend =
        new ProcessBackend(
            ProcessBackendConfig.defaults(data).withTiming(ProcessBackendContract.FAST))) {
      backend.start(again, List.of(task));
      assertThat(again.awaitEnd(task.guid())).isEqualTo(ContainerOutcome.succeeded("x\n"));
    }
  }

  @Test
  void taskThatNeverBeganBegins() throws Exception {
    var task = task(sh("echo x > /tmp/r"), "/tmp/r");

    try (var backend = start(task)) {
      assertThat(listener.awaitEnd(task.guid()).result()).isEqualTo("x\n");
      assertThat(backend.cells()).hasSize(1);
    }
  }

  @Test
  void programThatVanishedWithItsWatcherLosesItsTask() throws Exception {
    var task = task(Action.tolerate(untilTold()));
    try (var backend = start()) {
      backend.run(task);
      await().until(() -> !backend.taskLogs(task.guid(), 1).isEmpty());
    }
    var watcher = ProcessIdentity.read(run(task, "0_0").resolve("token")).orElseThrow();
    ContainerProcesses.kill(watcher.pid());
    ContainerProcesses.kill(new ContainerDirectory(files(task)));

    try (var backend = start(task)) {
      assertThat(listener.awaitEnd(task.guid()))
          .isEqualTo(ContainerOutcome.failed("cell disappeared before completion"));
      assertThat(backend.cells()).hasSize(1);
    }
  }

  @Test
  void programThatMayHaveBegunBeforeTheMachineWentDownIsNotStarted() throws Exception {
    var task = task(sh("echo x"));
    Files.createDirectories(run(task, "0"));
    Files.writeString(run(task, "0").resolve("intent"), "another boot");

    try (var backend = start(task)) {
      assertThat(listener.awaitEnd(task.guid()).reason())
          .isEqualTo("cell disappeared before completion");
      assertThat(backend.taskLogs(task.guid(), 10)).isEmpty();
    }
  }

  @Test
  void watcherThatMayNotHaveBeenStartedIsStartedAgain() throws Exception {
    var task = task(sh("echo y > /tmp/r"), "/tmp/r");
    Files.createDirectories(run(task, "0"));
    Files.writeString(run(task, "0").resolve("intent"), ProcFs.bootId());
    Files.writeString(run(task, "0").resolve("script"), "exec true </dev/null\n");

    try (var backend = start(task)) {
      assertThat(listener.awaitEnd(task.guid()).reason()).isEqualTo("failed to fetch result");
      assertThat(backend.taskLogs(task.guid(), 10).getLast().text()).isEqualTo("Exit status 0");
    }
  }

  @Test
  void ofManyWatchersOneRunsTheProgram() throws Exception {
    var confinement = Confinement.probe(Optional.of(Isolation.PATH_REWRITING), data);
    var directory = new ContainerDirectory(data.resolve("c"));
    directory.create();
    var run = Files.createDirectory(directory.run("0"));
    Files.writeString(run.resolve("script"), "echo ran; exec sleep 0.2 </dev/null\n");

    var watchers = new ArrayList<Process>();
    for (int i = 0; i < 8; i++) {
      watchers.add(confinement.watch(directory, run, ""));
    }

    var statuses = new ArrayList<Integer>();
    for (var watcher : watchers) {
      statuses.add(watcher.waitFor());
    }
    assertThat(statuses).containsOnlyOnce(0).containsOnly(0, 97);
    assertThat(run.resolve("out")).hasContent("ran");
    assertThat(run.resolve("status")).hasContent("0");
  }

  @Test
  void helperOfAWatcherIsNotTakenForTheProgram() throws Exception {
    var directory = new ContainerDirectory(data.resolve("c"));
    directory.create();
    var run = Files.createDirectory(directory.run("0"));
    var builder =
        new ProcessBuilder(
            "/bin/sh", "-c", "read -r s </proc/self/stat; echo \"$s\" >token; sleep 1000; exit");
    builder.environment().put(ContainerProcesses.WATCHER_MARK, directory.path().toString());
    var watcher = builder.directory(run.toFile()).start();
    await().until(() -> watcher.children().count() == 1);
    var helper = watcher.children().findFirst().orElseThrow();
    var program = RunningProgram.found(run, directory, false, List.of(), Clock.systemUTC());

    program.terminate();
    program.kill();

    assertThat(helper.isAlive()).isTrue();
    program.detach();
    ContainerProcesses.kill(directory);
    assertThat(watcher.waitFor()).isNotZero();
  }

  @Test
  void instancesEndWhenTheBackendIsClosed() throws Exception {
    var instance = Containers.instance(sh("sleep 1000"), null, 0);
    var backend = start();
    backend.run(instance);
    listener.awaitRunning(instance.guid());

    backend.close();

    assertThat(ContainerProcesses.directoriesInUse(data.resolve("containers"))).isEmpty();
    assertThat(listener.hasEnded(instance.guid())).isFalse();
  }

  @Test
  void directoryBelongsToOneBackend() {
    try (var backend = start()) {
      assertThatThrownBy(this::start)
          .isInstanceOf(CcBridgeException.class)
          .hasMessageContaining("another backend uses it");
      assertThat(backend.cells()).hasSize(1);
    }
  }
}
